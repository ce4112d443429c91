package route_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/problem"
	"github.com/onetouchkit/onetouch/internal/server/route"
)

// echo answers the pattern of the route and what its named segments are.
func echo(method, path string, names ...string) route.Route {
	return route.Route{Method: method, Path: path, Access: route.Public, Handle: func(w http.ResponseWriter, r *http.Request) {
		values := []string{path}
		for _, name := range names {
			values = append(values, fmt.Sprintf("%s=%q", name, r.PathValue(name)))
		}
		_, _ = fmt.Fprint(w, strings.Join(values, " "))
	}}
}

func handler() http.Handler {
	return route.Handler(route.Family{Routes: []route.Route{
		echo("POST", "/p/{format}/users/new", "format"),
		echo("GET", "/p/{format}/users/{id}/status", "format", "id"),
		echo("POST", "/p/{format}/users/{id}/delete", "format", "id"),
		echo("POST", "/p/{format}/users/delete/{id}", "format", "id"),
		echo("GET", "/o/{uuid}", "uuid"),
		echo("DELETE", "/o/{uuid}", "uuid"),
		echo("GET", "/healthz"),
	}, Refuse: inOneWord})
}

// inOneWord answers the code of an error.
func inOneWord(w http.ResponseWriter, _ *http.Request, err error) {
	p := problem.Of(err)
	http.Error(w, string(p.Code), p.Status)
}

func TestMux(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		method, target string
		status         int
		body           string
		allow          string
	}{
		{"POST", "/p/json/users/new", 200, `/p/{format}/users/new format="json"`, ""},
		{"GET", "/p/xml/users/5/status", 200, `/p/{format}/users/{id}/status format="xml" id="5"`, ""},
		{"POST", "/p/json/users/5/delete", 200, `/p/{format}/users/{id}/delete format="json" id="5"`, ""},
		{"POST", "/p/json/users/delete/5", 200, `/p/{format}/users/delete/{id} format="json" id="5"`, ""},
		{"POST", "/p/json/users/delete/delete", 200, `/p/{format}/users/delete/{id} format="json" id="delete"`, ""},
		{"GET", "/p/json/users/delete/status", 200, `/p/{format}/users/{id}/status format="json" id="delete"`, ""},
		{"HEAD", "/healthz", 200, `/healthz`, ""},
		{"GET", "//p//json/users/5/status/", 200, `/p/{format}/users/{id}/status format="json" id="5"`, ""},
		{"GET", "/o/a%2Fb%20%ff", 200, `/o/{uuid} uuid="a/b \xff"`, ""},
		{"GET", "/o/..", 200, `/o/{uuid} uuid=".."`, ""},
		{"GET", "/o/a?x=/y", 200, `/o/{uuid} uuid="a"`, ""},
		{"GET", "/o", 404, "not_found", ""},
		{"GET", "/o/", 404, "not_found", ""},
		{"GET", "/o/a/b", 404, "not_found", ""},
		{"GET", "/O/a", 404, "not_found", ""},
		{"GET", "/", 404, "not_found", ""},
		{"POST", "/p/json/users/5/status", 405, "method_not_allowed", "GET"},
		{"PUT", "/p/json/users/delete/delete", 405, "method_not_allowed", "POST"},
		{"PUT", "/p/json/users/delete/status", 405, "method_not_allowed", "GET, POST"},
		{"POST", "/o/a", 405, "method_not_allowed", "DELETE, GET"},
		{"OPTIONS", "/healthz", 405, "method_not_allowed", "GET"},
	} {
		t.Run(c.method+" "+c.target, func(t *testing.T) {
			t.Parallel()
			answer := httptest.NewRecorder()
			handler().ServeHTTP(answer, httptest.NewRequest(c.method, c.target, nil))
			if body := strings.TrimSpace(answer.Body.String()); answer.Code != c.status || body != c.body {
				t.Errorf("got %d %s, want %d %s", answer.Code, body, c.status, c.body)
			}
			if allow := answer.Header().Get("Allow"); allow != c.allow {
				t.Errorf("Allow is %q, want %q", allow, c.allow)
			}
		})
	}
}

// Targets that httptest cannot make: as a forward proxy gets them, and those without a path.
func TestMuxRawTargets(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(handler())
	t.Cleanup(server.Close)
	for target, want := range map[string]int{
		"GET http://api.authy.com/healthz":           200,
		"GET http://user@api.authy.com:81//healthz/": 200,
		"GET //healthz":             200,
		"GET http://api.authy.com":  404,
		"GET *":                     404,
		"CONNECT api.authy.com:443": 404,
	} {
		t.Run(target, func(t *testing.T) {
			t.Parallel()
			connection, err := net.Dial("tcp", server.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = connection.Close() }()
			if _, err := fmt.Fprintf(connection, "%s HTTP/1.1\r\nHost: api.authy.com\r\n\r\n", target); err != nil {
				t.Fatal(err)
			}
			response, err := http.ReadResponse(bufio.NewReader(connection), nil)
			if err != nil {
				t.Fatal(err)
			}
			_ = response.Body.Close()
			if response.StatusCode != want {
				t.Errorf("got %s, want %d", response.Status, want)
			}
		})
	}
}

func TestMuxOfTheSameRouteTwicePanics(t *testing.T) {
	t.Parallel()
	defer func() {
		if got := recover(); got != "route: GET /a/{y} is taken twice" {
			t.Errorf("recovered %v", got)
		}
	}()
	route.Handler(route.Family{Routes: []route.Route{echo("GET", "/a/{x}"), echo("GET", "/a/{y}")}})
}

