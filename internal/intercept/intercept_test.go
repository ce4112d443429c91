package intercept_test

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/onetouchkit/onetouch/internal/intercept"
)

func TestHostsAreAnswered(t *testing.T) {
	t.Parallel()
	r := intercepting(t)
	c := r.client(t)
	for url, want := range map[string]string{
		"https://api.authy.com/protected/json/app/details?a=b": "GET api.authy.com /protected/json/app/details?a=b",
		"https://sandbox-api.authy.com/":                       "GET sandbox-api.authy.com /",
		"https://api.authy.com:443/with%2Fport":                "GET api.authy.com:443 /with%2Fport",
		"http://api.authy.com/plain?q=1;2":                     "GET api.authy.com /plain?q=1;2",
		"http://API.Authy.com/upper":                           "GET API.Authy.com /upper",
		"http://api.authy.com.:80/root":                        "GET api.authy.com.:80 /root",
	} {
		response, body := get(t, c, url)
		if calls := r.calls(); body != "intercepted" || !slices.Equal(calls, []string{want}) {
			t.Errorf("%s: %s %q, asked %q, want %q", url, response.Status, body, calls, want)
		}
		if leaked := response.Header.Get("X-Leaked"); leaked != "" {
			t.Errorf("%s: the handler got the header %s", url, leaked)
		}
	}
}

func TestConnectionsStayOpen(t *testing.T) {
	t.Parallel()
	r := intercepting(t)
	c := r.client(t)
	for _, scheme := range []string{"http", "https"} {
		first, _ := get(t, c, scheme+"://api.authy.com/1")
		second, _ := get(t, c, scheme+"://api.authy.com/2")
		if a, b := first.Header.Get("X-Peer"), second.Header.Get("X-Peer"); a != b {
			t.Errorf("%s: two calls came over connections %s and %s", scheme, a, b)
		}
	}
}

// Some clients tunnel plain HTTP, too, and some libraries ask a proxy for https:// without a tunnel.
func TestUnusualWaysLeadToTheHandler(t *testing.T) {
	t.Parallel()
	for name, lines := range map[string][]string{
		"plain HTTP through a tunnel": {
			"CONNECT api.authy.com:80 HTTP/1.1\r\nHost: api.authy.com:80\r\n\r\n", "GET /x HTTP/1.1\r\nHost: api.authy.com\r\n\r\n",
		},
		"https without a tunnel":         {"GET https://api.authy.com/x HTTP/1.1\r\nHost: api.authy.com\r\n\r\n"},
		"credentials for a proxy":        {"GET http://api.authy.com/x HTTP/1.1\r\nHost: a\r\nProxy-Authorization: Basic eA==\r\n\r\n"},
		"a connection kept for proxies":  {"GET http://api.authy.com/x HTTP/1.1\r\nHost: a\r\nProxy-Connection: close\r\n\r\n"},
		"a CONNECT of the first version": {"CONNECT api.authy.com:443 HTTP/1.0\r\n\r\n", "GET /x HTTP/1.1\r\nHost: api.authy.com\r\n\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := intercepting(t)
			to, from := r.raw(t)
			var response reply
			var body string
			for _, line := range lines {
				response, body = say(t, to, from, line)
			}
			if calls := r.calls(); body != "intercepted" || len(calls) != 1 || calls[0] != "GET api.authy.com /x" {
				t.Errorf("%s %q, asked %q", response.Status, body, calls)
			}
			if leaked := response.Header.Get("X-Leaked"); leaked != "" {
				t.Errorf("the handler got the header %s", leaked)
			}
		})
	}
}

func TestOtherHostsKeepTheirCertificate(t *testing.T) {
	t.Parallel()
	r := intercepting(t)
	host, _ := secure(t)
	response, body := get(t, r.client(t, host.Certificate()), host.URL)
	if body != "untouched" || !bytes.Equal(response.TLS.PeerCertificates[0].Raw, host.Certificate().Raw) {
		t.Errorf("%q with the certificate of %s", body, response.TLS.PeerCertificates[0].Subject)
	}
	var unknown x509.UnknownAuthorityError
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, host.URL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	refused, err := r.client(t).Do(request)
	if err == nil {
		_ = refused.Body.Close()
	}
	if !errors.As(err, &unknown) {
		t.Errorf("who does not know the host's own certificate gets %v", err)
	}
}

