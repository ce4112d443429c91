// Package route is the table of what a server answers and who may call it. The server's router is made from it, and so
// is the test that tries every route with the wrong credentials.
package route

import (
	"net/http"
	"path"
	"slices"
	"strings"
)

// Access says whose credential a route wants.
type Access string

// Credentials.
const (
	Public      Access = "public"      // none, or one in the body that is part of the call
	Application Access = "application" // the application's API key
	Device      Access = "device"      // the device's access token
	Operator    Access = "operator"    // the control token of the server's own profile
)

// Route is one call.
type Route struct {
	Method string
	Path   string // a net/http pattern path, such as /protected/{format}/users/new
	Access Access
	Handle http.HandlerFunc
}

// Fallback answers what no route takes.
type Fallback struct {
	NotFound         http.HandlerFunc
	MethodNotAllowed func(allowed []string) http.HandlerFunc
}

// Mux returns a handler of the routes. Unlike net/http's own it never redirects: an API client would turn a redirected
// POST into a GET.
func Mux(routes []Route, fallback Fallback) http.Handler {
	mux := http.NewServeMux()
	methods := map[string]bool{}
	for _, r := range routes {
		mux.HandleFunc(r.Method+" "+r.Path, r.Handle)
		methods[r.Method] = true
	}
	known := make([]string, 0, len(methods))
	for method := range methods {
		known = append(known, method)
	}
	slices.Sort(known)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !clean(r.URL.Path) || r.Method == http.MethodConnect {
			fallback.NotFound(w, r)
			return
		}
		if _, pattern := mux.Handler(r); pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		if allowed := allowed(mux, r, known); len(allowed) > 0 {
			w.Header().Set("Allow", strings.Join(allowed, ", "))
			fallback.MethodNotAllowed(allowed)(w, r)
			return
		}
		fallback.NotFound(w, r)
	})
}

// clean reports whether net/http would serve the path as it is.
func clean(p string) bool {
	return strings.HasPrefix(p, "/") && path.Clean(p) == strings.TrimSuffix(p, "/") || p == "/"
}

func allowed(mux *http.ServeMux, r *http.Request, known []string) []string {
	var methods []string
	for _, method := range known {
		try := &http.Request{Method: method, URL: r.URL, Host: r.Host}
		if _, pattern := mux.Handler(try); pattern != "" {
			methods = append(methods, method)
		}
	}
	return methods
}
