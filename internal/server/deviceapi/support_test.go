package deviceapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/deviceapi"
	"github.com/onetouchkit/onetouch/internal/server/route"
	"github.com/onetouchkit/onetouch/internal/store"
	"github.com/onetouchkit/onetouch/pkg/details"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// start is when every test begins, by the server's clock.
var start = time.Date(2017, 12, 10, 16, 30, 0, 0, time.UTC)

// patience is how long a test waits for what should come at once before it fails.
const patience = time.Minute

// fixture is a service with one application and one user, and the device API in front of it.
type fixture struct {
	t       testing.TB
	clock   *onetouch.ManualClock
	service *onetouch.Service
	app     onetouch.Application
	user    onetouch.User
	url     string
	client  *http.Client
	stop    func()        // makes the server stop, as far as streams can tell
	close   func()        // ends the server and closes its database
	ended   chan struct{} // receives once for each event stream that has ended
}

type option func(*deviceapi.Options)

func setUp(t testing.TB, options ...option) *fixture {
	t.Helper()
	return setUpOn(t, ":memory:", options...)
}

// setUpOn serves what a database file holds, or a new application in it.
func setUpOn(t testing.TB, database string, options ...option) *fixture {
	t.Helper()
	ctx := context.Background()
	db, err := store.Open(ctx, database)
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{t: t, clock: onetouch.NewManualClock(start), ended: make(chan struct{}, 4096)}
	f.service = onetouch.NewService(db, onetouch.Options{Clock: f.clock})
	if f.app, err = f.service.EnsureApplication(ctx, onetouch.ApplicationSettings{Name: "Acme Bank"}); err != nil {
		t.Fatal(err)
	}
	f.user = f.addUser("202-555-0158")
	f.serve(options)
	serverClose := f.close
	f.close = sync.OnceFunc(func() {
		serverClose()
		_ = db.Close()
	})
	t.Cleanup(f.close)
	return f
}

func (f *fixture) serve(options []option) {
	stopping := make(chan struct{})
	f.stop = sync.OnceFunc(func() { close(stopping) })
	o := deviceapi.Options{Stopping: stopping}
	for _, set := range options {
		set(&o)
	}
	handler := mux(deviceapi.New(f.service, o))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/events") {
			defer func() { f.ended <- struct{}{} }()
		}
		handler.ServeHTTP(w, r)
	}))
	f.close = func() {
		f.stop()
		server.Close()
	}
	f.url, f.client = server.URL, server.Client()
	f.client.Timeout = patience
}

// mux serves the API as the server does.
func mux(api *deviceapi.API) http.Handler {
	return route.Handler(api.Family())
}

func (f *fixture) addUser(cellphone string) onetouch.User {
	f.t.Helper()
	user, err := f.service.AddUser(f.t.Context(), f.app.ID, onetouch.NewUser{Email: "ada@example.com", Cellphone: cellphone})
	if err != nil {
		f.t.Fatal(err)
	}
	return user
}

func (f *fixture) token() string {
	f.t.Helper()
	token, err := f.service.StartRegistration(f.t.Context(), f.app.ID, f.user.AuthyID)
	if err != nil {
		f.t.Fatal(err)
	}
	return token
}

// ask creates an approval request for the user.
func (f *fixture) ask(message string) onetouch.ApprovalRequest {
	f.t.Helper()
	return f.askWith(f.user, onetouch.NewApprovalRequest{
		Message: message, Details: details.List{{Name: "Amount", Value: "$12,400"}, {Name: "To", Value: "ACME"}},
		HiddenDetails: details.List{{Name: "ip", Value: "10.0.0.1"}},
	})
}

func (f *fixture) askWith(user onetouch.User, n onetouch.NewApprovalRequest) onetouch.ApprovalRequest {
	f.t.Helper()
	request, err := f.service.CreateApprovalRequest(f.t.Context(), f.app, user.AuthyID, n)
	if err != nil {
		f.t.Fatal(err)
	}
	return request
}

