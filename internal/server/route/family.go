package route

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/onetouchkit/onetouch/internal/server/problem"
)

// Family is one API: its calls, and the shape in which it answers errors.
type Family struct {
	// Prefix is the base path below which all is the family's own, such as /device/v1; what no route takes there is
	// refused by it. The family with none answers for the rest.
	Prefix string
	Routes []Route
	// Refuse answers an error in the shape of the API. nil leaves that to the family without a prefix.
	Refuse func(http.ResponseWriter, *http.Request, error)
	// Guards stand before the routes, each before those of one kind of access. Only public ones can do without.
	Guards map[Access]Guard
	// Around stands around every call of the family, also one that no route takes; nil: nothing does. The request says which
	// route it has ([net/http.Request.Pattern]).
	Around func(http.Handler) http.Handler
}

func (f Family) around(handle http.HandlerFunc) http.Handler {
	if f.Around == nil {
		return handle
	}
	return f.Around(handle)
}

// guard is who stands before a route. It panics when nobody does: a fault in the program.
func (f Family) guard(r Route) Guard {
	switch guard := f.Guards[r.Access]; {
	case guard != nil:
		return guard
	case r.Access == Public:
		return anybody
	default:
		panic(fmt.Sprintf("route: %s %s has the access %q, which nobody guards", r.Method, r.Path, r.Access))
	}
}

// Families are the APIs of one server.
type Families []Family

// Routes is the whole table of calls.
func (f Families) Routes() []Route {
	var routes []Route
	for _, family := range f {
		routes = append(routes, family.Routes...)
	}
	return routes
}

// Refuse answers an error that no route has seen in the shape of the API that was asked.
func (f Families) Refuse(w http.ResponseWriter, r *http.Request, err error) {
	tellWait(w, err)
	f.asked(r).Refuse(w, r, err)
}

// tellWait says when to come again, where the refusal knows it.
func tellWait(w http.ResponseWriter, err error) {
	if wait := problem.Of(err).RetryAfter; wait > 0 {
		w.Header().Set("Retry-After", strconv.FormatInt(int64((wait+time.Second-1)/time.Second), 10)) // rounded up
	}
}

// asked is the family that answers for a path that no route takes.
func (f Families) asked(r *http.Request) Family {
	path := segments(r.URL)
	asked := Family{Refuse: refusePlainly}
	for _, family := range f {
		if family.Refuse != nil && family.owns(path) && len(family.Prefix) >= len(asked.Prefix) {
			asked = family
		}
	}
	return asked
}

// refusePlainly is for a server whose families all have a prefix.
func refusePlainly(w http.ResponseWriter, _ *http.Request, err error) {
	p := problem.Of(err)
	http.Error(w, p.Message, p.Status)
}

// owns reports whether the path is the family's prefix, or below it.
func (f Family) owns(path []string) bool {
	prefix := strings.FieldsFunc(f.Prefix, isSlash)
	return len(path) >= len(prefix) && slices.Equal(path[:len(prefix)], prefix)
}

// stray answers a call that no route takes.
func (f Families) stray(w http.ResponseWriter, r *http.Request, err error) {
	asked := f.asked(r)
	asked.around(func(w http.ResponseWriter, r *http.Request) { asked.Refuse(w, r, err) }).ServeHTTP(w, r)
}

func (f Families) notFound(w http.ResponseWriter, r *http.Request) {
	f.stray(w, r, problem.New(problem.CodeNotFound, "Path not found: "+r.URL.Path))
}

func (f Families) methodNotAllowed(w http.ResponseWriter, r *http.Request, allowed []string) {
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	f.stray(w, r, problem.New(problem.CodeMethodNotAllowed,
		"Method "+r.Method+" is not allowed here, use "+strings.Join(allowed, " or ")))
}
