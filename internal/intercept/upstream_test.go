package intercept_test

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

// far is the name of a host that only a proxy reaches.
const far = "backend.example"

// asked is what a proxy was asked for.
type asked struct{ method, target, credentials string }

// upstream is the user's own proxy, to whom every host is the given one.
func upstream(t *testing.T, host string) (proxy string, got <-chan asked) {
	t.Helper()
	requests := make(chan asked, 8)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests <- asked{r.Method, r.RequestURI, r.Header.Get("Proxy-Authorization")}
		switch {
		case strings.HasPrefix(r.Host, "forbidden"):
			w.WriteHeader(http.StatusProxyAuthRequired)
		case r.Method == http.MethodConnect:
			splice(w, host)
		default:
			_, _ = io.WriteString(w, "through the user's proxy")
		}
	}))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String(), requests
}

// splice connects the caller with a host.
func splice(w http.ResponseWriter, host string) {
	server, err := net.Dial("tcp", host)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	client, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		_ = server.Close()
		return
	}
	_, _ = client.Write([]byte("HTTP/1.1 200 fine\r\n\r\n"))
	join(struct {
		io.Reader
		io.WriteCloser
	}{buffered, client}, server)
}

// join passes everything both ways until one has ended.
func join(client, server io.ReadWriteCloser) {
	go func() {
		_, _ = io.Copy(server, client)
		_ = server.Close()
	}()
	_, _ = io.Copy(client, server)
	_ = client.Close()
}

func TestUsersProxyIsUsed(t *testing.T) {
	t.Parallel()
	host, _ := secure(t)
	proxy, got := upstream(t, host.Listener.Addr().String())
	r := intercepting(t,
		"HTTPS_PROXY=http://ada:secret@"+proxy, "HTTP_PROXY=http://"+proxy, "NO_PROXY=direct.example,api.authy.com")
	c := r.client(t, host.Certificate())
	transport, ok := c.Transport.(*http.Transport)
	if !ok {
		t.Fatal(c.Transport)
	}
	transport.TLSClientConfig.ServerName = "example.com" // what the host's certificate says
	response, body := get(t, c, "https://"+far+"/")
	if body != "untouched" || !response.TLS.PeerCertificates[0].Equal(host.Certificate()) {
		t.Errorf("%s %q", response.Status, body)
	}
	credentials := "Basic " + base64.StdEncoding.EncodeToString([]byte("ada:secret"))
	if one := <-got; one != (asked{http.MethodConnect, far + ":443", credentials}) {
		t.Errorf("the user's proxy was asked %+v", one)
	}
	if _, body = get(t, c, "http://"+far+"/x"); body != "through the user's proxy" {
		t.Errorf("plain: %q", body)
	}
	if one := <-got; one != (asked{http.MethodGet, "http://" + far + "/x", ""}) {
		t.Errorf("the user's proxy was asked %+v", one)
	}
	if _, body = get(t, c, "http://api.authy.com/"); body != "intercepted" {
		t.Errorf("an intercepted host: %q", body)
	}
	select {
	case one := <-got:
		t.Errorf("for an intercepted host the user's proxy was asked %+v", one)
	default:
	}
}

func TestUsersExceptionsFromTheProxyHold(t *testing.T) {
	t.Parallel()
	proxy, got := upstream(t, "127.0.0.1:1")
	r := intercepting(t, "ALL_PROXY=http://"+proxy, "no_proxy=direct.invalid")
	to, from := r.raw(t)
	if response, _ := say(t, to, from, "CONNECT direct.invalid:443 HTTP/1.1\r\n\r\n"); response.StatusCode != http.StatusBadGateway {
		t.Error(response.Status)
	}
	select {
	case one := <-got:
		t.Errorf("the user's proxy was asked %+v", one)
	default:
	}
	if response, body := get(t, r.client(t), "http://"+far+"/"); body != "through the user's proxy" {
		t.Errorf("ALL_PROXY: %s %q", response.Status, body)
	}
}

func TestUsersProxyRefuses(t *testing.T) {
	t.Parallel()
	proxy, _ := upstream(t, "127.0.0.1:1")
	r := intercepting(t, "https_proxy=http://ada:secret@"+proxy)
	to, from := r.raw(t)
	response, body := say(t, to, from, "CONNECT forbidden.example:443 HTTP/1.1\r\n\r\n")
	if response.StatusCode != http.StatusBadGateway || !strings.Contains(body, "it answers 407") {
		t.Errorf("%s %q", response.Status, body)
	}
	if strings.Contains(body, "secret") {
		t.Errorf("a password is told: %q", body)
	}
}

// A proxy of the user's that is not there is named to whoever needs it.
func TestUsersProxyIsNobody(t *testing.T) {
	t.Parallel()
	for _, scheme := range []string{"http", "https", "socks5"} {
		r := intercepting(t, "HTTPS_PROXY="+scheme+"://127.0.0.1:1")
		to, from := r.raw(t)
		response, body := say(t, to, from, "CONNECT "+far+":443 HTTP/1.1\r\n\r\n")
		if response.StatusCode != http.StatusBadGateway || !strings.Contains(body, "through the proxy "+scheme+"://127.0.0.1:1") {
			t.Errorf("%s: %s %q", scheme, response.Status, body)
		}
	}
}

func TestUsersProxySpeaksSOCKS(t *testing.T) {
	t.Parallel()
	host, _ := secure(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	got := make(chan string, 1)
	go func() {
		if client, err := listener.Accept(); err == nil {
			serveSOCKS(client, host.Listener.Addr().String(), got)
		}
	}()
	r := intercepting(t, "HTTPS_PROXY="+(&url.URL{Scheme: "socks5", Host: listener.Addr().String()}).String())
	c := r.client(t, host.Certificate())
	if transport, ok := c.Transport.(*http.Transport); ok {
		transport.TLSClientConfig.ServerName = "example.com"
	}
	if _, body := get(t, c, "https://"+far+":8443/"); body != "untouched" {
		t.Errorf("%q", body)
	}
	if target := <-got; target != far+":8443" {
		t.Errorf("the proxy was asked for %s", target)
	}
}

// serveSOCKS connects one client that wants no authentication (RFC 1928).
func serveSOCKS(client net.Conn, host string, got chan<- string) {
	target, err := readSOCKS(client)
	got <- target
	server, dialErr := net.Dial("tcp", host)
	if errors.Join(err, dialErr) != nil {
		_ = client.Close()
		return
	}
	_, _ = client.Write([]byte{5, 0, 0, 1, 127, 0, 0, 1, 0, 1})
	join(client, server)
}

func readSOCKS(client net.Conn) (target string, err error) {
	greeting := make([]byte, 2)
	if _, err := io.ReadFull(client, greeting); err != nil {
		return "", err
	}
	if _, err := io.CopyN(io.Discard, client, int64(greeting[1])); err != nil {
		return "", err
	}
	if _, err := client.Write([]byte{5, 0}); err != nil {
		return "", err
	}
	head := make([]byte, 5) // version, command, reserved, kind of address (3: a name), length
	if _, err := io.ReadFull(client, head); err != nil {
		return "", err
	}
	rest := make([]byte, int(head[4])+2)
	if _, err := io.ReadFull(client, rest); err != nil {
		return "", err
	}
	name, port := rest[:head[4]], binary.BigEndian.Uint16(rest[head[4]:])
	return net.JoinHostPort(string(name), strconv.Itoa(int(port))), nil
}
