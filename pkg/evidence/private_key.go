package evidence

import (
	"crypto"
	"errors"
	"fmt"
	"log/slog"

	"github.com/go-jose/go-jose/v4"
)

// PrivateKey signs for a device. It never shows itself: printing or logging one names its public half, and
// encoding/json finds nothing in it. Only [PrivateKey.JWK] gives it out. It is safe for concurrent use.
type PrivateKey struct {
	jwk     jose.JSONWebKey
	public  *PublicKey
	answers jose.Signer
	proofs  jose.Signer
}

// GenerateKey makes a key from the system's secure random source: on P-256 for [ES256], of 2048 bits for [RS256].
// Another algorithm is [ErrKey].
func GenerateKey(alg Algorithm) (*PrivateKey, error) {
	key, err := alg.generate()
	if err != nil {
		return nil, err
	}
	return newPrivateKey(jose.JSONWebKey{Key: key})
}

// ParsePrivateKey reads a private key from its JWK, under the rules of [ParsePublicKey]. Failures are [ErrKey] and carry
// no part of the key.
func ParsePrivateKey(jwk []byte) (*PrivateKey, error) {
	if _, err := keyMembers(jwk); err != nil {
		return nil, err
	}
	parsed, err := parseJWK(jwk)
	if err != nil {
		return nil, err
	}
	return newPrivateKey(parsed)
}

func newPrivateKey(parsed jose.JSONWebKey) (*PrivateKey, error) {
	private, ok := parsed.Key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("%w: JWK has no private part", ErrKey)
	}
	public, err := newPublicKey(parsed.Public())
	if err != nil {
		return nil, err
	}
	k := &PrivateKey{jwk: jose.JSONWebKey{Key: private, KeyID: public.id}, public: public}
	var answersErr, proofsErr error
	k.answers, answersErr = k.signer(answerType)
	k.proofs, proofsErr = k.signer(proofType)
	if err := errors.Join(answersErr, proofsErr); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	return k, nil
}

func (k *PrivateKey) signer(typ jose.ContentType) (jose.Signer, error) {
	signing := jose.SigningKey{Algorithm: jose.SignatureAlgorithm(k.public.alg), Key: k.jwk}
	return jose.NewSigner(signing, new(jose.SignerOptions).WithType(typ))
}

// Public is the key's public half.
func (k *PrivateKey) Public() *PublicKey { return k.public }

// JWK is the key itself, private part included: store it where only the device's user can read. It is not named
// MarshalJSON, so that a JSON log of something that holds a key cannot give it away.
func (k *PrivateKey) JWK() ([]byte, error) { return jose.JSONWebKey{Key: k.jwk.Key}.MarshalJSON() }

// String names the key by its public half.
func (k PrivateKey) String() string { return fmt.Sprintf("private key of %s", k.public) }

// Format is [PrivateKey.String] for every verb, %#v included.
func (k PrivateKey) Format(state fmt.State, _ rune) { _, _ = state.Write([]byte(k.String())) }

// LogValue names the key by its public half.
func (k PrivateKey) LogValue() slog.Value { return slog.StringValue(k.String()) }
