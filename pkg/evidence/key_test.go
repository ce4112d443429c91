package evidence_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// The key of RFC 7638, section 3.1, and its thumbprint.
const (
	rfc7638Key = `{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_` +
		`BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgn` +
		`Yb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8` +
		`awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}`
	rfc7638Thumbprint = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
)

// The P-256 key of RFC 7517, appendix A.1.
const rfc7517Key = `{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",` +
	`"y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","use":"enc","kid":"1"}`

func TestPublicKeyIDIsTheThumbprintOfRFC7638(t *testing.T) {
	t.Parallel()
	key, err := evidence.ParsePublicKey([]byte(rfc7638Key))
	if err != nil {
		t.Fatal(err)
	}
	if key.ID() != rfc7638Thumbprint || key.Algorithm() != evidence.RS256 {
		t.Errorf("got %s %s, want RS256 %s", key.Algorithm(), key.ID(), rfc7638Thumbprint)
	}
}

func TestPublicKeySurvivesItsJWK(t *testing.T) {
	t.Parallel()
	for _, alg := range algorithms() {
		key := newKey(t, alg)
		jwk := publicJWK(t, key)
		again, err := evidence.ParsePublicKey(jwk)
		if err != nil {
			t.Fatalf("%s: %v", alg, err)
		}
		if again.ID() != key.Public().ID() || again.Algorithm() != alg {
			t.Errorf("got %v, want %v", again, key.Public())
		}
		if diff := cmp.Diff(string(jwk), string(publicJWKOf(t, again))); diff != "" {
			t.Error(diff)
		}
	}
}

func TestPrivateKeySurvivesItsJWK(t *testing.T) {
	t.Parallel()
	for _, alg := range algorithms() {
		key := newKey(t, alg)
		again, err := evidence.ParsePrivateKey(privateJWK(t, key))
		if err != nil {
			t.Fatalf("%s: %v", alg, err)
		}
		jws, err := evidence.Sign(again, statement())
		if err != nil {
			t.Fatal(err)
		}
		if err := parse(t, jws).Verify(key.Public()); err != nil {
			t.Errorf("%s: %v", alg, err)
		}
	}
}

func TestParsePublicKeyRefuses(t *testing.T) {
	t.Parallel()
	ec := members(t, publicJWK(t, newKey(t, evidence.ES256)))
	otherEC := members(t, publicJWK(t, newKey(t, evidence.ES256)))
	p384 := newP384Key(t)
	rsa := members(t, publicJWK(t, newKey(t, evidence.RS256)))
	tests := map[string]struct {
		jwk  string
		want string
	}{
		"nothing":              {"", "JSON object"},
		"null":                 {"null", "JSON object"},
		"a list":               {"[]", "JSON object"},
		"no kty":               {"{}", "EC key on P-256 or RSA"},
		"unknown kty":          {with(t, ec, "kty", "XX"), "EC key on P-256 or RSA"},
		"kty of another type":  {with(t, ec, "kty", 1), "EC key on P-256 or RSA"},
		"repeated member":      {`{"kty":"EC","kty":"RSA"}`, "without repeated members"},
		"symmetric key":        {`{"kty":"oct","k":"c2VjcmV0"}`, `"k" is private`},
		"Ed25519":              {`{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`, "must be an EC key"},
		"P-384":                {marshalJWK(t, p384.Public()), "must be on the curve P-256"},
		"P-256K":               {with(t, ec, "crv", "secp256k1"), "EC key on P-256 or RSA"},
		"point off the curve":  {with(t, ec, "y", otherEC["y"]), "valid EC key"},
		"short coordinate":     {with(t, ec, "x", "AQAB"), "valid EC key"},
		"missing coordinate":   {with(t, ec, "y", nil), "valid EC key"},
		"EC with d":            {with(t, ec, "d", ec["x"]), `"d" is private`},
		"EC with empty d":      {with(t, ec, "d", ""), `"d" is private`},
		"RSA with p only":      {with(t, rsa, "p", "AQAB"), `"p" is private`},
		"RSA with qi only":     {with(t, rsa, "qi", nil), `"qi" is private`},
		"RSA of 2047 bits":     {with(t, rsa, "n", modulus(2047)), "has 2047 bits"},
		"RSA of 1024 bits":     {with(t, rsa, "n", modulus(1024)), "has 1024 bits"},
		"RSA of 4104 bits":     {with(t, rsa, "n", modulus(4104)), "2048 to 4096 bits"},
		"RSA with even n":      {with(t, rsa, "n", encode(new(big.Int).Lsh(big.NewInt(1), 2047).Bytes())), "modulus is even"},
		"RSA exponent 1":       {with(t, rsa, "e", "AQ"), "valid EC key on P-256 or RSA key"},
		"RSA even exponent":    {with(t, rsa, "e", "AQAA"), "exponent is 65536"},
		"RSA huge exponent":    {with(t, rsa, "e", "AQAAAAE"), "exponent is 4294967297"},
		"alg of another key":   {with(t, ec, "alg", "RS256"), `says alg "RS256"`},
		"RSA for PS256":        {with(t, rsa, "alg", "PS256"), `says alg "PS256"`},
		"key for encryption":   {rfc7517Key, `says use "enc"`},
		"longer than 8 KiB":    {with(t, ec, "kid", strings.Repeat("k", 8<<10)), "at most 8192"},
		"something after it":   {with(t, ec, "kid", "1") + "{}", "JSON object"},
		"broken UTF-8 in kty":  {"{\"kty\":\"E\xffC\"}", "EC key on P-256 or RSA"},
		"negative coordinates": {with(t, ec, "x", -1), "EC key on P-256 or RSA"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			key, err := evidence.ParsePublicKey([]byte(test.jwk))
			if !errors.Is(err, evidence.ErrKey) || !strings.Contains(fmt.Sprint(err), test.want) {
				t.Errorf("got %v, %v; want an ErrKey with %q", key, err, test.want)
			}
		})
	}
}

