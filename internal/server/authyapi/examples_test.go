package authyapi_test

import (
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/authyapi"
	"github.com/onetouchkit/onetouch/internal/server/authyapi/parameters"
	"github.com/onetouchkit/onetouch/internal/server/route"
	"github.com/onetouchkit/onetouch/pkg/callback"
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
	plain := func(parameters url.Values) func(*testing.T, *service) made {
		return func(*testing.T, *service) made { return made{parameters: parameters} }
	}
	phone := url.Values{"phone_number": {"305-555-7777"}, "country_code": {"1"}}
	const hooks = "/dashboard/{format}/application/webhooks"
	return map[string]func(*testing.T, *service) made{
		"POST /protected/{format}/users/new":                    plain(userOf("grace@example.com", "305-555-2345", "1")),
		"GET /protected/{format}/users/{id}/status":             userWithPhones,
		"POST /protected/{format}/users/{id}/delete":            user(nil),
		"POST /protected/{format}/users/{id}/remove":            user(nil),
		"POST /protected/{format}/users/delete/{id}":            user(nil),
		"POST /protected/{format}/users/{id}/update":            user(url.Values{"email": {"ada@example.org"}}),
		"POST /protected/{format}/users/{id}/register_activity": user(url.Values{"type": {"cookie_login"}, "data[a]": {"b"}}),
		"POST /protected/{format}/users/{id}/secret":            user(url.Values{"label": {"ada"}, "qr_size": {"200"}}),
		"GET /protected/{format}/verify/{token}/{id}":           sentToken,
		"GET /protected/{format}/sms/{id}":                      user(url.Values{"locale": {"es"}, "action": {"log in"}}),
		"GET /protected/{format}/call/{id}":                     user(url.Values{"force": {"true"}}),
		"POST /protected/{format}/email/{id}":                   user(nil),
		"POST /protected/{format}/phones/verification/start":    plain(phone),
		"GET /protected/{format}/phones/verification/check":     startedVerification("verification_code"),
		"GET /protected/{format}/phones/verification/status":    startedVerification("uuid"),
		"GET /protected/{format}/phones/info":                   plain(phone),
		"GET /protected/{format}/app/details":                   plain(nil),
		"GET /protected/{format}/app/stats":                     plain(nil),
		"GET /protected/{format}/registrations/status": func(t *testing.T, s *service) made {
			t.Helper()
			id := s.addUser(t)
			_, err := s.StartRegistration(t.Context(), s.app.ID, id)
			must(t, err)
			return made{parameters: url.Values{"custom_user_id": {decimal(id)}}}
		},
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
		"GET /qr_codes/{file}": func(t *testing.T, s *service) made {
			t.Helper()
			p, err := s.ProvisionAuthenticator(t.Context(), s.app, s.addUser(t), "ada")
			must(t, err)
			return made{values: map[string]string{"file": p.Ticket + ".png"}, parameters: url.Values{"size": {"200"}}}
		},
		"POST " + hooks: plain(url.Values{
			"name": {"audit"}, "url": {"http://127.0.0.1:6969/hook"}, "events[0]": {"user_removed"}, "events[1]": {"user_added"},
		}),
		"GET " + hooks: func(t *testing.T, s *service) made {
			t.Helper()
			s.addWebhook(t)
			return made{}
		},
		"DELETE " + hooks + "/{id}": func(t *testing.T, s *service) made {
			t.Helper()
			return made{values: map[string]string{"id": s.addWebhook(t).ID}}
		},
		"DELETE " + hooks: func(t *testing.T, s *service) made {
			t.Helper()
			return made{parameters: url.Values{"webhook_id": {s.addWebhook(t).ID}}}
		},
	}
}

// sentToken is a code that was sent to a user.
func sentToken(t *testing.T, s *service) made {
	t.Helper()
	id := s.addUser(t)
	sent, err := s.SendToken(t.Context(), s.app, id, onetouch.NewToken{Channel: onetouch.ChannelSMS, Force: true})
	must(t, err)
	return made{map[string]string{"id": decimal(id), "token": sent.Message.Code}, url.Values{"force": {"true"}}}
}

