package evidence

import (
	"crypto"
	"encoding/base64"
	"fmt"
	"log/slog"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"
)

// maxKeySize bounds a JWK in bytes. A private RSA key of 4096 bits needs 3.3 KiB.
const maxKeySize = 8 << 10

// PublicKey checks what a device signed. It is safe for concurrent use.
type PublicKey struct {
	jwk jose.JSONWebKey
	alg Algorithm
	id  string
}

// ParsePublicKey reads a JWK (RFC 7517) of at most 8 KiB: an EC key on P-256, or an RSA key of 2048 to 4096 bits with an
// odd exponent from 3. Members beyond the key itself are ignored, save that "alg" and "use" must not contradict it.
// Everything else is [ErrKey], above all a key with private members: a device that sends one has given its key away.
func ParsePublicKey(jwk []byte) (*PublicKey, error) {
	members, err := keyMembers(jwk)
	if err != nil {
		return nil, err
	}
	// RFC 7518, sections 6.2.2, 6.3.2 and 6.4.1.
	for _, private := range []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k"} {
		if _, given := members[private]; given {
			return nil, fmt.Errorf("%w: member %q is private and must never leave the device", ErrKey, private)
		}
	}
	parsed, err := parseJWK(jwk)
	if err != nil {
		return nil, err
	}
	return newPublicKey(parsed)
}

// keyMembers reads a JWK as a plain object first: parsing a key is costly when its members are hostile.
func keyMembers(jwk []byte) (map[string]json.RawMessage, error) {
	if len(jwk) > maxKeySize {
		return nil, fmt.Errorf("%w: JWK has %d bytes: at most %d are allowed", ErrKey, len(jwk), maxKeySize)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(jwk, &members); err != nil || members == nil {
		return nil, fmt.Errorf("%w: JWK must be a JSON object without repeated members", ErrKey)
	}
	return members, nil
}

func parseJWK(data []byte) (jose.JSONWebKey, error) {
	var jwk jose.JSONWebKey
	if err := jwk.UnmarshalJSON(data); err != nil {
		return jwk, fmt.Errorf("%w: JWK must be a valid EC key on P-256 or RSA key of %d to %d bits",
			ErrKey, leastModulusBits, mostModulusBits)
	}
	return jwk, nil
}

func newPublicKey(parsed jose.JSONWebKey) (*PublicKey, error) {
	alg, err := algorithmOf(parsed.Key)
	if err != nil {
		return nil, err
	}
	if parsed.Algorithm != "" && parsed.Algorithm != string(alg) {
		return nil, fmt.Errorf("%w: JWK says alg %q, but such a key signs %s", ErrKey, parsed.Algorithm, alg)
	}
	if parsed.Use != "" && parsed.Use != "sig" {
		return nil, fmt.Errorf("%w: JWK says use %q: must be sig", ErrKey, parsed.Use)
	}
	// Only the key itself is kept, so that every spelling of a key becomes the same JWK.
	jwk := jose.JSONWebKey{Key: parsed.Key}
	thumbprint, err := jwk.Thumbprint(crypto.SHA256)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	return &PublicKey{jwk: jwk, alg: alg, id: base64.RawURLEncoding.EncodeToString(thumbprint)}, nil
}

// MarshalJSON writes the key as a JWK with its required members only.
func (k PublicKey) MarshalJSON() ([]byte, error) { return k.jwk.MarshalJSON() }

// ID is the key's RFC 7638 SHA-256 thumbprint in base64url, the `kid` of what it signs.
func (k PublicKey) ID() string { return k.id }

// Algorithm is the one algorithm the key verifies.
func (k PublicKey) Algorithm() Algorithm { return k.alg }

// String names the key by algorithm and thumbprint.
func (k PublicKey) String() string { return string(k.alg) + " " + k.id }

// LogValue names the key by algorithm and thumbprint.
func (k PublicKey) LogValue() slog.Value { return slog.StringValue(k.String()) }
