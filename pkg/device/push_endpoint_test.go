package device_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// backend pushes by itself, as the story of the TwilioAuth SDK allows: the service sends nothing.
type backend struct {
	*world
	endpoint *device.PushEndpoint
	url      string
}

func newBackend(t testing.TB) *backend {
	t.Helper()
	w := newWorld(t)
	app, err := w.service.EnsureApplication(t.Context(), onetouch.ApplicationSettings{PushSender: onetouch.PushByBackend})
	if err != nil {
		t.Fatal(err)
	}
	w.app = app
	b := &backend{world: w}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { b.endpoint.ServeHTTP(rw, r) }))
	t.Cleanup(server.Close)
	b.url = server.URL
	b.endpoint = device.NewPushEndpoint(b.url)
	return b
}

func (b *backend) open(d *device.Device, token string) *device.PushReceiver {
	b.t.Helper()
	receiver, err := b.endpoint.Open(b.t.Context(), d, token)
	if err != nil {
		b.t.Fatal(err)
	}
	return receiver
}

// pushed is what the endpoint answers.
type pushed struct {
	status int
	header http.Header
	body   string
}

func (b *backend) send(method, path, body string) pushed {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), method, b.url+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return pushed{response.StatusCode, response.Header, string(content)}
}

// The shapes of the push services, as a backend writes them.
const (
	fcmPath     = "/v1/projects/acme/messages:send"
	pushContent = `"type":"onetouch_approval_request","approval_request_uuid":%q`
	fcmPush     = `{"message":{"token":%q,"data":{` + pushContent + `,"alert":"Log in?"}}}`
	legacyPush  = `{"to":%q,"priority":"high","data":{` + pushContent + `,"alert":"Log in?"}}`
	apnsPush    = `{"aps":{"alert":"Log in?","sound":"default"},` + pushContent + `}`
)

func (b *backend) fcm(token, uuid string) pushed {
	b.t.Helper()
	return b.send(http.MethodPost, fcmPath, fmt.Sprintf(fcmPush, token, uuid))
}

// listen hears until count pushes have come.
func listen(t testing.TB, r *device.PushReceiver, count int) []device.Push {
	t.Helper()
	var heard []device.Push
	err := r.Pushes(shortContext(t), func(_ context.Context, push device.Push) error {
		heard = append(heard, push)
		if len(heard) == count {
			return errEnough
		}
		return nil
	})
	if !errors.Is(err, errEnough) {
		t.Fatalf("heard %d of %d pushes: %v", len(heard), count, err)
	}
	return heard
}

// The whole story with the push of the backend, in each shape: without it the device stays silent.
func TestBackendPushes(t *testing.T) {
	t.Parallel()
	for name, send := range map[string]func(b *backend, token, uuid string) pushed{
		"FCM": (*backend).fcm,
		"FCM, legacy": func(b *backend, token, uuid string) pushed {
			return b.send(http.MethodPost, "/fcm/send", fmt.Sprintf(legacyPush, token, uuid))
		},
		"APNs": func(b *backend, token, uuid string) pushed {
			return b.send(http.MethodPost, "/3/device/"+token, fmt.Sprintf(apnsPush, uuid))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBackend(t)
			d := b.newDevice()
			receiver := b.open(d, "token-of-ada")
			unheard, asked := b.ask("nobody pushes this"), b.ask("Log in?")
			err := receiver.Pushes(shortContext(t), func(ctx context.Context, push device.Push) error {
				want := device.Push{Type: device.ApprovalRequestPush, ApprovalRequestUUID: asked.UUID, Alert: "Log in?"}
				if push != want {
					t.Errorf("heard %+v, want %+v", push, want)
				}
				if err := d.Approve(ctx, fetch(t, d, push.ApprovalRequestUUID)); err != nil {
					return err
				}
				return errEnough
			}, device.OnConnect(func() { // the stream stands as well, and says nothing of either
				if answer := send(b, "token-of-ada", asked.UUID); answer.status != http.StatusOK {
					t.Errorf("the push is answered with %+v", answer)
				}
			}))
			if !errors.Is(err, errEnough) {
				t.Fatal(err)
			}
			if got := b.stored(asked.UUID).Status; got != onetouch.StatusApproved {
				t.Errorf("the request is %s", got)
			}
			if got := b.stored(unheard.UUID); got.Status != onetouch.StatusPending || got.Notified {
				t.Errorf("what was not pushed is %+v", got)
			}
			b.inboxHas(asked.UUID)
		})
	}
}

