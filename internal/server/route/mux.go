package route

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Handler returns a handler of the families' routes. It differs from net/http's in three ways that clients of the Authy API need:
//
//   - users/{id}/delete and users/delete/{id} can stand side by side: the leftmost literal segment wins.
//   - It never redirects: a client would turn a redirected POST into a GET. Doubled and trailing slashes are ignored, as
//     in Rails; a base URL that ends in a slash makes them.
//   - The host of the request counts for nothing, also in an absolute-form target.
//
// It panics when two routes have the same method and path, or nobody guards one: a fault in the program.
func Handler(families ...Family) http.Handler {
	root, all := &segment{}, Families(families)
	for _, family := range families {
		for _, r := range family.Routes {
			t := &target{Route: r, guard: family.guard(r)}
			t.handler = family.around(func(w http.ResponseWriter, r *http.Request) { all.serve(w, r, t) })
			root.add(t)
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m := match{method: r.Method, path: segments(r.URL)}
		if m.method == http.MethodHead {
			m.method = http.MethodGet
		}
		if found := m.find(root, m.path); found != nil {
			found.setPathValues(r, m.path)
			found.handler.ServeHTTP(w, r)
			return
		}
		if len(m.allowed) == 0 {
			all.notFound(w, r)
			return
		}
		slices.Sort(m.allowed)
		all.methodNotAllowed(w, r, slices.Compact(m.allowed))
	})
}

// serve lets the guard decide.
func (f Families) serve(w http.ResponseWriter, r *http.Request, t *target) {
	passed, err := t.guard(r)
	switch {
	case err == nil:
		t.Handle(w, passed)
	case t.Refuse != nil:
		tellWait(w, err)
		t.Refuse(w, r, err)
	default:
		f.Refuse(w, r, err)
	}
}

// segment is a node in the tree of paths.
type segment struct {
	literal map[string]*segment
	named   *segment
	routes  []*target // those that end here
}

// target is a route with the names of its path's segments; "" for a literal one.
type target struct {
	Route

	guard   Guard
	handler http.Handler // the guard and the route, with what stands around its family
	names   []string
}

func (s *segment) add(t *target) {
	for part := range strings.SplitSeq(strings.Trim(t.Path, "/"), "/") {
		name := ""
		if strings.HasPrefix(part, "{") && strings.HasSuffix(part, "}") {
			name = part[1 : len(part)-1]
		}
		t.names = append(t.names, name)
		s = s.next(part, name != "")
	}
	if slices.ContainsFunc(s.routes, func(other *target) bool { return other.Method == t.Method }) {
		panic(fmt.Sprintf("route: %s %s is taken twice", t.Method, t.Path))
	}
	s.routes = append(s.routes, t)
}

func (s *segment) next(part string, named bool) *segment {
	if named {
		if s.named == nil {
			s.named = &segment{}
		}
		return s.named
	}
	if s.literal == nil {
		s.literal = map[string]*segment{}
	}
	if s.literal[part] == nil {
		s.literal[part] = &segment{}
	}
	return s.literal[part]
}

// segments are the decoded parts of a path. A slash that is escaped is part of its segment.
func segments(u *url.URL) []string {
	parts := strings.FieldsFunc(u.EscapedPath(), isSlash)
	for i, part := range parts {
		if decoded, err := url.PathUnescape(part); err == nil {
			parts[i] = decoded
		}
	}
	return parts
}

func isSlash(char rune) bool { return char == '/' }

// match looks for the route of one request.
type match struct {
	method  string
	path    []string
	allowed []string // methods of the routes with that path
}

func (m *match) find(s *segment, rest []string) *target {
	if len(rest) == 0 {
		return m.here(s)
	}
	for _, next := range []*segment{s.literal[rest[0]], s.named} {
		if next == nil {
			continue
		}
		if found := m.find(next, rest[1:]); found != nil {
			return found
		}
	}
	return nil
}

func (m *match) here(s *segment) *target {
	for _, t := range s.routes {
		if t.Method == m.method {
			return t
		}
		m.allowed = append(m.allowed, t.Method)
	}
	return nil
}

func (t *target) setPathValues(r *http.Request, path []string) {
	r.Pattern = t.Path
	for i, name := range t.names {
		if name != "" {
			r.SetPathValue(name, path[i])
		}
	}
}
