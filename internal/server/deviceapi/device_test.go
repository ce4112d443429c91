package deviceapi_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/deviceapi"
	"github.com/onetouchkit/onetouch/internal/server/route"
)

// calls are all calls of a registered device, with a path that can be called.
func calls() []struct{ method, path string } {
	return []struct{ method, path string }{
		{http.MethodGet, "/approval_requests"},
		{http.MethodGet, "/approval_requests/00000000-0000-4000-8000-000000000000"},
		{http.MethodPost, "/approval_requests/00000000-0000-4000-8000-000000000000/response"},
		{http.MethodGet, "/events"},
		{http.MethodPost, "/pushes/received"},
		{http.MethodPut, "/push"},
		{http.MethodGet, "/device"},
		{http.MethodPut, "/device"},
		{http.MethodDelete, "/device"},
		{http.MethodGet, "/time"},
	}
}

func TestEveryCallWantsAnAccessToken(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	removed, live := f.newDevice(), f.newDevice()
	removed.call(http.MethodDelete, "/device", nil).members()
	token := f.token()
	for _, c := range calls() {
		for name, authorisation := range map[string]string{
			"none": "", "empty": "Bearer ", "unknown": "Bearer x", "revoked": "Bearer " + removed.token,
			"a registration token": "Bearer " + token, "the API key": "Bearer " + f.app.APIKey,
			"basic": "Basic " + live.token, "no scheme": live.token, "cut off": "Bearer " + live.token[1:],
			"twice": "Bearer " + live.token + " " + live.token, "very long": "Bearer " + strings.Repeat("x", 10_000),
		} {
			request := f.request(c.method, c.path, "", "\xff")
			request.Header.Set("Authorization", authorisation)
			f.changesNothing(func() {
				answer := f.send(request)
				answer.refused("access_token_invalid")
				if answer.header.Get("WWW-Authenticate") != `Bearer realm="onetouch"` {
					t.Errorf("%s %s with %s: WWW-Authenticate is %q", c.method, c.path, name, answer.header.Get("WWW-Authenticate"))
				}
			})
		}
	}
	request := f.request(http.MethodGet, "/time", "", nil)
	request.Header.Set("Authorization", "bearer  "+live.token) // RFC 9110: the scheme has no case
	f.send(request).members()
}

// The table of routes says the same: it is what a test of the whole server goes by.
func TestRoutesAccess(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	routes := deviceapi.New(f.service, deviceapi.Options{}).Family().Routes
	if len(routes) != len(calls())+1 {
		t.Errorf("%d routes, want %d", len(routes), len(calls())+1)
	}
	for _, r := range routes {
		want := route.Device
		if strings.HasSuffix(r.Path, "/registrations") {
			want = route.Public
		}
		if r.Access != want || !strings.HasPrefix(r.Path, deviceapi.Prefix+"/") {
			t.Errorf("%s %s is for %s", r.Method, r.Path, r.Access)
		}
	}
}

func TestWrongMethods(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	d := f.newDevice()
	for path, allow := range map[string][]string{
		"/registrations":                {"POST"},
		"/approval_requests":            {"GET"},
		"/approval_requests/u":          {"GET"},
		"/approval_requests/u/response": {"POST"},
		"/events":                       {"GET"},
		"/pushes/received":              {"POST"},
		"/push":                         {"PUT"},
		"/device":                       {"DELETE", "GET", "PUT"},
		"/time":                         {"GET"},
	} {
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"} {
			if slices.Contains(allow, method) {
				continue
			}
			f.changesNothing(func() {
				answer := d.call(method, path, nil)
				answer.refused("method_not_allowed")
				if got := answer.header.Get("Allow"); got != strings.Join(allow, ", ") {
					t.Errorf("%s %s: Allow is %q, want %v", method, path, got, allow)
				}
			})
		}
	}
	for _, path := range []string{"", "/", "/nothing", "/events/1", "/approval_requests/u/response/x", "/../time"} {
		d.call(http.MethodGet, path, nil).refused("not_found")
	}
}

