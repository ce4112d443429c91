package delivery

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/url"

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