// inboxHas checks that the pushes in the inbox are about these requests, oldest first.
func (b *backend) inboxHas(uuids ...string) {
	b.t.Helper()
	inbox, err := b.service.Messages(b.t.Context(), onetouch.MessageFilter{Channel: onetouch.ChannelPush})
	if err != nil {
		b.t.Fatal(err)
	}
	var got []string
	for _, message := range inbox {
		got = append([]string{message.RequestUUID}, got...)
	}
	if diff := cmp.Diff(uuids, got); diff != "" {
		b.t.Errorf("pushes in the inbox (-want +got):\n%s", diff)
	}
}

// What waits is heard in its order. A push that is sent twice is heard twice, and written down once.
func TestPushesWaitForTheirDevice(t *testing.T) {
	t.Parallel()
	b := newBackend(t)
	ada, grace := b.newDevice(), b.newDevice()
	one, two := b.open(ada, "one"), b.open(grace, "two")
	first, second := b.ask("first"), b.ask("second")
	for _, sent := range []struct{ token, uuid string }{
		{"one", second.UUID}, {"two", first.UUID}, {"one", first.UUID}, {"one", second.UUID},
	} {
		if answer := b.fcm(sent.token, sent.uuid); answer.status != http.StatusOK {
			t.Fatalf("%+v", answer)
		}
	}
	b.inboxHas(second.UUID, first.UUID, first.UUID)
	var heard []string
	for _, push := range listen(t, one, 3) {
		heard = append(heard, push.ApprovalRequestUUID)
	}
	if diff := cmp.Diff([]string{second.UUID, first.UUID, second.UUID}, heard); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if push := listen(t, two, 1)[0]; push.ApprovalRequestUUID != first.UUID {
		t.Errorf("the other device heard %+v", push)
	}
	// Nobody listens any more.
	if answer := b.fcm("one", first.UUID); answer.status != http.StatusNotFound || !strings.Contains(answer.body, "UNREGISTERED") {
		t.Errorf("after the end: %+v", answer)
	}
}

func TestOpeningTellsTheServer(t *testing.T) {
	t.Parallel()
	b := newBackend(t)
	d, other := b.newDevice(), b.newDevice()
	b.open(d, "token")
	devices, err := b.service.Devices(t.Context(), onetouch.DeviceFilter{})
	if err != nil {
		t.Fatal(err)
	}
	want := onetouch.PushTarget{Type: onetouch.PushNone, Token: "token", URL: b.url}
	if devices[0].Push != want {
		t.Errorf("the push target is %+v, want %+v", devices[0].Push, want)
	}
	for token, says := range map[string]string{
		"": "must not be empty", "token": fmt.Sprintf("that of device %d already", d.ID()),
		strings.Repeat("x", 5000): "push.token",
	} {
		if _, err := b.endpoint.Open(t.Context(), other, token); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("the token %.10q is answered with %v, want %q", token, err, says)
		}
	}
	b.close()
	if _, err := b.endpoint.Open(t.Context(), other, "another"); !errors.Is(err, device.ErrUnreachable) {
		t.Errorf("without a server: %v", err)
	}
	if answer := b.fcm("another", "u"); answer.status != http.StatusNotFound {
		t.Errorf("a token that was not opened is answered with %+v", answer)
	}
}

