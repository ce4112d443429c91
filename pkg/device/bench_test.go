package device_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/pkg/approval"
)

// The floor of an approval is one bare P-256 signature, its check, and one exchange of net/http with a body of the same
// size: what no device and no service can do without. Compare Approve/device with Approve/floor.
func BenchmarkApprove(b *testing.B) {
	b.Run("floor", func(b *testing.B) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			b.Fatal(err)
		}
		const size = 700 // bytes of an answer, give or take
		n := newNetwork(b)
		n.serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			digest := sha256.Sum256(body)
			signature, err := ecdsa.SignASN1(rand.Reader, key, digest[:])
			if err != nil || !ecdsa.VerifyASN1(&key.PublicKey, digest[:], signature) {
				b.Error("the signature does not verify")
			}
			_, _ = w.Write(body)
		}), func() {})
		body := strings.Repeat("x", size)
		for b.Loop() {
			request, err := http.NewRequestWithContext(b.Context(), http.MethodPost, serverURL, strings.NewReader(body))
			if err != nil {
				b.Fatal(err)
			}
			response, err := n.client.Do(request)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, response.Body); err != nil {
				b.Fatal(err)
			}
			_ = response.Body.Close()
		}
	})
	b.Run("device", func(b *testing.B) {
		w := newWorld(b)
		d := w.newDevice()
		b.ReportAllocs()
		for b.Loop() {
			b.StopTimer()
			request := fetch(b, d, w.ask("Send $12,400 to ACME?").UUID)
			b.StartTimer()
			if err := d.Approve(b.Context(), request); err != nil {
				b.Fatal(err)
			}
			if request.Status != approval.Approved {
				b.Fatal(request.Status)
			}
		}
	})
}
