package delivery

import (
	"crypto/tls"
	"crypto/x509"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// Writes reports whether the worker knows how to write a kind.
func Writes(kind onetouch.DeliveryKind) bool { return writers()[kind] != nil }

// Trust has the worker accept the certificates of an authority.
func (w *Worker) Trust(authority *x509.CertPool) {
	w.transport.TLSClientConfig = &tls.Config{RootCAs: authority, MinVersion: tls.VersionTLS12}
}