// What is wrong with a push is said in the words of the service that it was meant for, and in a sentence.
func TestPushRefused(t *testing.T) {
	t.Parallel()
	b := newBackend(t)
	receiver := b.open(b.newDevice(), "token")
	asked := b.ask("Log in?")
	foreign := b.askWith(b.addUser("202-555-0199"), onetouch.NewApprovalRequest{Message: "of another"})
	data := func(members string) string { return `{"message":{"token":"token","data":{` + members + `}}}` }
	content := fmt.Sprintf(pushContent, asked.UUID)
	const apns, fcm = "/3/device/token", fcmPath
	for name, test := range map[string]struct {
		method, path, body string
		status             int
		reason, says       string
	}{
		"GET":               {http.MethodGet, fcm, "", 405, "INVALID_ARGUMENT", "sent with POST"},
		"GET, APNs":         {http.MethodGet, apns, "", 405, "MethodNotAllowed", "sent with POST"},
		"nothing":           {"", fcm, "", 400, "INVALID_ARGUMENT", "not one JSON object"},
		"no JSON":           {"", fcm, "type=onetouch", 400, "INVALID_ARGUMENT", "not one JSON object"},
		"null":              {"", fcm, "null", 400, "INVALID_ARGUMENT", "not one JSON object"},
		"a list":            {"", fcm, "[]", 400, "INVALID_ARGUMENT", "not one JSON object"},
		"two":               {"", fcm, "{}{}", 400, "INVALID_ARGUMENT", "not one JSON object"},
		"no JSON, APNs":     {"", apns, "{", 400, "BadPayload", "not one JSON object"},
		"broken UTF-8":      {"", fcm, data(content + ",\"alert\":\"\xff\""), 400, "INVALID_ARGUMENT", "not valid UTF-8"},
		"huge":              {"", fcm, data(content + `,"alert":"` + strings.Repeat("x", 1<<20) + `"`), 413, "INVALID_ARGUMENT", "more than 16384 bytes"},
		"large":             {"", fcm, data(content + `,"alert":"` + strings.Repeat("x", 4096) + `"`), 413, "INVALID_ARGUMENT", "more than 4096 bytes"},
		"large, APNs":       {"", apns, `{"aps":{"alert":"` + strings.Repeat("x", 4096) + `"},` + content + `}`, 413, "PayloadTooLarge", "more than 4096 bytes"},
		"no shape":          {"", "/", "{" + content + "}", 400, "INVALID_ARGUMENT", "message is missing"},
		"APNs elsewhere":    {"", "/", fmt.Sprintf(apnsPush, asked.UUID), 404, "BadPath", "/3/device/TOKEN"},
		"FCM there":         {"", apns, data(content), 400, "BadPayload", "aps is missing"},
		"no token":          {"", fcm, `{"message":{"topic":"all"}}`, 400, "INVALID_ARGUMENT", "message.token is missing"},
		"empty token":       {"", fcm, `{"to":"","data":{}}`, 400, "INVALID_ARGUMENT", "to is empty"},
		"number as token":   {"", fcm, `{"message":{"token":7}}`, 400, "INVALID_ARGUMENT", "message.token must be a string"},
		"no token, APNs":    {"", "/3/device/", fmt.Sprintf(apnsPush, asked.UUID), 400, "MissingDeviceToken", "/3/device/TOKEN"},
		"message of text":   {"", fcm, `{"message":"hello"}`, 400, "INVALID_ARGUMENT", "message must be an object"},
		"no data":           {"", fcm, `{"message":{"token":"token"}}`, 400, "INVALID_ARGUMENT", "message.data is missing"},
		"no type":           {"", fcm, data(``), 400, "INVALID_ARGUMENT", `message.data.type is missing: it is "onetouch_approval_request"`},
		"another type":      {"", fcm, data(`"type":"chat"`), 400, "INVALID_ARGUMENT", `type is "chat": must be "onetouch_approval_request"`},
		"no UUID":           {"", fcm, data(`"type":"onetouch_approval_request"`), 400, "INVALID_ARGUMENT", "approval_request_uuid is missing"},
		"number as UUID":    {"", fcm, data(`"type":"onetouch_approval_request","approval_request_uuid":7`), 400, "INVALID_ARGUMENT", "approval_request_uuid must be a string"},
		"null as UUID":      {"", apns, `{"aps":{},"type":"onetouch_approval_request","approval_request_uuid":null}`, 400, "BadPayload", "approval_request_uuid is missing"},
		"no alert":          {"", fcm, data(content), 400, "INVALID_ARGUMENT", "message.data.alert is missing: it is the message"},
		"no alert, APNs":    {"", apns, `{"aps":{"badge":1},` + content + `}`, 400, "BadPayload", "alert is missing"},
		"a name twice":      {"", fcm, data(`"type":"chat",` + content + `,"alert":"a"`), 400, "INVALID_ARGUMENT", "message.data.type stands twice"},
		"twice, in a list":  {"", apns, `{"aps":{"x":[{"y":1,"y":2}]},"alert":"a",` + content + `}`, 400, "BadPayload", "aps.x.y stands twice"},
		"half a pair":       {"", fcm, data(content + `,"alert":"\ud83d"`), 400, "INVALID_ARGUMENT", "half of a surrogate pair"},
		"the other half":    {"", apns, `{"aps":{"alert":"\\\ude00"},` + content + `}`, 400, "BadPayload", "half of a surrogate pair"},
		"a pair turned":     {"", fcm, data(content + `,"alert":"\ude00\ud83d"`), 400, "INVALID_ARGUMENT", "half of a surrogate pair"},
		"a comma too many":  {"", fcm, data(content + `,"alert":"a",`), 400, "INVALID_ARGUMENT", "not one JSON object"},
		"a list not closed": {"", fcm, `{"message":[1`, 400, "INVALID_ARGUMENT", "not one JSON object"},
		"unknown token":     {"", fcm, fmt.Sprintf(fcmPush, "token2", asked.UUID), 404, "UNREGISTERED", "no device here has this push token"},
		"half a token":      {"", "/3/device/toke", fmt.Sprintf(apnsPush, asked.UUID), 400, "BadDeviceToken", "no device here has this push token"},
		"unknown request":   {"", fcm, fmt.Sprintf(fcmPush, "token", "x"), 400, "INVALID_ARGUMENT", `no approval request "x" for user`},
		"of another user":   {"", apns, fmt.Sprintf(apnsPush, foreign.UUID), 400, "BadPayload", "no approval request"},
		"details":           {"", fcm, data(content + `,"alert":"a","details":"{}"`), 400, "INVALID_ARGUMENT", "message.data.details: details never travel in a push"},
		"hidden details":    {"", fcm, data(content + `,"alert":"a","hidden_details[ip]":"1"`), 400, "INVALID_ARGUMENT", "details never travel in a push"},
		"in another place":  {"", fcm, `{"message":{"token":"token","data":{},"android":[{"Hidden-Details":{}}]}}`, 400, "INVALID_ARGUMENT", "never travel"},
		"details, APNs":     {"", apns, `{"aps":{"alert":"a"},"details":{"Amount":"$1"},` + content + `}`, 400, "BadPayload", "never travel"},
		"challenge":         {"", apns, `{"aps":{"alert":"a"},"challenge":"c",` + content + `}`, 400, "BadPayload", "never travel"},
	} {
		if test.method == "" {
			test.method = http.MethodPost
		}
		b.changesNothing(func() {
			answer := b.send(test.method, test.path, test.body)
			if answer.status != test.status || !strings.Contains(answer.body, test.reason) || !strings.Contains(messageOf(t, answer), test.says) {
				t.Errorf("%s: got %d %s, want %d, %s and %q", name, answer.status, answer.body, test.status, test.reason, test.says)
			}
			if allow := answer.header.Get("Allow"); (allow == http.MethodPost) != (answer.status == http.StatusMethodNotAllowed) {
				t.Errorf("%s: Allow is %q", name, allow)
			}
		})
	}
	// None of them was heard.
	if answer := b.fcm("token", asked.UUID); answer.status != http.StatusOK {
		t.Fatalf("%+v", answer)
	}
	if push := listen(t, receiver, 1)[0]; push.Alert != "Log in?" {
		t.Errorf("heard %+v", push)
	}
}