// startedVerification is a code that was sent to a phone, with one more parameter: the code or the UUID.
func startedVerification(parameter string) func(t *testing.T, s *service) made {
	return func(t *testing.T, s *service) made {
		t.Helper()
		started, err := s.StartPhoneVerification(t.Context(), s.app, onetouch.NewPhoneVerification{
			CountryCode: "57", PhoneNumber: "321 555 7777",
		})
		must(t, err)
		if parameter == "uuid" {
			return made{parameters: url.Values{"uuid": {started.Verification.UUID}}}
		}
		return made{parameters: url.Values{
			"country_code": {"57"}, "phone_number": {"(321) 555-7777"}, parameter: {started.Verification.Code},
		}}
	}
}

func (s *service) addWebhook(t *testing.T) onetouch.Webhook {
	t.Helper()
	webhook, err := s.CreateWebhook(t.Context(), s.app.ID, onetouch.NewWebhook{
		Name: "audit", URL: "http://127.0.0.1:6969/hook", Events: []string{"token_verified"},
	})
	must(t, err)
	return webhook
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
	return s.sendBody(t, x, x.path(t, format), formType, x.parameters.Encode())
}

// sendBody calls an endpoint with the credentials that it wants, and any body. Those of a manager are parameters: they go
// into the query.
func (s *service) sendBody(t testing.TB, x example, target, contentType, body string) answer {
	t.Helper()
	if x.Access != route.Manager {
		return s.call(t, x.Method, target, contentType, body)
	}
	separator := map[bool]string{true: "&", false: "?"}[strings.Contains(target, "?")]
	target += separator + url.Values{"app_api_key": {s.app.APIKey}, "access_key": {s.app.AccessKey}}.Encode()
	header := http.Header{"Content-Type": {contentType}}
	s.sign(t, header, x.Method, target, body)
	return s.do(t, x.Method, target, header, strings.NewReader(body))
}

// sign signs whatever can be read.
func (s *service) sign(t testing.TB, header http.Header, method, target, body string) {
	t.Helper()
	u, err := url.Parse(s.url + target)
	must(t, err)
	s.signAt(t, header, method, u, body)
}

func (s *service) signAt(t testing.TB, header http.Header, method string, u *url.URL, body string) {
	t.Helper()
	const nonce = "1427849783.886085"
	p, err := parameters.Read(&http.Request{URL: u, Header: header, Body: io.NopCloser(strings.NewReader(body))}, 1<<20)
	if err != nil {
		return
	}
	signature, err := callback.SignQuery(s.app.SigningKey, nonce, method, u.Scheme+"://"+u.Host+u.EscapedPath(), p.Form(true))
	if err != nil {
		return
	}
	header["X-Authy-Signature"], header["X-Authy-Signature-Nonce"] = []string{signature}, []string{nonce}
}

// keyedEndpoints are the calls that want a key.
func keyedEndpoints() []authyapi.Endpoint {
	return slices.DeleteFunc(authyapi.Endpoints(), func(e authyapi.Endpoint) bool { return e.Access == route.Public })
}

// eachEndpoint runs a test for every call that wants a key, one after another: opening a database for each would take most
// of the time.
func eachEndpoint(t *testing.T, test func(*testing.T, authyapi.Endpoint)) {
	t.Helper()
	eachOf(t, keyedEndpoints(), test)
}

// everyEndpoint also runs it for the calls that want no key.
func everyEndpoint(t *testing.T, test func(*testing.T, authyapi.Endpoint)) {
	t.Helper()
	eachOf(t, authyapi.Endpoints(), test)
}

func eachOf(t *testing.T, endpoints []authyapi.Endpoint, test func(*testing.T, authyapi.Endpoint)) {
	t.Helper()
	if len(endpoints) < 25 {
		t.Fatalf("only %d calls", len(endpoints))
	}
	for _, e := range endpoints {
		t.Run(strings.ReplaceAll(key(e), "/", "∕"), func(t *testing.T) { test(t, e) })
	}
}

// newTriedService is one that takes any number of tries.
func newTriedService(t *testing.T) *service {
	t.Helper()
	s, unlimited := newService(t), 0
	s.change(t, onetouch.ApplicationSettings{
		LimitSettings: onetouch.LimitSettings{TokensPerHour: &unlimited, FailuresPerHour: &unlimited},
	})
	return s
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
	s := newService(t)
	everyEndpoint(t, func(t *testing.T, e authyapi.Endpoint) {
		if a := s.send(t, s.example(t, e), "json"); a.status != 200 {
			t.Errorf("got %s", a)
		}
	})
}

// What the table says of a call can be shown to people.
func TestEndpointsAreDescribed(t *testing.T) {
	t.Parallel()
	everyEndpoint(t, func(t *testing.T, e authyapi.Endpoint) {
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
