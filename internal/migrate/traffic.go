package migrate

import (
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/onetouchkit/onetouch/internal/server/authyapi"
	"github.com/onetouchkit/onetouch/internal/server/route"
)

// Seen is a call that a backend made, as far as it is known.
type Seen struct {
	Method      string
	Target      string // path and query, or a whole URL
	ContentType string
	Body        string
	Cut         bool // Body is not all of it, or nothing is known of it
	Status      int  // HTTP; 0: not known, or no answer
}

// request is the call as the Authy API got it.
func (s Seen) request() (*http.Request, error) {
	u, err := url.Parse(s.Target)
	if err != nil {
		return nil, err
	}
	r := &http.Request{
		Method: s.Method, URL: u, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(s.Body)),
		ContentLength: int64(len(s.Body)),
	}
	if s.ContentType != "" {
		r.Header.Set("Content-Type", s.ContentType)
	}
	return r, nil
}

// finder finds the call of the Authy API that a path is, as the server does.
type finder struct {
	handler   http.Handler
	endpoints map[string]authyapi.Endpoint
}

// nameOf is the key of a call in tables.
func nameOf(e authyapi.Endpoint) string { return e.Method + " " + e.Path }

func newFinder() finder {
	f := finder{endpoints: map[string]authyapi.Endpoint{}}
	var routes []route.Route
	for _, e := range authyapi.Endpoints() {
		f.endpoints[nameOf(e)] = e
		routes = append(routes, route.Route{
			Method: e.Method, Path: e.Path, Access: route.Public,
			Handle: func(w http.ResponseWriter, _ *http.Request) { w.Header().Set(foundHeader, nameOf(e)) },
		})
	}
	f.handler = route.Handler(route.Family{Routes: routes, Refuse: func(http.ResponseWriter, *http.Request, error) {}})
	return f
}

func (f finder) find(r *http.Request) (authyapi.Endpoint, bool) {
	answer := headers{}
	f.handler.ServeHTTP(answer, r)
	e, found := f.endpoints[http.Header(answer).Get(foundHeader)]
	return e, found
}

// foundHeader has the name of the call that was found.
const foundHeader = "Found"

// headers is an answer of which only the headers are looked at.
type headers http.Header

func (h headers) Header() http.Header            { return http.Header(h) }
func (h headers) Write(body []byte) (int, error) { return len(body), nil }
func (h headers) WriteHeader(int)                {}
