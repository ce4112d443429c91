package delivery

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// explain says in plain words why there was no answer.
func explain(err error, to *url.URL) string {
	host := hostAndPort(to)
	if refused := (*refusedError)(nil); errors.As(err, &refused) {
		return refused.Error()
	}
	if text, ok := explainName(err, to.Hostname()); ok {
		return text
	}
	if text, ok := explainTLS(err, host); ok {
		return text
	}
	for _, known := range []struct {
		is   error
		text string
	}{
		{syscall.ECONNREFUSED, "connection refused by " + host},
		{syscall.ECONNRESET, "connection reset by " + host + " before it answered"},
		{syscall.EPIPE, "connection closed by " + host + " before it answered"},
		{io.ErrUnexpectedEOF, "connection closed by " + host + " in the middle of its answer"},
		{io.EOF, "connection closed by " + host + " before it answered"},
		{syscall.EHOSTUNREACH, "no route to " + host},
		{syscall.ENETUNREACH, "no route to " + host},
	} {
		if errors.Is(err, known.is) {
			return known.text
		}
	}
	// net/http has no errors of their own kind for these. A server of TLS says so with an alert, and one of HTTP/2
	// begins with a frame of settings.
	if strings.Contains(err.Error(), `malformed HTTP response "\x15\x03`) {
		return speaksTLS(to)
	}
	if strings.Contains(err.Error(), `malformed HTTP response "\x00\x00`) {
		return host + " speaks HTTP/2 only, which needs TLS: its URL must begin with https://, or it must speak HTTP/1.1 too"
	}
	if strings.Contains(err.Error(), "malformed") {
		return host + " answered something that is not HTTP"
	}
	return "no answer from " + host + ": " + oneLine(err.Error())
}

// speaksTLS is what is wrong with an http URL of a server of HTTPS.
func speaksTLS(to *url.URL) string {
	meant := url.URL{Scheme: "https", Host: to.Host, Path: to.Path, RawPath: to.RawPath}
	return hostAndPort(to) + " speaks HTTPS: did you mean " + meant.String() + "?"
}

func explainName(err error, name string) (string, bool) {
	var failed *net.DNSError
	switch {
	case !errors.As(err, &failed):
		return "", false
	case failed.IsNotFound:
		return "no such host: " + name, true
	default:
		return "the name " + name + " could not be looked up: " + oneLine(failed.Err), true
	}
}

func explainTLS(err error, host string) (string, bool) {
	var untrusted *tls.CertificateVerificationError
	var alert tls.AlertError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &untrusted):
		return "the certificate of " + host + " is not trusted: " + oneLine(untrusted.Err.Error()), true
	case errors.Is(err, http.ErrSchemeMismatch), errors.As(err, &record):
		return host + " does not speak TLS: its URL must begin with http://", true
	case errors.As(err, &alert):
		return "no TLS connection to " + host + ": " + oneLine(alert.Error()), true
	default:
		return "", false
	}
}

// hostAndPort names a receiver so that nobody has to guess the port.
func hostAndPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'g', 6, 64) + " s" }

// oneLine is foreign text made fit for a log.
func oneLine(text string) string {
	const most = 300
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "\uFFFD")), " ")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}
