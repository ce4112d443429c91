package authyapi_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/authyapi"
	"github.com/onetouchkit/onetouch/internal/server/route"
)

// target is a call with the names of things that are there.
type target struct{ method, path string }

// targets are all calls for which the API key is the credential.
func (s *service) targets(t *testing.T, format string) []target {
	t.Helper()
	var targets []target
	for _, e := range authyapi.Endpoints() {
		if e.Access == route.Application {
			targets = append(targets, target{e.Method, s.example(t, e).path(t, format)})
		}
	}
	if len(targets) < 9 {
		t.Fatalf("only %d calls", len(targets))
	}
	return targets
}

func TestNoCallWithoutKey(t *testing.T) {
	t.Parallel()
	const (
		json = `{"message":"Invalid API key","success":false,"errors":{"message":"Invalid API key"},"error_code":"60001"}`
		xml  = xmlProlog + `<errors><message>Invalid API key</message><success type="boolean">false</success>` +
			`<errors><message>Invalid API key</message></errors><error-code>60001</error-code></errors>`
	)
	s := newService(t)
	for format, want := range map[string]string{"json": json, "xml": xml} {
		targets := s.targets(t, format)
		before := s.lastEvent(t)
		for _, c := range targets {
			for _, key := range []string{"", "wrong", "the key of acme", s.app.APIKey + "x", strings.Repeat("k", 5000), "\xff", "' OR 1=1 --"} {
				header := http.Header{"X-Authy-API-Key": {key}}
				s.do(t, c.method, c.path, header, nil).mustBe(t, 401, want)
				form := http.Header{"Content-Type": {formType}}
				s.do(t, c.method, c.path+"?api_key="+url.QueryEscape(key), nil, nil).mustBe(t, keyStatus(key), wantOf(key, want, format))
				s.do(t, c.method, c.path, form, strings.NewReader("api_key="+url.QueryEscape(key))).mustBe(t, keyStatus(key), wantOf(key, want, format))
			}
			s.do(t, c.method, c.path, nil, nil).mustBe(t, 401, want)
			s.do(t, c.method, c.path+"?api_key[]="+url.QueryEscape(s.app.APIKey), nil, nil).mustBe(t, 401, want)
			// A wrong header is not made good by a right parameter, and nothing of the body is read.
			header := http.Header{"X-Authy-API-Key": {"wrong"}, "Content-Type": {jsonType}}
			s.do(t, c.method, c.path+"?api_key="+url.QueryEscape(s.app.APIKey), header, strings.NewReader("{")).mustBe(t, 401, want)
		}
		if s.lastEvent(t) != before {
			t.Error("a call without a key changed something")
		}
	}
}

// A key that is not UTF-8 is a parameter that cannot be read.
func keyStatus(key string) int {
	if key == "\xff" {
		return 400
	}
	return 401
}

func wantOf(key, invalid, format string) string {
	const message = "Invalid parameter: api_key - is not valid UTF-8"
	switch {
	case key != "\xff":
		return invalid
	case format == "json":
		return `{"message":"` + message + `","success":false,"errors":{"message":"` + message + `"},"error_code":"60005"}`
	default:
		return xmlProlog + `<errors><message>` + message + `</message><success type="boolean">false</success>` +
			`<errors><message>` + message + `</message></errors><error-code>60005</error-code></errors>`
	}
}

func TestEveryWayToPassTheKey(t *testing.T) {
	t.Parallel()
	key := "the key of Acme"
	escaped := url.QueryEscape(key)
	for name, c := range map[string]struct {
		query, contentType, body string
		header                   http.Header
	}{
		"header":                         {header: http.Header{"X-Authy-API-Key": {key}}},
		"header in other letters":        {header: http.Header{"x-authy-api-KEY": {key}}},
		"query":                          {query: "?api_key=" + escaped},
		"query with an empty form":       {query: "?api_key=" + escaped, contentType: formType},
		"form":                           {contentType: formType, body: "api_key=" + escaped},
		"JSON":                           {contentType: jsonType, body: `{"api_key":"` + key + `"}`},
		"XML":                            {contentType: xmlType, body: `<hash><api-key>` + key + `</api-key></hash>`},
		"header and a wrong parameter":   {query: "?api_key=wrong", header: http.Header{"X-Authy-Api-Key": {key}}},
		"empty header, then a parameter": {query: "?api_key=" + escaped, header: http.Header{"X-Authy-Api-Key": {""}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t)
			for _, target := range s.targets(t, "json") {
				header := c.header.Clone()
				if c.contentType != "" {
					header = http.Header{"Content-Type": {c.contentType}}
				}
				a := s.do(t, target.method, target.path+c.query, header, strings.NewReader(c.body))
				if a.status == 401 || strings.Contains(a.body, "60001") {
					t.Errorf("%s %s: %s", target.method, target.path, a)
				}
			}
		})
	}
}