// Every path finds a route, its method's absence or nothing; never a panic or a redirect.
func FuzzMux(f *testing.F) {
	for _, seed := range []string{"/p/json/users/new", "/o/%2f", "//", "", "*", "/o/%", "/p//users/delete/%zz", "/o/\xff"} {
		f.Add("GET", seed)
	}
	served := handler()
	f.Fuzz(func(t *testing.T, method, path string) {
		answer := httptest.NewRecorder()
		served.ServeHTTP(answer, &http.Request{Method: method, URL: &url.URL{Path: path}})
		if answer.Code != 200 && answer.Code != 404 && answer.Code != 405 {
			t.Fatalf("%s %q: %d", method, path, answer.Code)
		}
		if (answer.Code == 405) != (answer.Header().Get("Allow") != "") {
			t.Fatalf("%s %q: %d, Allow %q", method, path, answer.Code, answer.Header().Get("Allow"))
		}
	})
}

// What no route takes is refused by the family that owns the path.
func TestFamilies(t *testing.T) {
	t.Parallel()
	shape := func(name string) func(http.ResponseWriter, *http.Request, error) {
		return func(w http.ResponseWriter, _ *http.Request, err error) {
			_, _ = fmt.Fprint(w, name, " ", onetouch.CodeOf(err))
		}
	}
	all := route.Handler(
		route.Family{Routes: []route.Route{echo("GET", "/old")}, Refuse: shape("old")},
		route.Family{Prefix: "/new/v1", Routes: []route.Route{echo("GET", "/new/v1/a")}, Refuse: shape("new")},
		route.Family{Prefix: "/page", Routes: []route.Route{echo("GET", "/page/a")}},
	)
	alone := route.Handler(route.Family{Prefix: "/new/v1", Refuse: shape("new")})
	for _, c := range []struct {
		handler      http.Handler
		target, want string
	}{
		{all, "/new/v1/a", "/new/v1/a"}, {all, "/new/v1/b", "new not_found"}, {all, "//new//v1/b/", "new not_found"},
		{all, "/new/v1", "new not_found"}, {all, "/new/v1/", "new not_found"}, {all, "/new/v10", "old not_found"},
		{all, "/new", "old not_found"}, {all, "/", "old not_found"}, {all, "/page/b", "old not_found"},
		{alone, "/new/v1/b", "new not_found"}, {alone, "/b", "Path not found: /b"},
	} {
		answer := httptest.NewRecorder()
		c.handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, c.target, nil))
		if got := strings.TrimSpace(answer.Body.String()); got != c.want {
			t.Errorf("%s: %s, want %s", c.target, got, c.want)
		}
	}
}

// A guard stands before each route, and the route alone can say how its refusal looks.
func TestGuards(t *testing.T) {
	t.Parallel()
	type key struct{}
	show := func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprint(w, "for ", r.Context().Value(key{}), r.PathValue("id"))
	}
	refusal := func(w http.ResponseWriter, _ *http.Request, err error) {
		_, _ = fmt.Fprint(w, "itself ", onetouch.CodeOf(err))
	}
	family := route.Family{Refuse: inOneWord, Routes: []route.Route{
		{Method: "GET", Path: "/device/{id}", Access: route.Device, Handle: show},
		{Method: "GET", Path: "/itself", Access: route.Device, Handle: show, Refuse: refusal},
		{Method: "GET", Path: "/public", Access: route.Public, Handle: show},
	}, Guards: map[route.Access]route.Guard{
		route.Device: func(r *http.Request) (*http.Request, error) {
			if r.Header.Get("Authorization") == "" {
				return nil, problem.New(problem.CodeNotAuthorised, "nobody")
			}
			return r.WithContext(context.WithValue(r.Context(), key{}, "ada")), nil
		},
	}}
	served := route.Handler(family)
	for _, c := range []struct{ path, credential, want string }{
		{"/device/5", "", "not_authorised"}, {"/device/5", "x", "for ada5"}, {"/itself", "", "itself not_authorised"},
		{"/itself", "x", "for ada"}, {"/public", "", "for <nil>"},
	} {
		r := httptest.NewRequest(http.MethodGet, c.path, nil)
		r.Header.Set("Authorization", c.credential)
		answer := httptest.NewRecorder()
		served.ServeHTTP(answer, r)
		if got := strings.TrimSpace(answer.Body.String()); got != c.want {
			t.Errorf("%s with %q: %s, want %s", c.path, c.credential, got, c.want)
		}
	}
	family.Guards[route.Public] = family.Guards[route.Device]
	answer := httptest.NewRecorder()
	route.Handler(family).ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/public", nil))
	if answer.Code != http.StatusUnauthorized {
		t.Errorf("a public route that is guarded all the same: %d", answer.Code)
	}
}

func TestRouteWithoutGuardPanics(t *testing.T) {
	t.Parallel()
	for _, access := range []route.Access{"", route.Application, route.Device, "else"} {
		func() {
			defer func() {
				if said := fmt.Sprint(recover()); !strings.Contains(said, "GET /a has the access") {
					t.Errorf("%q: recovered %s", access, said)
				}
			}()
			route.Handler(route.Family{
				Routes: []route.Route{{Method: "GET", Path: "/a", Access: access}},
				Guards: map[route.Access]route.Guard{route.Operator: func(r *http.Request) (*http.Request, error) { return r, nil }},
			})
		}()
	}
}
