package evidence

import (
	"encoding/json"
	"fmt"

	"github.com/go-jose/go-jose/v4"
	josejson "github.com/go-jose/go-jose/v4/json"
)

const (
	jwtType = "JWT"
	// tokenContent is what the JWTs of Twilio's SDKs say of themselves. Source: twilio-verify-android.
	tokenContent = "twilio-pba;v=1"
)

// Token is what a device of Twilio's Verify API authenticates with: the claims of a JWT that it signs. Source:
// twilio-verify-android.
type Token struct {
	Subject   string `json:"sub"` // SID of the account
	NotBefore int64  `json:"nbf"` // epoch seconds, as the next
	Expires   int64  `json:"exp"`
}

// SignToken signs a token for the credential (kid) that the service gave to the factor.
func SignToken(key *PrivateKey, credential string, t Token) (string, error) {
	payload, err := json.Marshal(t)
	if err != nil {
		return "", err
	}
	return key.signJWT(credential, payload)
}

// SignJWT signs a JSON object as a JWT, the form of an answer to a challenge of Twilio's Verify API.
func SignJWT(key *PrivateKey, credential string, payload []byte) (string, error) {
	return key.signJWT(credential, payload)
}

func (k *PrivateKey) signJWT(credential string, payload []byte) (string, error) {
	options := new(jose.SignerOptions).WithType(jwtType).WithContentType(tokenContent).WithHeader("kid", credential)
	signer, err := jose.NewSigner(jose.SigningKey{
		Algorithm: jose.SignatureAlgorithm(k.public.alg), Key: k.jwk.Key,
	}, options)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrKey, err)
	}
	return sign(signer, payload)
}

// CredentialOf is the kid in the header of a JWT, which nobody has verified; "" when there is none.
func CredentialOf(jwt string) string {
	jws, err := parseCompact(jwt)
	if err != nil {
		return ""
	}
	return jws.Signatures[0].Protected.KeyID
}

// OpenJWT returns the payload of a JWT that the key has signed. Failures are [ErrMalformed] and [ErrSignature].
func OpenJWT(jwt string, key *PublicKey) ([]byte, error) {
	jws, err := parseCompact(jwt)
	if err != nil {
		return nil, err
	}
	if err := verify(jws, key, jwtType); err != nil {
		return nil, err
	}
	payload := jws.UnsafePayloadWithoutVerification() // it was verified just now
	var whole any
	if err := josejson.Unmarshal(payload, &whole); err != nil { // which refuses repeated members
		return nil, fmt.Errorf("%w: payload is no JSON, or has a member twice", ErrMalformed)
	}
	return payload, nil
}

// OpenToken returns the claims of a token that the key has signed. Whether they hold, its caller decides.
func OpenToken(jwt string, key *PublicKey) (t Token, err error) {
	payload, err := OpenJWT(jwt, key)
	if err != nil {
		return t, err
	}
	if err := json.Unmarshal(payload, &t); err != nil {
		return t, fmt.Errorf("%w: the claims are no JSON object with numbers as times", ErrMalformed)
	}
	return t, nil
}