// device is a phone as the tests play it: with nothing but its key, its number and its access token.
type device struct {
	f     *fixture
	key   *evidence.PrivateKey
	id    int64
	uuid  string
	token string
}

func newKey(t testing.TB, alg evidence.Algorithm) *evidence.PrivateKey {
	t.Helper()
	key, err := evidence.GenerateKey(alg)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// registration is the body of a registration that is taken.
func registration(t testing.TB, key *evidence.PrivateKey, token string) map[string]any {
	t.Helper()
	proof, err := evidence.SignProof(key, token)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]any{"registration_token": token, "public_key": key.Public(), "proof": proof}
}

func (f *fixture) register(alg evidence.Algorithm) *device {
	f.t.Helper()
	key := newKey(f.t, alg)
	var answer struct {
		DeviceID    int64  `json:"device_id"`
		DeviceUUID  string `json:"device_uuid"`
		AccessToken string `json:"access_token"`
	}
	f.call(http.MethodPost, "/registrations", "", registration(f.t, key, f.token())).into(&answer)
	return &device{f: f, key: key, id: answer.DeviceID, uuid: answer.DeviceUUID, token: answer.AccessToken}
}

func (f *fixture) newDevice() *device {
	f.t.Helper()
	return f.register(evidence.ES256)
}

// answer is what came back.
type answer struct {
	t      testing.TB
	status int
	header http.Header
	body   string
}

// call makes a call. The body is sent as it is when it is a string, else as JSON; nil is none.
func (f *fixture) call(method, path, token string, body any) answer {
	f.t.Helper()
	return f.send(f.request(method, path, token, body))
}

