package evidence

import (
	"fmt"
	"unicode/utf8"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"
)

// Signed is an answer as it was received. Its statement is a claim until [Signed.Verify] has accepted it.
type Signed struct {
	Statement Statement

	jws *jose.JSONWebSignature
}

// Parse reads an answer without verifying it. Text that is not a compact JWS of at most 16 KiB with a [Statement] as its
// payload is [ErrMalformed]; unknown members of the payload are ignored, repeated ones are refused. Any algorithm can
// be read, none but the key's own passes [Signed.Verify].
func Parse(jws string) (*Signed, error) {
	parsed, err := parseCompact(jws)
	if err != nil {
		return nil, err
	}
	payload := parsed.UnsafePayloadWithoutVerification()
	if !utf8.Valid(payload) {
		return nil, fmt.Errorf("%w: payload is not valid UTF-8", ErrMalformed)
	}
	signed := &Signed{jws: parsed}
	// go-jose's decoder takes member names as they are written and refuses repeated ones, so that no two readers of the
	// same evidence can see different statements.
	if err := json.Unmarshal(payload, &signed.Statement); err != nil {
		return nil, fmt.Errorf("%w: payload is not a JSON object with the members of a statement", ErrMalformed)
	}
	if name := signed.Statement.missing(); name != "" {
		return nil, fmt.Errorf("%w: payload lacks %s", ErrMalformed, name)
	}
	return signed, nil
}

// Verify checks that the key's owner made the statement as an answer. Everything else is [ErrSignature]: another key or
// key ID, any algorithm but the key's own (none and HMAC included), another typ, a crit header, changed bytes.
func (s *Signed) Verify(key *PublicKey) error {
	if err := checkKeyID(s.jws, key); err != nil {
		return err
	}
	return verify(s.jws, key, answerType)
}
