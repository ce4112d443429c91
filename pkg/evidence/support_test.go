package evidence_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math/big"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/onetouchkit/onetouch/pkg/evidence"
)

func algorithms() []evidence.Algorithm { return []evidence.Algorithm{evidence.ES256, evidence.RS256} }

func newKey(t testing.TB, alg evidence.Algorithm) *evidence.PrivateKey {
	t.Helper()
	key, err := evidence.GenerateKey(alg)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func statement() evidence.Statement {
	return evidence.Statement{
		UUID: "9d7b2e1a-4c7b-4f0e-8a53-0c8f2b1d6e77", Status: evidence.Approved, Challenge: "c29tZSBjaGFsbGVuZ2U",
		DeviceID: 2102943, IssuedAt: 1512923419,
		DetailsSHA256: "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c", Reason: "It was me — gewiß",
	}
}

func parse(t testing.TB, jws string) *evidence.Signed {
	t.Helper()
	signed, err := evidence.Parse(jws)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func publicJWK(t testing.TB, key *evidence.PrivateKey) []byte {
	t.Helper()
	return publicJWKOf(t, key.Public())
}

func publicJWKOf(t testing.TB, key *evidence.PublicKey) []byte {
	t.Helper()
	jwk, err := json.Marshal(key)
	if err != nil {
		t.Fatal(err)
	}
	return jwk
}

func privateJWK(t testing.TB, key *evidence.PrivateKey) []byte {
	t.Helper()
	jwk, err := key.JWK()
	if err != nil {
		t.Fatal(err)
	}
	return jwk
}

func members(t testing.TB, object []byte) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(object, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// with is the object with one member changed.
func with(t testing.TB, object map[string]any, name string, value any) string {
	t.Helper()
	changed := maps.Clone(object)
	changed[name] = value
	text, err := json.Marshal(changed)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// modulus is an odd number of so many bits.
func modulus(bits int) string {
	n := new(big.Int).Lsh(big.NewInt(1), uint(bits-1))
	return encode(n.SetBit(n, 0, 1).Bytes())
}

func encode(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }

func decode(t testing.TB, text string) []byte {
	t.Helper()
	data, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// newP384Key is a sound key, only on another curve than the one a device may use.
func newP384Key(t testing.TB) jose.JSONWebKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return jose.JSONWebKey{Key: key}
}

func marshalJWK(t testing.TB, key jose.JSONWebKey) string {
	t.Helper()
	jwk, err := key.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	return string(jwk)
}

func statementJSON(t testing.TB) []byte {
	t.Helper()
	text, err := json.Marshal(statement())
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func parsePayload(t testing.TB, jws string) []byte {
	t.Helper()
	return decode(t, strings.Split(jws, ".")[1])
}
