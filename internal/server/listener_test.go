package server_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/localca"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// secured are a server's certificate and who trusts it.
func secured(t *testing.T) (config *tls.Config, trusted *x509.CertPool) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ca.pem")
	authority, _, err := localca.Ensure(path, localca.Machine{}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if config, err = authority.ServerConfig(localca.Machine{}, time.Now); err != nil {
		t.Fatal(err)
	}
	return config, localca.Pool(path)
}

// secureClient trusts the authority.
func secureClient(t *testing.T, trusted *x509.CertPool) *http.Client {
	t.Helper()
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func answerOf(t *testing.T, c *http.Client, url string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := c.Do(r)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = answer.Body.Close() }()
	content, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// Programs keep their plain URLs, and a browser gets HTTPS, on one port.
func TestBothOnOnePort(t *testing.T) {
	t.Parallel()
	config, trusted := secured(t)
	s := run(t, server.Options{Database: ":memory:", TLS: config})
	secureURL := strings.Replace(s.url, "http:", "https:", 1)
	for name, got := range map[string]string{
		"HTTP": answerOf(t, client(t), s.url+"/healthz"), "HTTPS": answerOf(t, secureClient(t, trusted), secureURL+"/healthz"),
	} {
		if !strings.Contains(got, "ok") {
			t.Errorf("%s: %s", name, got)
		}
	}
	if got := answerOf(t, client(t), secureURL+"/healthz"); !strings.Contains(got, "certificate") {
		t.Errorf("who does not trust the server hears %q", got)
	}
	_, _, phone := phone(t, secureURL, secureClient(t, trusted))
	if _, err := phone.ApprovalRequests(t.Context(), device.Query{}); err != nil {
		t.Error(err)
	}
}

// Who says nothing, or nonsense, keeps nobody waiting, and does not hold up a stop.
func TestSilentConnections(t *testing.T) {
	t.Parallel()
	config, trusted := secured(t)
	s := run(t, server.Options{Database: ":memory:", TLS: config})
	var silent []net.Conn
	for _, said := range []string{"", "", "\x16", "\x00nonsense\r\n\r\n", "G"} {
		connection, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		silent = append(silent, connection)
		if _, err := connection.Write([]byte(said)); err != nil {
			t.Fatal(err)
		}
	}
	secureURL := strings.Replace(s.url, "http:", "https:", 1)
	if got := answerOf(t, secureClient(t, trusted), secureURL+"/healthz"); !strings.Contains(got, "ok") {
		t.Errorf("beside silent connections: %s", got)
	}
	// Of those that began a request the server waits for the rest; the others must not count.
	for _, connection := range silent[2:] {
		_ = connection.Close()
	}
	if err := s.stop(); err != nil {
		t.Error(err)
	}
	for _, connection := range silent[:2] {
		if rest, err := io.ReadAll(connection); err == nil && !bytes.Equal(rest, nil) {
			t.Errorf("a silent connection hears %q", rest)
		}
		_ = connection.Close()
	}
}