// foreign is what each call says of a thing that another application has; "" when it names nothing of anybody's.
func foreign() map[string]string {
	const user, hooks = "60026", "/dashboard/{format}/application/webhooks"
	return map[string]string{
		"POST /protected/{format}/users/new":                    "",
		"GET /protected/{format}/users/{id}/status":             user,
		"POST /protected/{format}/users/{id}/delete":            user,
		"POST /protected/{format}/users/{id}/remove":            user,
		"POST /protected/{format}/users/delete/{id}":            user,
		"POST /protected/{format}/users/{id}/update":            user,
		"POST /protected/{format}/users/{id}/register_activity": user,
		"POST /protected/{format}/users/{id}/secret":            user,
		"GET /protected/{format}/verify/{token}/{id}":           "60016",
		"GET /protected/{format}/sms/{id}":                      user,
		"GET /protected/{format}/call/{id}":                     user,
		"POST /protected/{format}/email/{id}":                   user,
		"POST /protected/{format}/phones/verification/start":    "",
		"GET /protected/{format}/phones/verification/check":     "60023",
		"GET /protected/{format}/phones/verification/status":    "60023",
		"GET /protected/{format}/phones/info":                   "",
		"GET /protected/{format}/app/details":                   "",
		"GET /protected/{format}/app/stats":                     "",
		"GET /protected/{format}/registrations/status":          user,
		"POST /protected/{format}/sdk/registrations":            user,
		"DELETE /protected/{format}/sdk/devices/{id}":           "60092",
		"POST /onetouch/{format}/users/{id}/approval_requests":  user,
		"GET /onetouch/{format}/approval_requests/{uuid}":       "60049",
		"POST " + hooks:             "",
		"GET " + hooks:              "",
		"DELETE " + hooks:           "60100",
		"DELETE " + hooks + "/{id}": "60100",
	}
}

// Nothing of one application is there for another.
func TestAnotherApplication(t *testing.T) {
	t.Parallel()
	shared := newService(t)
	mine := shared.app
	eachEndpoint(t, func(t *testing.T, e authyapi.Endpoint) {
		s := shared
		if e.Access == route.Manager {
			s = newService(t) // where the other application has no webhooks of its own
		}
		s.app = mine
		x := s.example(t, e)
		before := s.lastEvent(t)
		s.app = s.other
		a := s.send(t, x, "json")
		want, known := foreign()[key(e)]
		switch {
		case !known:
			t.Error("nobody said what another application gets")
		case want == "" && a.status != 200:
			t.Errorf("got %s", a)
		case want != "":
			a.mustRefuse(t, 404, want, refusalOf(t, a).Message)
		}
		events, err := s.Events(t.Context(), onetouch.EventFilter{After: before})
		must(t, err)
		for _, event := range events {
			if event.AppID == mine.ID {
				t.Errorf("something happened in the other application: %+v", event)
			}
		}
		for _, theirs := range []string{mine.ID, mine.APIKey, mine.Name, "ada@example.com", "1118", "signing", "6969"} {
			if strings.Contains(a.body, theirs) && x.parameters.Get("url") == "" {
				t.Errorf("%s shows %s", a, theirs)
			}
		}
	})
}

// Whoever stands between might look at another of two keys than the server does.
func TestDifferentKeysInTheHeader(t *testing.T) {
	t.Parallel()
	s := newService(t)
	path := fmt.Sprintf("/protected/json/users/%d/status", s.addUser(t))
	for _, keys := range [][]string{{s.app.APIKey, "other"}, {"other", s.app.APIKey}, {"", s.app.APIKey}} {
		s.do(t, "GET", path, http.Header{"X-Authy-Api-Key": keys}, nil).
			mustRefuse(t, 401, "60001", "Invalid API key: X-Authy-API-Key was sent with different keys")
	}
	if a := s.do(t, "GET", path, http.Header{"X-Authy-Api-Key": {s.app.APIKey, s.app.APIKey}}, nil); a.status != 200 {
		t.Errorf("the same key twice: %s", a)
	}
}
