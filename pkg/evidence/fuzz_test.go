package evidence_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// Whatever comes in, Parse does not panic, and nothing verifies but the text that the key signed. (ECDSA has a second
// signature for each, the negated one; a fuzzer would have to do the arithmetic to find it.)
func FuzzParseAndVerify(f *testing.F) {
	key := newKey(f, evidence.ES256)
	jws, err := evidence.Sign(key, statement())
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		jws, "", "..", "e30.e30.", "e30.e30.e30", "bnVsbA.bnVsbA.", jws + "=", " " + jws, jws + ".",
		encode([]byte(`{"alg":"none"}`)) + "." + encode(statementJSON(f)) + ".",
		encode([]byte(`{"alg":"ES256","crit":["b64"],"b64":false}`)) + "." + encode(statementJSON(f)) + ".AAAA",
		encode([]byte(`{"alg":"ES256","jwk":{"kty":"oct","k":"AA"},"x5c":["AA"]}`)) + "." + encode(statementJSON(f)) + ".AAAA",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		signed, err := evidence.Parse(text)
		if err != nil {
			if !refused(err) {
				t.Fatalf("%q: an error of no kind: %v", text, err)
			}
			return
		}
		err = signed.Verify(key.Public())
		if text == jws && err != nil {
			t.Fatalf("the sound answer is refused: %v", err)
		}
		if text != jws && !refused(err) {
			t.Fatalf("%q: got %v", text, err)
		}
	})
}

// Every key that is taken can be written and read again, and is the same key.
func FuzzParsePublicKey(f *testing.F) {
	for _, alg := range algorithms() {
		f.Add(publicJWK(f, newKey(f, alg)))
		f.Add(privateJWK(f, newKey(f, alg)))
	}
	f.Add([]byte(rfc7638Key))
	f.Add([]byte(rfc7517Key))
	f.Add([]byte(`{"kty":"OKP","crv":"Ed25519","x":""}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, jwk []byte) {
		key, err := evidence.ParsePublicKey(jwk)
		if err != nil {
			return
		}
		again, err := evidence.ParsePublicKey(publicJWKOf(t, key))
		if err != nil {
			t.Fatalf("%q: the key's own JWK is refused: %v", jwk, err)
		}
		if again.ID() != key.ID() || again.Algorithm() != key.Algorithm() {
			t.Fatalf("%q: is %v, then %v", jwk, key, again)
		}
	})
}

// Every key in DER that is taken can be written and read again, and is the same key.
func FuzzParsePublicKeyDER(f *testing.F) {
	for _, alg := range algorithms() {
		der, err := newKey(f, alg).Public().DER()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(der)
		f.Add(der[:len(der)-1])
		f.Add(append(der, 0))
	}
	f.Add([]byte{})
	f.Add([]byte{0x30, 0x80})
	f.Fuzz(func(t *testing.T, der []byte) {
		key, err := evidence.ParsePublicKeyDER(der)
		if err != nil {
			if !errors.Is(err, evidence.ErrKey) {
				t.Fatalf("%x: an error of no kind: %v", der, err)
			}
			return
		}
		written, err := key.DER()
		if err != nil {
			t.Fatal(err)
		}
		again, err := evidence.ParsePublicKeyDER(written)
		if err != nil || again.ID() != key.ID() {
			t.Fatalf("%x: is %v, then %v, %v", der, key, again, err)
		}
	})
}

// Every private key that is taken signs what its public half verifies; a refusal does not repeat what was read.
func FuzzParsePrivateKey(f *testing.F) {
	for _, alg := range algorithms() {
		f.Add(privateJWK(f, newKey(f, alg)))
		f.Add(publicJWK(f, newKey(f, alg)))
	}
	f.Add([]byte(`{"kty":"EC","crv":"P-256","x":"AA","y":"AA","d":"the-secret"}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, jwk []byte) {
		key, err := evidence.ParsePrivateKey(jwk)
		if err != nil {
			if strings.Contains(err.Error(), "the-secret") {
				t.Fatalf("the refusal tells the key: %v", err)
			}
			return
		}
		signed, err := evidence.Sign(key, statement())
		if err != nil {
			t.Fatalf("%q signs nothing: %v", jwk, err)
		}
		parsed, err := evidence.Parse(signed)
		if err == nil {
			err = parsed.Verify(key.Public())
		}
		if err != nil {
			t.Fatalf("%q: its signature is refused: %v", jwk, err)
		}
	})
}
