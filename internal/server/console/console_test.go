package console_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/console"
	"github.com/onetouchkit/onetouch/internal/server/route"
)

// mostBytes is what the whole page may weigh, uncompressed.
const mostBytes = 150 << 10

func served(t *testing.T) (http.Handler, []route.Route) {
	t.Helper()
	family, err := console.Family()
	if err != nil {
		t.Fatal(err)
	}
	return route.Handler(family), family.Routes
}

// get asks as a browser on the server's machine does, unless it is changed.
func get(t *testing.T, handler http.Handler, path string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	r.Host, r.RemoteAddr = "localhost:8181", "127.0.0.1:40000"
	for _, c := range change {
		c(r)
	}
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, r)
	return answer
}

func TestEveryPartIsServedSafely(t *testing.T) {
	t.Parallel()
	handler, routes := served(t)
	weight := 0
	for _, r := range routes {
		answer := get(t, handler, r.Path)
		weight += answer.Body.Len()
		if answer.Code != http.StatusOK {
			t.Errorf("%s answers %d", r.Path, answer.Code)
		}
		for name, value := range map[string]string{
			"Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
			"Cross-Origin-Resource-Policy": "same-origin", "Access-Control-Allow-Origin": "", "Set-Cookie": "",
		} {
			if got := answer.Header().Get(name); got != value {
				t.Errorf("%s: %s is %q, want %q", r.Path, name, got, value)
			}
		}
		policy := strings.Split(answer.Header().Get("Content-Security-Policy"), "; ")
		for _, rule := range []string{
			"default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'self' blob:",
			"frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'", "require-trusted-types-for 'script'",
		} {
			if !slices.Contains(policy, rule) {
				t.Errorf("%s: the policy lacks %s", r.Path, rule)
			}
		}
	}
	if weight > mostBytes {
		t.Errorf("the page weighs %d bytes, at most %d are allowed", weight, mostBytes)
	}
	t.Logf("the page weighs %d bytes", weight)
}

// The page is of one piece: nothing comes from elsewhere, nothing stands in the HTML that the policy would stop, and nothing
// is kept in the browser.
func TestPageHasNothingInlineAndKeepsNothing(t *testing.T) {
	t.Parallel()
	handler, routes := served(t)
	for _, r := range routes {
		content, err := io.ReadAll(get(t, handler, r.Path).Body)
		if err != nil {
			t.Fatal(err)
		}
		page := string(content)
		for _, bad := range []string{
			" style=", " onclick=", "<script>", "<style", "innerHTML", "insertAdjacentHTML", "document.write", "eval(",
			"localStorage", "sessionStorage", "document.cookie", "indexedDB",
		} {
			if strings.Contains(page, bad) {
				t.Errorf("%s has %s", r.Path, bad)
			}
		}
		for _, known := range []string{"http://www.w3.org/2000/svg", "http://127.0.0.1:3000/callback"} { // a name, and an example in words
			page = strings.ReplaceAll(page, known, "")
		}
		if strings.Contains(page, "http://") || strings.Contains(page, "https://") {
			t.Errorf("%s names another place", r.Path)
		}
	}
}

func TestOnlyThisMachineIsLetIn(t *testing.T) {
	t.Parallel()
	handler, _ := served(t)
	for _, c := range []struct {
		remote, host string
		want         int
	}{
		{"127.0.0.1:4000", "127.0.0.1:8181", http.StatusOK},
		{"127.3.2.1:4000", "LOCALHOST", http.StatusOK},
		{"[::1]:4000", "[::1]:8181", http.StatusOK},
		{"[::ffff:127.0.0.1]:4000", "localhost:1", http.StatusOK},
		{"192.0.2.7:4000", "127.0.0.1:8181", http.StatusUnauthorized},
		{"192.0.2.7:4000", "192.0.2.1:8181", http.StatusUnauthorized},
		{"127.0.0.1:4000", "laptop.local:8181", http.StatusUnauthorized},
		{"127.0.0.1:4000", "api.authy.com", http.StatusUnauthorized},
		{"127.0.0.1:4000", "127.0.0.1.evil.example", http.StatusUnauthorized},
		{"127.0.0.1:4000", "", http.StatusUnauthorized},
		{"nonsense", "localhost", http.StatusUnauthorized},
	} {
		answer := get(t, handler, "/console/main.js", func(r *http.Request) { r.RemoteAddr, r.Host = c.remote, c.host })
		if answer.Code != c.want {
			t.Errorf("%s as %q gets %d, want %d", c.remote, c.host, answer.Code, c.want)
		}
		if c.want != http.StatusOK && (!strings.Contains(answer.Body.String(), "onetouch console") || answer.Header().Get("X-Frame-Options") != "DENY") {
			t.Errorf("%s as %q is refused with %q", c.remote, c.host, answer.Body)
		}
	}
}

// What is delivered can be chosen by its kind; what is in the inbox at once is no delivery there.
func TestDeliveriesOfEveryKindCanBeChosen(t *testing.T) {
	t.Parallel()
	handler, routes := served(t)
	i := slices.IndexFunc(routes, func(r route.Route) bool { return strings.HasSuffix(r.Path, "/deliveries.js") })
	if i < 0 {
		t.Fatal("there is no deliveries.js")
	}
	page := get(t, handler, routes[i].Path).Body.String()
	for _, kind := range onetouch.DeliveryKinds() {
		if kind != onetouch.DeliveryMessage && !strings.Contains(page, "['"+string(kind)+"', '") {
			t.Errorf("deliveries of the kind %s cannot be chosen", kind)
		}
	}
}