// messageOf is the sentence of a refusal in either shape.
func messageOf(t testing.TB, answer pushed) string {
	t.Helper()
	var body struct {
		Reason, Message string
		Error           struct {
			Code            int
			Message, Status string
		}
	}
	if err := json.Unmarshal([]byte(answer.body), &body); err != nil {
		t.Fatalf("the answer is no JSON: %s", answer.body)
	}
	if body.Error.Code != 0 && body.Error.Code != answer.status {
		t.Errorf("the answer says %d with HTTP status %d", body.Error.Code, answer.status)
	}
	return body.Message + body.Error.Message
}

// Google and Apple show an alert from several places.
func TestPlacesOfTheAlert(t *testing.T) {
	t.Parallel()
	b := newBackend(t)
	receiver := b.open(b.newDevice(), "token")
	content := fmt.Sprintf(pushContent, b.ask("Log in?").UUID)
	sent := []struct{ path, body string }{
		{fcmPath, `{"message":{"token":"token","notification":{"title":"Acme","body":"one"},"data":{` + content + `}}}`},
		{fcmPath, `{"message":{"token":"token","notification":{"body":"zero"},"data":{` + content + `,"alert":"two"}}}`},
		{"/", `{"to":"token","notification":{"title":"three"},"data":{` + content + `}}`},
		{"/3/device/token", `{"aps":{"alert":{"title":"Acme","body":"four"}},` + content + `}`},
		{"/3/device/token", `{"aps":{"content-available":1},"alert":"five",` + content + `}`},
		{fcmPath, `{"message":{"token":"token","data":{` + content + `,"alert":"\ud83d\ude00 \\ud83d \n\u00e9"}}}`},
	}
	for _, s := range sent {
		if answer := b.send(http.MethodPost, s.path, s.body); answer.status != http.StatusOK {
			t.Fatalf("%s: %+v", s.body, answer)
		}
	}
	if diff := cmp.Diff([]string{"one", "two", "three", "four", "five", "😀 \\ud83d \né"}, alerts(listen(t, receiver, len(sent)))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A push that is taken is answered as the service would.
func TestAnswersToAPush(t *testing.T) {
	t.Parallel()
	b := newBackend(t)
	b.open(b.newDevice(), "token")
	asked := b.ask("Log in?")
	if answer := b.fcm("token", asked.UUID); !strings.HasPrefix(answer.body, `{"name":"projects/`) {
		t.Errorf("FCM answers %s", answer.body)
	}
	legacy := b.send(http.MethodPost, "/fcm/send", fmt.Sprintf(legacyPush, "token", asked.UUID))
	if !strings.Contains(legacy.body, `"success":1`) || !strings.Contains(legacy.body, `"failure":0`) {
		t.Errorf("legacy FCM answers %s", legacy.body)
	}
	apns := b.send(http.MethodPost, "/3/device/token", fmt.Sprintf(apnsPush, asked.UUID))
	if apns.body != "" || apns.header.Get("apns-id") == "" {
		t.Errorf("APNs answers %+v", apns)
	}
}

// A device that was removed says so to whoever pushes, and hears no more.
func TestPushToARemovedDevice(t *testing.T) {
	t.Parallel()
	b := newBackend(t)
	lost := b.newDevice()
	receiver := b.open(lost, "lost")
	asked := b.ask("Log in?")
	err := receiver.Pushes(shortContext(t), func(context.Context, device.Push) error { return errEnough },
		device.OnConnect(func() {
			if err := b.service.RemoveDevice(context.Background(), b.app.ID, lost.ID()); err != nil {
				t.Error(err)
			}
		}))
	if !errors.Is(err, device.ErrRemoved) {
		t.Errorf("the device hears %v", err)
	}
	answer := b.send(http.MethodPost, "/3/device/lost", fmt.Sprintf(apnsPush, asked.UUID))
	if answer.status != http.StatusGone || !strings.Contains(answer.body, `"reason":"Unregistered"`) {
		t.Errorf("for a device that has heard of its removal, APNs answers %+v", answer)
	}
	b.open(b.newDevice(), "lost") // the token is free
	gone := b.newDevice()
	b.open(gone, "gone")
	if err := gone.Unregister(t.Context()); err != nil {
		t.Fatal(err)
	}
	if answer := b.fcm("gone", asked.UUID); answer.status != http.StatusNotFound || !strings.Contains(answer.body, "UNREGISTERED") {
		t.Errorf("FCM answers %+v", answer)
	}
	answer = b.send(http.MethodPost, "/3/device/gone", fmt.Sprintf(apnsPush, asked.UUID))
	if answer.status != http.StatusGone || !strings.Contains(answer.body, `"reason":"Unregistered"`) {
		t.Errorf("APNs answers %+v", answer)
	}
}

// A push that cannot be handed on is refused, so that the backend tries again.
func TestPushThatCannotBeHandedOn(t *testing.T) {
	t.Parallel()
	b := newBackend(t)
	d := b.newDevice()
	receiver := b.open(d, "token")
	asked := b.ask("Log in?")
	const most = 1000
	taken := 0
	body := fmt.Appendf(nil, fcmPush, "token", asked.UUID)
	push := func() *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		b.endpoint.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, fcmPath, bytes.NewReader(body)))
		return w
	}
	for push().Code == http.StatusOK {
		taken++
	}
	asked = b.ask("one too many")
	body = fmt.Appendf(nil, fcmPush, "token", asked.UUID)
	if full := push(); taken != most || full.Code != http.StatusTooManyRequests || !strings.Contains(full.Body.String(), "QUOTA_EXCEEDED") {
		t.Errorf("after %d pushes: %d %s", taken, full.Code, full.Body)
	}
	if b.stored(asked.UUID).Notified {
		t.Error("the server was told of a push that was not taken")
	}
	listen(t, receiver, most)
	b.open(d, "token")
	b.close()
	if answer := b.fcm("token", asked.UUID); answer.status != http.StatusServiceUnavailable || !strings.Contains(answer.body, "UNAVAILABLE") {
		t.Errorf("without a server: %+v", answer)
	}
}

