package evidence

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// maxJWSSize bounds a compact JWS in bytes. An answer with the longest reason and RSA signature needs under 3 KiB.
const maxJWSSize = 16 << 10

// parseCompact reads a compact JWS whatever its algorithm, so that a caller can say what is wrong with it in the order
// of the device API: [verify] is what refuses an algorithm.
func parseCompact(text string) (*jose.JSONWebSignature, error) {
	if len(text) > maxJWSSize {
		return nil, fmt.Errorf("%w: has %d bytes: at most %d are allowed", ErrMalformed, len(text), maxJWSSize)
	}
	if err := checkCanonical(text); err != nil {
		return nil, err
	}
	jws, err := jose.ParseSignedCompact(text, []jose.SignatureAlgorithm{jose.ES256, jose.RS256})
	var unexpected *jose.ErrUnexpectedSignatureAlgorithm
	if errors.As(err, &unexpected) {
		jws, err = jose.ParseSignedCompact(text, []jose.SignatureAlgorithm{unexpected.Got})
	}
	if err != nil {
		return nil, fmt.Errorf("%w: must be a JSON header, a payload and a signature, in base64url and joined by dots",
			ErrMalformed)
	}
	return jws, nil
}

// checkCanonical makes every byte of the text count. go-jose, like encoding/base64, skips line breaks and ignores the
// unused bits of a part's last character, so that several texts would pass for one signature.
func checkCanonical(text string) error {
	if strings.ContainsAny(text, "\r\n") {
		return fmt.Errorf("%w: contains a line break", ErrMalformed)
	}
	strict := base64.RawURLEncoding.Strict()
	for part := range strings.SplitSeq(text, ".") {
		last := part[len(part)-len(part)%4:]
		if _, err := strict.DecodeString(last); err != nil {
			return fmt.Errorf("%w: a part ends in %q, which is not the end of base64url without padding", ErrMalformed, last)
		}
	}
	return nil
}

// verify refuses all but a signature by the key itself, with the key's own algorithm, for the given purpose.
func verify(jws *jose.JSONWebSignature, key *PublicKey, typ jose.ContentType) error {
	header := jws.Signatures[0].Protected
	if header.Algorithm != string(key.alg) {
		return fmt.Errorf("%w: alg is %q: must be the key's own, %s", ErrSignature, header.Algorithm, key.alg)
	}
	if header.ExtraHeaders[jose.HeaderType] != string(typ) {
		return fmt.Errorf("%w: typ is %v: must be %s", ErrSignature, header.ExtraHeaders[jose.HeaderType], typ)
	}
	// crit names extensions that must be understood (RFC 7515, section 4.1.11); none is. b64 is one of them (RFC 7797),
	// which go-jose would follow even when crit does not name it.
	for _, extension := range []jose.HeaderKey{"crit", "b64"} {
		if _, given := header.ExtraHeaders[extension]; given {
			return fmt.Errorf("%w: header %s is not supported", ErrSignature, extension)
		}
	}
	if _, err := jws.Verify(key.jwk.Key); err != nil {
		return fmt.Errorf("%w: not made by key %s, or changed since", ErrSignature, key.id)
	}
	return nil
}

// checkKeyID refuses a signature that names another key.
func checkKeyID(jws *jose.JSONWebSignature, key *PublicKey) error {
	if id := jws.Signatures[0].Protected.KeyID; id != key.id {
		return fmt.Errorf("%w: kid is %q: must be the key's thumbprint, %s", ErrSignature, id, key.id)
	}
	return nil
}
