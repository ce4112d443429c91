package phonepage_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/server/phonepage"
	"github.com/onetouchkit/onetouch/internal/server/route"
)

func served(t *testing.T, o phonepage.Options) (http.Handler, []route.Route) {
	t.Helper()
	routes, err := phonepage.Routes(o)
	if err != nil {
		t.Fatal(err)
	}
	return route.Handler(route.Family{Routes: routes}), routes
}

func get(t *testing.T, handler http.Handler, path string, header http.Header) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	r.Header = header
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, r)
	return answer
}

func TestEveryPartIsServedSafely(t *testing.T) {
	t.Parallel()
	handler, routes := served(t, phonepage.Options{Authority: []byte("certificate"), SecureURL: "https://laptop.local:1"})
	kinds := map[string]string{
		"": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
		".svg": "image/svg+xml", ".json": "application/json", ".crt": "application/x-x509-ca-cert",
	}
	for _, r := range routes {
		answer := get(t, handler, r.Path, http.Header{})
		extension := r.Path[max(strings.LastIndex(r.Path, "."), 0):]
		if !strings.HasPrefix(extension, ".") {
			extension = ""
		}
		want := map[string]string{
			"Content-Type": kinds[extension], "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
			"Cache-Control": "no-cache", "X-Frame-Options": "DENY",
		}
		for name, value := range want {
			if got := answer.Header().Get(name); got != value {
				t.Errorf("%s: %s is %q, want %q", r.Path, name, got, value)
			}
		}
		policy := strings.Split(answer.Header().Get("Content-Security-Policy"), "; ")
		for _, rule := range []string{
			"default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "frame-ancestors 'none'",
			"base-uri 'none'", "form-action 'none'", "require-trusted-types-for 'script'",
		} {
			if !slices.Contains(policy, rule) {
				t.Errorf("%s: the policy lacks %s", r.Path, rule)
			}
		}
		again := get(t, handler, r.Path, http.Header{"If-None-Match": answer.Header()["Etag"]})
		if answer.Code != http.StatusOK || again.Code != http.StatusNotModified {
			t.Errorf("%s answers %d, and %d when it is known", r.Path, answer.Code, again.Code)
		}
	}
}

// The page is of one piece: nothing comes from elsewhere, nothing stands in the HTML that the policy would stop.
func TestPageHasNothingInline(t *testing.T) {
	t.Parallel()
	handler, routes := served(t, phonepage.Options{})
	for _, r := range routes {
		content, err := io.ReadAll(get(t, handler, r.Path, http.Header{}).Body)
		if err != nil {
			t.Fatal(err)
		}
		page := string(content)
		for _, bad := range []string{" style=", " onclick=", "<script>", "<style", "innerHTML", "document.write", "eval("} {
			if strings.Contains(page, bad) {
				t.Errorf("%s has %s", r.Path, bad)
			}
		}
		page = strings.ReplaceAll(page, "http://www.w3.org/2000/svg", "")
		page = strings.ReplaceAll(page, "http://localhost", "") // in words for people
		if strings.Contains(page, "http://") || strings.Contains(page, "https://") {
			t.Errorf("%s names another place", r.Path)
		}
	}
}

func TestCertificateIsThereWhenThereIsOne(t *testing.T) {
	t.Parallel()
	without, _ := served(t, phonepage.Options{})
	if status := get(t, without, "/phone/ca.crt", http.Header{}).Code; status != http.StatusNotFound {
		t.Errorf("a server without a certificate answers %d", status)
	}
	with, _ := served(t, phonepage.Options{
		Authority: []byte("DER"), AuthorityName: "onetouch on <laptop>", Fingerprint: "AB:CD", SecureURL: "https://laptop.local:1",
	})
	content, _ := io.ReadAll(get(t, with, "/phone/ca.crt", http.Header{}).Body)
	if string(content) != "DER" {
		t.Errorf("the certificate is %q", content)
	}
	trust, _ := io.ReadAll(get(t, with, "/phone/trust", http.Header{}).Body)
	for _, want := range []string{"onetouch on &lt;laptop&gt;", "AB:CD", `href="https://laptop.local:1/phone/"`} {
		if !strings.Contains(string(trust), want) {
			t.Errorf("the page about trust lacks %s", want)
		}
	}
	var about map[string]string
	if err := json.NewDecoder(get(t, with, "/phone/server.json", http.Header{}).Body).Decode(&about); err != nil ||
		about["secure_url"] != "https://laptop.local:1" || about["fingerprint"] != "AB:CD" {
		t.Errorf("the page is told %v, %v", about, err)
	}
}
