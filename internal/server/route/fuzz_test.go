package route_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/route"
)

// Whatever the target of a request is, one handler answers it, and named segments are never empty; slashes too many
// change nothing.
func FuzzTargets(f *testing.F) {
	for _, target := range []string{
		"/", "//", "/protected/json/users/1/status", "/protected//json/users/1/status/", "/protected/json/users/delete/1",
		"/protected/json/users/1/delete", "/protected/%2e%2e/users/a%2Fb/status", "/protected/json/users/%00/status?x=/",
		"http://sandbox-api.authy.com/protected/json/users/new", "/protected/json/users/%zz/status", "*", "/ñ",
		"/protected/json/verify/0000000/1", "/protected/json/users/new/x", "/%2f/%2F/",
	} {
		f.Add("POST", target)
	}
	f.Fuzz(func(t *testing.T, method, target string) {
		u, err := url.ParseRequestURI(target)
		if err != nil {
			return // net/http answers that by itself
		}
		first := answered(t, method, u)
		path := strings.ReplaceAll(u.EscapedPath(), "/", "//")
		decoded, err := url.PathUnescape(path)
		if err != nil {
			t.Fatalf("%q is a path that cannot be decoded: %v", path, err)
		}
		if second := answered(t, method, &url.URL{Path: decoded, RawPath: path}); first != second {
			t.Errorf("%s %q is answered by %s, with doubled slashes by %s", method, target, first, second)
		}
	})
}

// answered says who answers a request, with the names in its path.
func answered(t *testing.T, method string, u *url.URL) (by string) {
	t.Helper()
	var routes []route.Route
	for _, call := range []struct{ method, path string }{
		{"POST", "/protected/{format}/users/new"}, {"GET", "/protected/{format}/users/{id}/status"},
		{"POST", "/protected/{format}/users/{id}/delete"}, {"POST", "/protected/{format}/users/delete/{id}"},
		{"GET", "/protected/{format}/verify/{token}/{id}"}, {"GET", "/"},
	} {
		handle := func(_ http.ResponseWriter, r *http.Request) {
			by += call.path
			for _, name := range []string{"format", "id", "token"} {
				value := r.PathValue(name)
				by += " " + name + "=" + value //nolint:perfsprint // three short names
				if strings.Contains(call.path, "{"+name+"}") && value == "" {
					t.Errorf("%s %s: %s is empty in %q", call.method, call.path, name, u)
				}
			}
		}
		routes = append(routes, route.Route{Method: call.method, Path: call.path, Access: route.Public, Handle: handle})
	}
	mux := route.Handler(route.Family{Routes: routes, Refuse: func(w http.ResponseWriter, _ *http.Request, err error) {
		by += string(onetouch.CodeOf(err)) + w.Header().Get("Allow")
	}})
	mux.ServeHTTP(httptest.NewRecorder(), &http.Request{Method: method, URL: u})
	if by == "" {
		t.Errorf("nobody answers %s %q", method, u)
	}
	return by
}
