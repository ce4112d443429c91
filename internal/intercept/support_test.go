package intercept_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/intercept"
)

// patience is how long a test waits for what must happen at once.
const patience = time.Minute

func hosts() []string { return []string{"api.authy.com", "sandbox-api.authy.com"} }

// running is an interception whose handler remembers what it was asked.
type running struct {
	*intercept.Interception
	set map[string]string

	mu    sync.Mutex
	asked []string // METHOD host target
}

// intercepting starts an interception for a command with the given environment.
func intercepting(t *testing.T, environment ...string) *running {
	t.Helper()
	return interceptingIn(t, t.TempDir(), environment...)
}

func interceptingIn(t *testing.T, folder string, environment ...string) *running {
	t.Helper()
	r := &running{set: map[string]string{}}
	var err error
	r.Interception, err = intercept.Start(t.Context(), intercept.Options{
		Hosts: hosts(), Handler: http.HandlerFunc(r.answer), Environment: environment, Folder: folder,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	for _, variable := range r.Environment() {
		name, value, _ := strings.Cut(variable, "=")
		r.set[name] = value
	}
	return r
}

func (r *running) answer(w http.ResponseWriter, request *http.Request) {
	body, _ := io.ReadAll(request.Body)
	r.mu.Lock()
	r.asked = append(r.asked, strings.TrimSpace(
		fmt.Sprintf("%s %s %s %s", request.Method, request.Host, request.RequestURI, body)))
	r.mu.Unlock()
	w.Header().Set("X-Peer", request.RemoteAddr)
	for name := range request.Header {
		if strings.HasPrefix(name, "Proxy-") {
			w.Header().Set("X-Leaked", name)
		}
	}
	_, _ = io.WriteString(w, "intercepted")
}

// calls are what the handler was asked since the last time.
func (r *running) calls() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	asked := r.asked
	r.asked = nil
	return asked
}

// address is where the proxy listens.
func (r *running) address(t *testing.T) string {
	t.Helper()
	proxy, err := url.Parse(r.set["HTTPS_PROXY"])
	if err != nil || proxy.Host == "" {
		t.Fatalf("HTTPS_PROXY=%s: %v", r.set["HTTPS_PROXY"], err)
	}
	return proxy.Host
}

// client uses the proxy for everything, this machine's own hosts too, and trusts the file of roots and some more.
func (r *running) client(t *testing.T, more ...*x509.Certificate) *http.Client {
	t.Helper()
	return client(t, r.set["HTTPS_PROXY"], r.set["SSL_CERT_FILE"], more...)
}

func client(t *testing.T, proxy, file string, more ...*x509.Certificate) *http.Client {
	t.Helper()
	via, err := url.Parse(proxy)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(read(t, file)) {
		t.Fatalf("%s has no certificate", file)
	}
	for _, certificate := range more {
		roots.AddCert(certificate)
	}
	transport := &http.Transport{
		Proxy: http.ProxyURL(via), TLSClientConfig: &tls.Config{RootCAs: roots}, DisableCompression: true,
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: patience}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// reply is a response whose body was read.
type reply struct {
	Status     string
	StatusCode int
	Header     http.Header
	TLS        *tls.ConnectionState
}

func replyOf(r *http.Response) reply { return reply{r.Status, r.StatusCode, r.Header, r.TLS} }

func get(t *testing.T, c *http.Client, url string) (reply, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	return send(t, c, request)
}

func send(t *testing.T, c *http.Client, request *http.Request) (reply, string) {
	t.Helper()
	response, err := c.Do(request)
	if err != nil {
		t.Fatalf("%s: %v", request.URL, err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("%s: %v", request.URL, err)
	}
	return replyOf(response), string(body)
}

// secure is a host of this machine with a certificate of its own, also in a file.
func secure(t *testing.T) (host *httptest.Server, file string) {
	t.Helper()
	host = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "untouched")
	}))
	t.Cleanup(host.Close)
	file = filepath.Join(t.TempDir(), "own.pem")
	own := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: host.Certificate().Raw})
	if err := os.WriteFile(file, own, 0o600); err != nil {
		t.Fatal(err)
	}
	return host, file
}

// raw is a connection to the proxy without a client.
func (r *running) raw(t *testing.T) (*net.TCPConn, *bufio.Reader) {
	t.Helper()
	connection, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", r.address(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	if err := connection.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	tcp, ok := connection.(*net.TCPConn)
	if !ok {
		t.Fatalf("%T", connection)
	}
	return tcp, bufio.NewReader(connection)
}

// say writes to a connection and reads the answer to it.
func say(t *testing.T, to io.Writer, from *bufio.Reader, text string) (reply, string) {
	t.Helper()
	if _, err := io.WriteString(to, text); err != nil {
		t.Fatal(err)
	}
	method, _, _ := strings.Cut(text, " ")
	response, err := http.ReadResponse(from, &http.Request{Method: method})
	if err != nil {
		t.Fatalf("%.60q: %v", text, err)
	}
	defer func() { _ = response.Body.Close() }()
	if method == http.MethodConnect && response.StatusCode == http.StatusOK {
		return replyOf(response), "" // what follows is the tunnel's
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return replyOf(response), string(body)
}
