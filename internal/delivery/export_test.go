package delivery

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/url"
	"runtime"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// Writes reports whether the worker knows how to write a kind.
func Writes(kind onetouch.DeliveryKind) bool { return writers()[kind] != nil }

// Trust has the worker accept the certificates of an authority.
func (w *Worker) Trust(authority *x509.CertPool) {
	for _, transport := range []*http.Transport{w.transport, w.foreign} {
		transport.TLSClientConfig = &tls.Config{RootCAs: authority, MinVersion: tls.VersionTLS12}
	}
}

// Through has the worker send everything through a proxy.
func (w *Worker) Through(proxy *url.URL) {
	w.transport.Proxy, w.foreign.Proxy = http.ProxyURL(proxy), http.ProxyURL(proxy)
}

// Recorder is the recorder as tests see it.
type Recorder struct{ recorder }

// NewRecorder returns a recorder that writes so.
func NewRecorder(write func(context.Context, func() []onetouch.Attempt) ([]onetouch.Delivery, error)) *Recorder {
	return &Recorder{recorder{write: write}}
}

// Record writes down an attempt.
func (r *Recorder) Record(ctx context.Context, a onetouch.Attempt) (onetouch.Delivery, error) {
	return r.record(ctx, a)
}

// AwaitWaiting waits until so many attempts wait.
func (r *Recorder) AwaitWaiting(attempts int) {
	for waiting := 0; waiting < attempts; runtime.Gosched() {
		r.mu.Lock()
		waiting = len(r.waiting)
		r.mu.Unlock()
	}
}
