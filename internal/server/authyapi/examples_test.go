package authyapi_test

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/authyapi"
)

// example is a call that succeeds.
type example struct {
	authyapi.Endpoint
	values     map[string]string // of the path's named segments, but for the format
	parameters url.Values
}

// made is what an example needs: names of things that are there, and parameters.
type made struct {
	values     map[string]string
	parameters url.Values
}

// makeExample has an entry for every call. It makes what the call is about and returns how to call it.
func makeExample() map[string]func(*testing.T, *service) made {
	user := func(parameters url.Values) func(*testing.T, *service) made {
		return func(t *testing.T, s *service) made {
			t.Helper()
			return made{map[string]string{"id": decimal(s.addUser(t))}, parameters}
		}
	}
	return map[string]func(*testing.T, *service) made{
		"POST /protected/{format}/users/new": func(*testing.T, *service) made {
			return made{parameters: userOf("grace@example.com", "305-555-2345", "1")}
		},
		"GET /protected/{format}/users/{id}/status":  userWithPhones,
		"POST /protected/{format}/users/{id}/delete": user(nil),
		"POST /protected/{format}/users/{id}/remove": user(nil),
		"POST /protected/{format}/users/delete/{id}": user(nil),
		"POST /onetouch/{format}/users/{id}/approval_requests": user(url.Values{
			"message": {"Log in?"}, "details[City]": {"Bogotá"}, "hidden_details[ip]": {"10.0.0.1"},
			"logos[0][res]": {"default"}, "logos[0][url]": {"https://example.com/logo.png"}, "seconds_to_expire": {"120"},
		}),
		"GET /onetouch/{format}/approval_requests/{uuid}": answeredRequest,
		"POST /protected/{format}/sdk/registrations": func(t *testing.T, s *service) made {
			t.Helper()
			return made{parameters: url.Values{"authy_id": {decimal(s.addUser(t))}}}
		},
		"DELETE /protected/{format}/sdk/devices/{id}": func(t *testing.T, s *service) made {
			t.Helper()
			return made{values: map[string]string{"id": decimal(s.addPhone(t, s.addUser(t), "android").ID)}}
		},
	}
}

func userWithPhones(t *testing.T, s *service) made {
	t.Helper()
	id := s.addUser(t)
	s.addPhone(t, id, "android")
	s.addPhone(t, id, "ipad")
	return made{values: map[string]string{"id": decimal(id)}}
}

func answeredRequest(t *testing.T, s *service) made {
	t.Helper()
	id := s.addUser(t)
	phone, request := s.addPhone(t, id, "ios"), s.ask(t, id, transfer())
	s.answer(t, phone, request, onetouch.StatusApproved)
	return made{values: map[string]string{"uuid": request.UUID}}
}

// key names an endpoint.
func key(e authyapi.Endpoint) string { return e.Method + " " + e.Path }

// example makes the example of an endpoint. A call without one fails the test.
func (s *service) example(t *testing.T, e authyapi.Endpoint) example {
	t.Helper()
	prepare := makeExample()[key(e)]
	if prepare == nil {
		t.Fatalf("%s has no example", key(e))
	}
	m := prepare(t, s)
	x := example{e, m.values, url.Values{}}
	maps.Copy(x.parameters, m.parameters)
	return x
}

var placeholder = regexp.MustCompile(`\{(\w+)\}`)

// path is where the example is called.
func (x example) path(t *testing.T, format string) string {
	t.Helper()
	return placeholder.ReplaceAllStringFunc(x.Path, func(named string) string {
		name := strings.Trim(named, "{}")
		if name == "format" {
			return format
		}
		value, given := x.values[name]
		if !given {
			t.Fatalf("%s: no value for %s", key(x.Endpoint), name)
		}
		return url.PathEscape(value)
	})
}

// send calls the example with its parameters in a form.
func (s *service) send(t *testing.T, x example, format string) answer {
	t.Helper()
	return s.call(t, x.Method, x.path(t, format), formType, x.parameters.Encode())
}

// eachEndpoint runs a test for every call, each with a service of its own.
func eachEndpoint(t *testing.T, test func(*testing.T, authyapi.Endpoint)) {
	t.Helper()
	endpoints := authyapi.Endpoints()
	if len(endpoints) < 9 {
		t.Fatalf("only %d calls", len(endpoints))
	}
	for _, e := range endpoints {
		t.Run(strings.ReplaceAll(key(e), "/", "∕"), func(t *testing.T) {
			t.Parallel()
			test(t, e)
		})
	}
}

// Every example is one of a call that exists, and succeeds.
func TestExamples(t *testing.T) {
	t.Parallel()
	var keys []string
	for _, e := range authyapi.Endpoints() {
		keys = append(keys, key(e))
	}
	for named := range makeExample() {
		if !slices.Contains(keys, named) {
			t.Errorf("%s is no call", named)
		}
	}
	eachEndpoint(t, func(t *testing.T, e authyapi.Endpoint) {
		s := newService(t)
		if a := s.send(t, s.example(t, e), "json"); a.status != 200 {
			t.Errorf("got %s", a)
		}
	})
}

// What the table says of a call can be shown to people.
func TestEndpointsAreDescribed(t *testing.T) {
	t.Parallel()
	eachEndpoint(t, func(t *testing.T, e authyapi.Endpoint) {
		if e.Does == "" || e.Source == "" || e.Access == "" {
			t.Errorf("it is described as %+v", e)
		}
		seen := map[string]bool{}
		for _, p := range e.Parameters {
			if p.Name == "" || p.Kind == "" || p.Does == "" || seen[p.Name] {
				t.Errorf("a parameter is described as %+v", p)
			}
			seen[p.Name] = true
		}
	})
}
