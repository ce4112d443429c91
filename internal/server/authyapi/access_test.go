package authyapi_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/authyapi"
)

var placeholder = regexp.MustCompile(`\{(\w+)\}`)

// targets are all calls of the API, with identifiers of things that are there.
func (s *service) targets(t *testing.T, format string) []struct{ method, path string } {
	t.Helper()
	id := s.addUser(t)
	request := s.ask(t, id, transfer())
	device := s.addPhone(t, id, "ios")
	var targets []struct{ method, path string }
	for _, r := range authyapi.New(s.Service, authyapi.Options{}).Routes() {
		path := placeholder.ReplaceAllStringFunc(r.Path, func(name string) string {
			switch {
			case name == "{format}":
				return format
			case name == "{uuid}":
				return request.UUID
			case strings.Contains(r.Path, "/devices/"):
				return decimal(device.ID)
			default:
				return decimal(id)
			}
		})
		targets = append(targets, struct{ method, path string }{r.Method, path})
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

// Nothing of one application is there for another.
func TestAnotherApplication(t *testing.T) {
	t.Parallel()
	s := newService(t)
	targets := s.targets(t, "json")
	theirs := http.Header{"X-Authy-API-Key": {s.other.APIKey}}
	before := s.lastEvent(t)
	tried := 0
	for _, c := range targets {
		if strings.HasSuffix(c.path, "/users/new") {
			continue // names nothing of anybody's
		}
		tried++
		query := "?message=m"
		if strings.HasSuffix(c.path, "/registrations") {
			query = fmt.Sprintf("?authy_id=%d", s.firstUser(t))
		}
		a := s.do(t, c.method, c.path+query, theirs, nil)
		switch {
		case strings.Contains(c.path, "/devices/"):
			a.mustRefuse(t, 404, "60092", "Device not found.")
		case strings.Contains(c.path, "/approval_requests/"):
			a.mustRefuse(t, 404, "60049", "Approval request not found: "+c.path[strings.LastIndex(c.path, "/")+1:])
		default:
			a.mustRefuse(t, 404, "60026", "User not found.")
		}
	}
	if tried < 8 || s.lastEvent(t) != before {
		t.Errorf("%d calls were tried, events went from %d to %d", tried, before, s.lastEvent(t))
	}
}

func (s *service) firstUser(t *testing.T) int64 {
	t.Helper()
	users, err := s.Users(t.Context(), onetouch.UserFilter{AppID: s.app.ID})
	must(t, err)
	return users[0].AuthyID
}
