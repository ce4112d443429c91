package evidence

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// ParsePublicKeyDER reads a SubjectPublicKeyInfo (RFC 5280), the form in which a device of Twilio's Verify API gives its key,
// under the rules of [ParsePublicKey].
func ParsePublicKeyDER(der []byte) (*PublicKey, error) {
	if len(der) > maxKeySize {
		return nil, fmt.Errorf("%w: it has %d bytes: at most %d are allowed", ErrKey, len(der), maxKeySize)
	}
	key, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, fmt.Errorf("%w: must be the DER of a SubjectPublicKeyInfo", ErrKey)
	}
	return newPublicKey(jose.JSONWebKey{Key: key})
}

// DER is the key as a SubjectPublicKeyInfo.
func (k *PublicKey) DER() ([]byte, error) { return x509.MarshalPKIXPublicKey(k.jwk.Key) }

// SignText signs a text with ECDSA over its SHA-256, in DER: how a device of Twilio's Verify API shows that it has its key. A
// key for another algorithm than [ES256] is [ErrKey].
func SignText(key *PrivateKey, text string) ([]byte, error) {
	private, is := key.jwk.Key.(*ecdsa.PrivateKey)
	if !is {
		return nil, fmt.Errorf("%w: signs %s, not ES256", ErrKey, key.public.alg)
	}
	digest := sha256.Sum256([]byte(text))
	return private.Sign(rand.Reader, digest[:], crypto.SHA256)
}

// VerifyText reports whether the signature is one of the text by this key, as [SignText] makes them.
func (k *PublicKey) VerifyText(text string, signature []byte) bool {
	public, is := k.jwk.Key.(*ecdsa.PublicKey)
	digest := sha256.Sum256([]byte(text))
	return is && ecdsa.VerifyASN1(public, digest[:], signature)
}