func (f *fixture) request(method, path, token string, body any) *http.Request {
	f.t.Helper()
	var content io.Reader
	switch body := body.(type) {
	case nil:
	case string:
		content = strings.NewReader(body)
	default:
		content = bytes.NewReader(toJSON(f.t, body))
	}
	request, err := http.NewRequestWithContext(f.t.Context(), method, f.url+deviceapi.Prefix+path, content)
	if err != nil {
		f.t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	return request
}

func (f *fixture) send(request *http.Request) answer {
	f.t.Helper()
	response, err := f.client.Do(request)
	if err != nil {
		f.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	return answer{t: f.t, status: response.StatusCode, header: response.Header, body: string(body)}
}

func (d *device) call(method, path string, body any) answer {
	d.f.t.Helper()
	return d.f.call(method, path, d.token, body)
}

func toJSON(t testing.TB, value any) []byte {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// into reads an answer that must be a success.
func (a answer) into(result any) {
	a.t.Helper()
	if a.status != http.StatusOK {
		a.t.Fatalf("answered %d: %s", a.status, a.body)
	}
	if err := json.Unmarshal([]byte(a.body), result); err != nil {
		a.t.Fatalf("answered %q: %v", a.body, err)
	}
}

func (a answer) members() map[string]any {
	a.t.Helper()
	var members map[string]any
	a.into(&members)
	return members
}

// refusal is what a program sees of an error.
type refusal struct {
	code      onetouch.Code
	status    int
	errorCode string
}

// refused checks an error answer against the table, and that its message says each of the words.
func (a answer) refused(code onetouch.Code, words ...string) {
	a.t.Helper()
	want, documented := refusals()[code]
	if !documented {
		a.t.Errorf("%q is not documented", code)
	}
	var body struct {
		ErrorCode string `json:"error_code"`
		Message   string `json:"message"`
		Errors    struct {
			Message   string        `json:"message"`
			Code      onetouch.Code `json:"code"`
			Parameter string        `json:"parameter"`
			Reason    string        `json:"reason"`
		} `json:"errors"`
		Success *bool `json:"success"`
	}
	if err := json.Unmarshal([]byte(a.body), &body); err != nil {
		a.t.Errorf("answered %d %q: %v", a.status, a.body, err)
		return
	}
	got := refusal{body.Errors.Code, a.status, body.ErrorCode}
	if got != want {
		a.t.Errorf("refused with %+v, want %+v: %s", got, want, body.Message)
	}
	if body.Message == "" || body.Message != body.Errors.Message || strings.ContainsAny(body.Message, "\r\n") ||
		body.Success == nil || *body.Success {
		a.t.Errorf("not the shape of a refusal: %s", a.body)
	}
	about := "Invalid parameter: " + body.Errors.Parameter + " - " + body.Errors.Reason
	if strings.HasPrefix(body.Message, "Invalid parameter: ") != (body.Errors.Parameter != "") ||
		body.Errors.Parameter != "" && body.Message != about {
		a.t.Errorf("the members say %q, the message %q", about, body.Message)
	}
	for _, word := range words {
		if !strings.Contains(body.Message, word) {
			a.t.Errorf("message %q does not say %q", body.Message, word)
		}
	}
}

// state is everything that a refusal must not change.
type state struct {
	Users    []onetouch.User
	Devices  []onetouch.Device
	Requests []onetouch.ApprovalRequest
	Owed     []onetouch.DeliveryRecord
	Events   []onetouch.Event
}

func (f *fixture) state() state {
	f.t.Helper()
	ctx := f.t.Context()
	var s state
	var errs [5]error
	s.Users, errs[0] = f.service.Users(ctx, onetouch.UserFilter{})
	s.Devices, errs[1] = f.service.Devices(ctx, onetouch.DeviceFilter{WithRemoved: true})
	s.Requests, errs[2] = f.service.ApprovalRequests(ctx, onetouch.ApprovalRequestFilter{})
	s.Owed, errs[3] = f.service.Deliveries(ctx, onetouch.DeliveryFilter{})
	s.Events, errs[4] = f.service.Events(ctx, onetouch.EventFilter{})
	for _, err := range errs {
		if err != nil {
			f.t.Fatal(err)
		}
	}
	return s
}

// changesNothing runs a call and checks that it has left no trace.
func (f *fixture) changesNothing(call func()) {
	f.t.Helper()
	before := f.state()
	call()
	if diff := cmp.Diff(before, f.state()); diff != "" {
		f.t.Errorf("a refusal changed something (-before +after):\n%s", diff)
	}
}

// statement is what the device has to sign to approve the request.
func (d *device) statement(r onetouch.ApprovalRequest) evidence.Statement {
	d.f.t.Helper()
	digest, err := r.Shown().Digest()
	if err != nil {
		d.f.t.Fatal(err)
	}
	return evidence.Statement{
		UUID: r.UUID, Status: evidence.Approved, Challenge: r.Challenge, DeviceID: d.id,
		IssuedAt: d.f.clock.Now().Unix(), DetailsSHA256: digest,
	}
}

func (d *device) sign(s evidence.Statement) string {
	d.f.t.Helper()
	jws, err := evidence.Sign(d.key, s)
	if err != nil {
		d.f.t.Fatal(err)
	}
	return jws
}

// respond answers a request with a JWS.
func (d *device) respond(uuid, jws string) answer {
	d.f.t.Helper()
	return d.call(http.MethodPost, "/approval_requests/"+uuid+"/response", map[string]string{"jws": jws})
}

func (d *device) approve(r onetouch.ApprovalRequest) answer {
	d.f.t.Helper()
	return d.respond(r.UUID, d.sign(d.statement(r)))
}

// with is a JSON object with one member changed, whose name may be a path with dots.
func with(object map[string]any, path string, value any) map[string]any {
	name, rest, nested := strings.Cut(path, ".")
	changed := map[string]any{}
	for k, v := range object {
		changed[k] = v
	}
	if nested {
		inner, _ := changed[name].(map[string]any)
		value = with(inner, rest, value)
	}
	changed[name] = value
	return changed
}

func without(object map[string]any, name string) map[string]any {
	changed := with(object, name, nil)
	delete(changed, name)
	return changed
}