// The private key of the authority could make certificates: it is nowhere, and the files are the user's alone.
func TestFilesHoldNoKey(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "fresh")
	r := interceptingIn(t, folder)
	authority := 0
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %s", path, info.Mode())
		}
		if entry.IsDir() {
			return nil
		}
		content := read(t, path)
		if bytes.Contains(content, []byte("PRIVATE KEY")) {
			t.Errorf("%s holds a private key", path)
		}
		authority += bytes.Count(content, constrained(t, r.set["NODE_EXTRA_CA_CERTS"]))
		return nil
	})
	if err != nil || authority < 2 {
		t.Errorf("%v, the authority stands in %d files", err, authority)
	}
}

// constrained is the authority in a file, after making sure of what it may vouch for.
func constrained(t *testing.T, path string) []byte {
	t.Helper()
	block, _ := pem.Decode(read(t, path))
	if block == nil {
		t.Fatalf("%s holds no certificate", path)
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(certificate.PermittedDNSDomains, hosts()) || len(certificate.ExcludedIPRanges) != 2 {
		t.Errorf("the authority may vouch for %v", certificate.PermittedDNSDomains)
	}
	return pem.EncodeToMemory(block)
}

func TestOnlyThisMachineReachesTheProxy(t *testing.T) {
	t.Parallel()
	host, _, err := net.SplitHostPort(intercepting(t).address(t))
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
		t.Errorf("it listens on %q", host)
	}
}

func TestNothingRunsAfterwards(t *testing.T) { //nolint:paralleltest // it looks at all goroutines
	before := goleak.IgnoreCurrent()
	r := &running{}
	started, err := intercept.Start(t.Context(), intercept.Options{
		Hosts: hosts(), Handler: http.HandlerFunc(r.answer), Folder: t.TempDir(),
	})
	if err != nil {
		t.Fatal(err)
	}
	r.Interception, r.set = started, map[string]string{}
	for _, variable := range started.Environment() {
		name, value, _ := strings.Cut(variable, "=")
		r.set[name] = value
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	tunnelled, from := r.raw(t)
	target := silent.Addr().String()
	if response, body := say(t, tunnelled, from, "CONNECT "+target+" HTTP/1.1\r\nHost: x\r\n\r\n"); response.StatusCode != http.StatusOK {
		t.Fatalf("%s %s", response.Status, body)
	}
	undecided, from2 := r.raw(t)
	if response, _ := say(t, undecided, from2, "CONNECT api.authy.com:443 HTTP/1.1\r\n\r\n"); response.StatusCode != http.StatusOK {
		t.Fatal(response.Status)
	}
	started.Close()
	started.Close() // once more does no harm
	for _, connection := range []net.Conn{tunnelled, undecided} {
		if n, err := io.Copy(io.Discard, connection); n != 0 || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("a connection stays open: %d bytes, %v", n, err)
		}
	}
	goleak.VerifyNone(t, before)
}

func TestProblemsAtTheStart(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "missing.pem")
	for _, name := range []string{"SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"} {
		_, err := intercept.Start(t.Context(), intercept.Options{Hosts: hosts(), Folder: t.TempDir(), Environment: []string{name + "=" + missing}})
		if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), missing) ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := intercept.Start(t.Context(), intercept.Options{Hosts: hosts(), Folder: filepath.Join(file, "below")}); err == nil {
		t.Error("a folder that cannot be made is no problem")
	}
}

// The user's own proxy may be set badly; that is said to whoever needs it.
func TestBrokenProxySetting(t *testing.T) {
	t.Parallel()
	r := intercepting(t, "HTTPS_PROXY=ftp://proxy.example:1")
	to, from := r.raw(t)
	response, body := say(t, to, from, "CONNECT backend.example:443 HTTP/1.1\r\n\r\n")
	if response.StatusCode != http.StatusBadGateway || !strings.Contains(body, `"ftp" is not known`) {
		t.Errorf("%s %s", response.Status, body)
	}
}
