package intercept_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// hears is a server that writes down the requests it gets, in the form in which they come.
func hears(t *testing.T) (address string, got <-chan *http.Request) {
	t.Helper()
	requests := make(chan *http.Request, 8)
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests <- r.Clone(context.WithoutCancel(r.Context()))
		w.Header().Set("Keep-Alive", "timeout=5")
		w.Header().Set("X-Own", "kept")
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, "untouched")
	}))
	t.Cleanup(host.Close)
	return host.Listener.Addr().String(), requests
}

func TestPlainRequestsPassAsTheyAre(t *testing.T) {
	t.Parallel()
	r := intercepting(t)
	address, got := hears(t)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "http://"+address+"/a%2Fb?x=1;y=2&z", strings.NewReader("body"))
	if err != nil {
		t.Fatal(err)
	}
	request.Header = http.Header{
		"X-Forwarded-For": {"192.0.2.7"}, "Forwarded": {"for=192.0.2.7"}, "X-Forwarded-Host": {"shop.example"},
		"X-Forwarded-Proto": {"https"}, "User-Agent": {"tester/1"}, "Connection": {"X-Hop"}, "X-Hop": {"for the proxy"},
		"Proxy-Authorization": {"Basic eDp5"}, "Authorization": {"Bearer z"},
	}
	response, body := send(t, r.client(t), request)
	if response.StatusCode != http.StatusTeapot || body != "untouched" || response.Header.Get("X-Own") != "kept" {
		t.Errorf("answered %s %q %v", response.Status, body, response.Header)
	}
	if response.Header.Get("Keep-Alive") != "" {
		t.Error("a header of one connection was passed on")
	}
	arrived := <-got
	want := http.Header{
		"X-Forwarded-For": {"192.0.2.7"}, "Forwarded": {"for=192.0.2.7"}, "X-Forwarded-Host": {"shop.example"},
		"X-Forwarded-Proto": {"https"}, "User-Agent": {"tester/1"}, "Authorization": {"Bearer z"}, "Content-Length": {"4"},
	}
	if diff := cmp.Diff(want, arrived.Header); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
	if arrived.RequestURI != "/a%2Fb?x=1;y=2&z" || arrived.Host != address {
		t.Errorf("arrived as %s at %s", arrived.RequestURI, arrived.Host)
	}
	if calls := r.calls(); len(calls) != 0 {
		t.Errorf("the handler was asked %q", calls)
	}
}

// Each half of a tunnel ends by itself: a client may say that it has said everything and still wait for the answer.
func TestTunnelsMayBeClosedByHalves(t *testing.T) {
	t.Parallel()
	patient, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = patient.Close() })
	go func() {
		for {
			connection, err := patient.Accept()
			if err != nil {
				return
			}
			all, _ := io.ReadAll(connection)
			_, _ = connection.Write([]byte("heard " + string(all)))
			_ = connection.Close()
		}
	}()
	r := intercepting(t)
	to, from := r.raw(t)
	// What is said at once with the CONNECT belongs to the tunnel.
	target := patient.Addr().String()
	if response, body := say(t, to, from, "CONNECT "+target+" HTTP/1.1\r\nHost: x\r\n\r\nhello, "); response.StatusCode != http.StatusOK {
		t.Fatalf("%s %s", response.Status, body)
	}
	if _, err := to.Write([]byte("world")); err != nil {
		t.Fatal(err)
	}
	if err := to.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if answer, err := io.ReadAll(from); string(answer) != "heard hello, world" || err != nil {
		t.Errorf("%q, %v", answer, err)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	r := intercepting(t)
	self := r.address(t)
	_, port, err := net.SplitHostPort(self)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		says   string
		status int
		text   string
	}{
		"no port":         {"CONNECT api.authy.com HTTP/1.1\r\n\r\n", 400, `CONNECT "api.authy.com": it takes HOST:PORT`},
		"port of letters": {"CONNECT api.authy.com:https HTTP/1.1\r\n\r\n", 400, ""},
		"port 0":          {"CONNECT api.authy.com:0 HTTP/1.1\r\n\r\n", 400, "the port must be a number from 1 to 65535"},
		"port too large":  {"CONNECT api.authy.com:65536 HTTP/1.1\r\n\r\n", 400, "the port must be a number"},
		"no host":         {"CONNECT :443 HTTP/1.1\r\n\r\n", 400, "it takes HOST:PORT"},
		"a path":          {"CONNECT /api.authy.com:443 HTTP/1.1\r\nHost: api.authy.com:443\r\n\r\n", 400, "it takes HOST:PORT"},
		"a user":          {"CONNECT me@api.authy.com:443 HTTP/1.1\r\n\r\n", 400, "it takes HOST:PORT"},
		"bad IPv6":        {"CONNECT [::1:443 HTTP/1.1\r\n\r\n", 400, ""},
		"no URL":          {"GET / HTTP/1.1\r\nHost: " + self + "\r\n\r\n", 400, "This is a forward proxy"},
		"another scheme":  {"GET ftp://files.example/ HTTP/1.1\r\nHost: x\r\n\r\n", 400, "forwards http and https, not ftp"},
		"itself":          {"CONNECT " + self + " HTTP/1.1\r\n\r\n", 508, "that is this proxy itself"},
		"itself by name":  {"CONNECT localhost:" + port + " HTTP/1.1\r\n\r\n", 508, "that is this proxy itself"},
		"itself, plain":   {"GET http://" + self + "/ HTTP/1.1\r\nHost: x\r\n\r\n", 508, "that is this proxy itself"},
		"nobody there":    {"CONNECT 127.0.0.1:1 HTTP/1.1\r\n\r\n", 502, "does not reach 127.0.0.1:1"},
		"nobody, plain":   {"GET http://127.0.0.1:1/ HTTP/1.1\r\nHost: x\r\n\r\n", 502, "does not reach 127.0.0.1:1"},
		"no HTTP at all":  {"\x16\x03\x01 hello\r\n\r\n", 400, ""},
		"huge header":     {"GET http://api.authy.com/ HTTP/1.1\r\nX: " + strings.Repeat("x", 80<<10) + "\r\n\r\n", 431, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			to, from := r.raw(t)
			response, body := say(t, to, from, test.says)
			if response.StatusCode != test.status || !strings.Contains(body, test.text) {
				t.Errorf("%s %q, want %d %q", response.Status, body, test.status, test.text)
			}
		})
	}
}

func TestHugeHeaderInsideTLS(t *testing.T) {
	t.Parallel()
	r := intercepting(t)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.authy.com/", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X", strings.Repeat("x", 80<<10))
	response, _ := send(t, r.client(t), request)
	if response.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Error(response.Status)
	}
}

func TestTunnelsToIPv6(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Logf("no IPv6 here, only its notation is tried: %v", err)
	}
	r := intercepting(t)
	to, from := r.raw(t)
	if listener == nil {
		if response, _ := say(t, to, from, "CONNECT [::1]:443 HTTP/1.1\r\n\r\n"); response.StatusCode != http.StatusBadGateway {
			t.Error(response.Status)
		}
		return
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		if connection, err := listener.Accept(); err == nil {
			_, _ = connection.Write([]byte("untouched"))
			_ = connection.Close()
		}
	}()
	response, body := say(t, to, from, "CONNECT "+listener.Addr().String()+" HTTP/1.1\r\n\r\n")
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%s %s", response.Status, body)
	}
	if text, err := io.ReadAll(from); string(text) != "untouched" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
}
