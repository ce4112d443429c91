package evidence_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"testing"

	"github.com/onetouchkit/onetouch/pkg/details"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// The floor is the bare P-256 operation that no device and no service can do without. It hashes as many bytes as a JWS
// signs. Compare Sign/ES256 with Sign/floor, Verify/ES256 (parse and verify) with Verify/floor.

func BenchmarkSign(b *testing.B) {
	b.Run("floor", func(b *testing.B) {
		key, input := floorKey(b), signingInput(b)
		for b.Loop() {
			digest := sha256.Sum256(input)
			if _, err := ecdsa.SignASN1(rand.Reader, key, digest[:]); err != nil {
				b.Fatal(err)
			}
		}
	})
	for _, alg := range algorithms() {
		b.Run(string(alg), func(b *testing.B) {
			key, s := newKey(b, alg), statement()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := evidence.Sign(key, s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkVerify(b *testing.B) {
	b.Run("floor", func(b *testing.B) {
		key, input := floorKey(b), signingInput(b)
		digest := sha256.Sum256(input)
		signature, err := ecdsa.SignASN1(rand.Reader, key, digest[:])
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			digest := sha256.Sum256(input)
			if !ecdsa.VerifyASN1(&key.PublicKey, digest[:], signature) {
				b.Fatal("the signature does not verify")
			}
		}
	})
	for _, alg := range algorithms() {
		b.Run(string(alg), func(b *testing.B) {
			key := newKey(b, alg)
			jws, err := evidence.Sign(key, statement())
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if err := judge(jws, key.Public()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// A service keeps public keys as JWKs and reads one per answer.
func BenchmarkParsePublicKey(b *testing.B) {
	for _, alg := range algorithms() {
		b.Run(string(alg), func(b *testing.B) {
			jwk := publicJWK(b, newKey(b, alg))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := evidence.ParsePublicKey(jwk); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDigest(b *testing.B) {
	shown := evidence.Shown{AppName: "Acme Bank", Message: "Send $12,400 to ACME?", Details: details.List{
		{Name: "Amount", Value: "$12,400"}, {Name: "To", Value: "ACME"}, {Name: "City", Value: "Bogotá"}}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := shown.Digest(); err != nil {
			b.Fatal(err)
		}
	}
}

func floorKey(b *testing.B) *ecdsa.PrivateKey {
	b.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	return key
}

func signingInput(b *testing.B) []byte {
	b.Helper()
	jws, err := evidence.Sign(newKey(b, evidence.ES256), statement())
	if err != nil {
		b.Fatal(err)
	}
	return []byte(jws[:len(jws)-87]) // without the dot and the 64 bytes of the signature
}
