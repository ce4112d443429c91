package callback_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"io"
	"testing"

	"github.com/onetouchkit/onetouch/pkg/callback"
)

// The floor of signing is the MAC over the same text, that of verifying also the decoding of the body by encoding/json.

func BenchmarkSign(b *testing.B) {
	b.Run("floor", func(b *testing.B) {
		text := textToSign(b)
		b.ReportAllocs()
		for b.Loop() {
			if len(mac(text)) == 0 {
				b.Fatal("no MAC")
			}
		}
	})
	b.Run("payload", func(b *testing.B) {
		body := payload()
		b.ReportAllocs()
		for b.Loop() {
			if _, err := callback.Sign(apiKey, nonce(), "POST", callbackURL, body); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("query", func(b *testing.B) {
		query, err := callback.Query(payload())
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			if _, err := callback.SignQuery(apiKey, nonce(), "GET", callbackURL, query); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	b.Run("floor", func(b *testing.B) {
		text, body := textToSign(b), payload()
		b.ReportAllocs()
		for b.Loop() {
			if len(mac(text)) == 0 {
				b.Fatal("no MAC")
			}
			var tree map[string]any
			if err := json.Unmarshal(body, &tree); err != nil {
				b.Fatal(err)
			}
		}
	})
	for _, method := range []string{"POST", "GET"} {
		b.Run(method, func(b *testing.B) {
			r, body, v := arrived(b, method, callbackURL, payload()), payload(), verifier()
			b.ReportAllocs()
			for b.Loop() {
				r.Body = io.NopCloser(bytes.NewReader(body))
				c, err := v.Verify(r)
				if err != nil {
					b.Fatal(err)
				}
				if err := v.Forget(b.Context(), c); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func textToSign(b *testing.B) []byte {
	b.Helper()
	text, err := callback.StringToSign(nonce(), "POST", callbackURL, payload())
	if err != nil {
		b.Fatal(err)
	}
	return []byte(text)
}

func mac(text []byte) []byte {
	m := hmac.New(sha256.New, []byte(apiKey))
	m.Write(text)
	return m.Sum(nil)
}
