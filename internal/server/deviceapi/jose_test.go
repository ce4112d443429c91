package deviceapi_test

import (
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// joseSign signs any payload with a device's key, as another implementation would.
func joseSign(t *testing.T, key *evidence.PrivateKey, payload []byte) string {
	t.Helper()
	text, err := key.JWK()
	if err != nil {
		t.Fatal(err)
	}
	var private jose.JSONWebKey
	if err := private.UnmarshalJSON(text); err != nil {
		t.Fatal(err)
	}
	private.KeyID = key.Public().ID()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: private},
		new(jose.SignerOptions).WithType("onetouch-answer+jws"))
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	compact, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return compact
}