func TestParsePublicKeyIgnoresOtherMembers(t *testing.T) {
	t.Parallel()
	key := newKey(t, evidence.ES256)
	more := with(t, members(t, publicJWK(t, key)), "kid", "my phone")
	got, err := evidence.ParsePublicKey([]byte(more))
	if err != nil {
		t.Fatal(err)
	}
	if got.ID() != key.Public().ID() {
		t.Errorf("ID is %s, want %s", got.ID(), key.Public().ID())
	}
}

func TestParsePrivateKeyRefuses(t *testing.T) {
	t.Parallel()
	private := members(t, privateJWK(t, newKey(t, evidence.ES256)))
	other := members(t, privateJWK(t, newKey(t, evidence.ES256)))
	for name, jwk := range map[string]string{
		"nothing":               "",
		"a public key":          string(publicJWK(t, newKey(t, evidence.ES256))),
		"P-384":                 marshalJWK(t, newP384Key(t)),
		"a d of the wrong size": with(t, private, "d", "AQAB"),
		"x of another key":      with(t, private, "x", other["x"]),
		"more than 8 KiB":       with(t, private, "kid", strings.Repeat("k", 8<<10)),
	} {
		_, err := evidence.ParsePrivateKey([]byte(jwk))
		if !errors.Is(err, evidence.ErrKey) {
			t.Errorf("%s: got %v, want ErrKey", name, err)
		}
		if secret := private["d"].(string); strings.Contains(fmt.Sprint(err), secret) {
			t.Errorf("%s: the error shows the key: %v", name, err)
		}
	}
}

func TestGenerateKeyRefusesAnotherAlgorithm(t *testing.T) {
	t.Parallel()
	for _, alg := range []evidence.Algorithm{"", "none", "HS256", "ES384"} {
		if _, err := evidence.GenerateKey(alg); !errors.Is(err, evidence.ErrKey) {
			t.Errorf("GenerateKey(%q): got %v, want ErrKey", alg, err)
		}
	}
}

func TestPrivateKeyNeverShowsItself(t *testing.T) {
	t.Parallel()
	for _, alg := range algorithms() {
		key := newKey(t, alg)
		secret := members(t, privateJWK(t, key))["d"].(string)
		number := new(big.Int).SetBytes(decode(t, secret))
		holder := struct{ Key *evidence.PrivateKey }{key}
		var log bytes.Buffer
		for _, logger := range []*slog.Logger{
			slog.New(slog.NewTextHandler(&log, nil)), slog.New(slog.NewJSONHandler(&log, nil)),
		} {
			logger.Info("key", "key", key, "value", *key, "holder", holder)
		}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&log, verb+verb+verb, key, *key, holder)
		}
		if err := json.NewEncoder(&log).Encode([]any{key, *key, holder}); err != nil {
			t.Fatal(err)
		}
		for _, form := range []string{secret, number.String(), number.Text(16)} {
			if strings.Contains(log.String(), form) {
				t.Errorf("%s: the private key shows in:\n%s", alg, log.String())
			}
		}
		if !strings.Contains(log.String(), key.Public().ID()) {
			t.Errorf("%s: the key is not named by its thumbprint in:\n%s", alg, log.String())
		}
	}
}