// Whatever is sent, the answer is one of the documented ones, and what is taken is a push.
func FuzzPushEndpoint(f *testing.F) {
	b := newBackend(f)
	d := b.newDevice()
	asked := b.ask("Log in?")
	for _, body := range []string{
		fmt.Sprintf(fcmPush, "token", asked.UUID), fmt.Sprintf(legacyPush, "token", asked.UUID), fmt.Sprintf(apnsPush, asked.UUID),
		`{}`, `{"message":{}}`, `{"to":"token","data":{"details":[]}}`, `{"aps":{"alert":{"body":7}}}`,
	} {
		f.Add("/3/device/token", []byte(body))
		f.Add(fcmPath, []byte(body))
	}
	f.Fuzz(func(t *testing.T, path string, body []byte) {
		endpoint := device.NewPushEndpoint(b.url)
		if _, err := endpoint.Open(t.Context(), d, "token"); err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", bytes.NewReader(body))
		r.URL.Path = path
		w := httptest.NewRecorder()
		endpoint.ServeHTTP(w, r)
		switch w.Code {
		case http.StatusOK:
			if !bytes.Contains(body, []byte(device.ApprovalRequestPush)) && !bytes.Contains(body, []byte(`\u`)) {
				t.Errorf("taken: %q", body)
			}
		case http.StatusBadRequest, http.StatusNotFound, http.StatusRequestEntityTooLarge:
			if messageOf(t, pushed{w.Code, w.Header(), w.Body.String()}) == "" {
				t.Errorf("no reason: %s", w.Body)
			}
		default:
			t.Errorf("answered %d %s", w.Code, w.Body)
		}
	})
}