func TestRename(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	d := f.newDevice()
	got := d.call(http.MethodPut, "/device", map[string]any{"name": "Ada's 📱", "colour": 7}).members()
	if diff := cmp.Diff(map[string]any{"name": "Ada's 📱"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if name := f.state().Devices[0].Name; name != "Ada's 📱" {
		t.Errorf("stored %q", name)
	}
	for body, code := range map[string]onetouch.Code{
		`{}`: "invalid_parameter", `{"name":null}`: "invalid_parameter", `{"name":""}`: "invalid_parameter",
		`{"name":"\u0020\t"}`: "invalid_parameter", `{"name":"` + strings.Repeat("x", 101) + `"}`: "invalid_parameter",
		`{"name":7}`: "invalid_request", `name=Ada`: "invalid_request", "{\"name\":\"\xff\"}": "invalid_encoding",
		`{"name":"` + strings.Repeat("x", 1<<20) + `"}`: "body_too_large",
	} {
		f.changesNothing(func() { d.call(http.MethodPut, "/device", body).refused(code) })
	}
}

func TestSetPush(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	d := f.newDevice()
	for body, want := range map[string]map[string]any{
		`{"type":"webhook","url":"https://example.com/push"}`: {"type": "webhook", "token": "", "url": "https://example.com/push"},
		`{"type":"none","token":"apns"}`:                      {"type": "none", "token": "apns", "url": ""},
		`{"type":"sse","token":null,"more":[]}`:               {"type": "sse", "token": "", "url": ""},
	} {
		got := d.call(http.MethodPut, "/push", body).members()
		if diff := cmp.Diff(map[string]any{"push": want}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", body, diff)
		}
		if kept := f.state().Devices[0].Push; string(kept.Type) != want["type"] || kept.Token != want["token"] || kept.URL != want["url"] {
			t.Errorf("%s: stored %+v", body, kept)
		}
	}
	for body, refused := range map[string]struct {
		code onetouch.Code
		says string
	}{
		`{}`:                                   {"invalid_parameter", "push.type"},
		`{"type":""}`:                          {"invalid_parameter", "push.type"},
		`{"type":"SSE"}`:                       {"push_platform_unknown", "sse, webhook or none"},
		`{"type":7}`:                           {"invalid_request", "push.type"},
		`{"type":"webhook"}`:                   {"invalid_parameter", "push.url"},
		`{"type":"webhook","url":"/push"}`:     {"invalid_parameter", "push.url"},
		`{"type":"webhook","url":"ftp://a/b"}`: {"invalid_parameter", "push.url"},
		`{"type":"sse","token":"` + strings.Repeat("t", 4097) + `"}`:        {"invalid_parameter", "push.token"},
		`{"type":"sse","url":"http://a/` + strings.Repeat("u", 2000) + `"}`: {"invalid_parameter", "push.url"},
		`[]`: {"invalid_request", "JSON object"},
	} {
		f.changesNothing(func() { d.call(http.MethodPut, "/push", body).refused(refused.code, refused.says) })
	}
}

// A device tells of the push that its backend has sent, as often as it likes.
func TestPushReceived(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	var err error
	f.app, err = f.service.EnsureApplication(t.Context(), onetouch.ApplicationSettings{PushSender: onetouch.PushByBackend})
	if err != nil {
		t.Fatal(err)
	}
	d := f.newDevice()
	asked := f.ask("Log in?")
	for range 2 {
		body := `{"approval_request_uuid":"` + asked.UUID + `"}`
		if got := d.call(http.MethodPost, "/pushes/received", body).members(); len(got) != 0 {
			t.Errorf("answered %v", got)
		}
	}
	inbox, err := f.service.Messages(t.Context(), onetouch.MessageFilter{Channel: onetouch.ChannelPush})
	if err != nil || len(inbox) != 1 || inbox[0].RequestUUID != asked.UUID || inbox[0].DeviceID != d.id {
		t.Errorf("in the inbox is %+v, %v", inbox, err)
	}
	foreign := f.askWith(f.addUser("202-555-0199"), onetouch.NewApprovalRequest{Message: "Log in?"})
	for body, code := range map[string]onetouch.Code{
		`{}`:                           "invalid_parameter",
		`{"approval_request_uuid":7}`:  "invalid_request",
		`{"approval_request_uuid":""}`: "invalid_parameter",
		`[]`:                           "invalid_request",
		`{"approval_request_uuid":"` + foreign.UUID + `"}`: "approval_request_not_found",
	} {
		f.changesNothing(func() { d.call(http.MethodPost, "/pushes/received", body).refused(code) })
	}
}

func TestUnregister(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	d := f.newDevice()
	if got := d.call(http.MethodDelete, "/device", "not read").members(); len(got) != 0 {
		t.Errorf("answered %v", got)
	}
	if kept := f.state().Devices[0]; !kept.RemovedAt.Equal(start) {
		t.Errorf("stored %+v", kept)
	}
	f.changesNothing(func() { d.call(http.MethodDelete, "/device", nil).refused("access_token_invalid") })
}

func TestRemovalByTheBackendRevokesTheToken(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	d, second := f.newDevice(), f.newDevice()
	if err := f.service.RemoveDevice(t.Context(), f.app.ID, d.id); err != nil {
		t.Fatal(err)
	}
	d.call(http.MethodGet, "/time", nil).refused("access_token_invalid")
	second.call(http.MethodGet, "/time", nil).members()
	if err := f.service.RemoveUser(t.Context(), f.app.ID, f.user.AuthyID); err != nil {
		t.Fatal(err)
	}
	second.call(http.MethodGet, "/time", nil).refused("access_token_invalid")
}

func TestTime(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	d := f.newDevice()
	f.clock.Advance(19*time.Second + 900*time.Millisecond)
	got := d.call(http.MethodGet, "/time", nil).members()
	if diff := cmp.Diff(map[string]any{"time": 1512923419.0}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
