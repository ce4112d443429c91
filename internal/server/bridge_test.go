package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/phonetest"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/internal/server/bridge"
	"github.com/onetouchkit/onetouch/internal/verifywire"
	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/authy"
	"github.com/onetouchkit/onetouch/pkg/callback"
	"github.com/onetouchkit/onetouch/pkg/details"
	"github.com/onetouchkit/onetouch/pkg/verify"
)

const (
	accountSID = "AC000000000000000000000000000000aa"
	serviceSID = "VA000000000000000000000000000000bb"
	authToken  = "the-auth-token"
	webhookURL = "https://bridge.example/bridge/verify/webhook"
)

// otherVerify is as much of a Verify API as a bridge calls, with phones that are told what to do. What it knows of a wire
// fact is that of pkg/verify's sources, so that the test would notice if the two misunderstood each other.
type otherVerify struct {
	*httptest.Server

	mu         sync.Mutex
	entities   map[string]bool
	factors    map[string][]map[string]any
	challenges map[string]map[string]any
	asked      url.Values // the last challenge
	broken     http.HandlerFunc
	withPhone  bool // whether each user has one at once
}

func openVerify(t *testing.T) *otherVerify {
	t.Helper()
	v := &otherVerify{entities: map[string]bool{}, factors: map[string][]map[string]any{}, challenges: map[string]map[string]any{}}
	mux := http.NewServeMux()
	const base = "/v2/Services/" + serviceSID
	mux.HandleFunc("POST "+base+"/Entities", v.addEntity)
	mux.HandleFunc("DELETE "+base+"/Entities/{identity}", v.removeEntity)
	mux.HandleFunc("POST "+base+"/AccessTokens", func(w http.ResponseWriter, r *http.Request) {
		answer(w, 201, map[string]any{"sid": "YK", "token": "token of " + r.PostFormValue("Identity")})
	})
	mux.HandleFunc("GET "+base+"/Entities/{identity}/Factors", func(w http.ResponseWriter, r *http.Request) {
		list := v.factors[r.PathValue("identity")]
		if list == nil {
			list = []map[string]any{}
		}
		answer(w, 200, map[string]any{"factors": list, "meta": map[string]any{"next_page_url": nil}})
	})
	mux.HandleFunc("DELETE "+base+"/Entities/{identity}/Factors/{sid}", func(w http.ResponseWriter, r *http.Request) {
		delete(v.factors, r.PathValue("identity"))
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("POST "+base+"/Entities/{identity}/Challenges", v.ask)
	mux.HandleFunc("GET "+base+"/Entities/{identity}/Challenges/{sid}", func(w http.ResponseWriter, r *http.Request) {
		if found := v.challenges[r.PathValue("sid")]; found != nil {
			answer(w, 200, found)
			return
		}
		refuse(w, 404, 20404)
	})
	v.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v.mu.Lock()
		defer v.mu.Unlock()
		user, password, _ := r.BasicAuth()
		switch {
		case v.broken != nil:
			v.broken(w, r)
		case user != accountSID || password != authToken:
			refuse(w, 401, 20003)
		default:
			mux.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(v.Close)
	return v
}

func answer(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value)
}

func refuse(w http.ResponseWriter, status, code int) {
	answer(w, status, map[string]any{"code": code, "message": "refused " + fmt.Sprint(code), "status": status})
}

func (v *otherVerify) addEntity(w http.ResponseWriter, r *http.Request) {
	identity := r.PostFormValue("Identity")
	if v.entities[identity] {
		refuse(w, 409, 60200)
		return
	}
	v.entities[identity] = true
	if v.withPhone {
		v.factors[identity] = append(v.factors[identity], factorOf(7, "verified"))
	}
	answer(w, 201, map[string]any{"sid": "YE", "identity": identity})
}

func (v *otherVerify) removeEntity(w http.ResponseWriter, r *http.Request) {
	delete(v.entities, r.PathValue("identity"))
	delete(v.factors, r.PathValue("identity"))
	w.WriteHeader(http.StatusNoContent)
}

func (v *otherVerify) ask(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	v.asked = r.PostForm
	sid := fmt.Sprintf("YC%032x", len(v.challenges)+1)
	v.challenges[sid] = map[string]any{
		"sid": sid, "status": "pending", "factor_sid": r.PostForm.Get("FactorSid"), "date_responded": nil,
		"date_updated": time.Now().UTC(),
	}
	answer(w, 201, v.challenges[sid])
}

// register is a phone that makes a factor.
func (v *otherVerify) register(identity string, number int, status string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.factors[identity] = append(v.factors[identity], factorOf(number, status))
}

func factorOf(number int, status string) map[string]any {
	return map[string]any{
		"sid": fmt.Sprintf("YF%032x", number), "factor_type": "push", "status": status, "friendly_name": "Ada's Pixel",
		"config": map[string]any{"notification_platform": "apn"}, "date_created": time.Now().UTC().Add(-time.Hour),
	}
}

// respond is a phone that answers.
func (v *otherVerify) respond(uuid string, status approval.Status) (sid string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	sid = "YC" + strings.ReplaceAll(uuid, "-", "")
	v.challenges[sid]["status"], v.challenges[sid]["date_responded"] = status, time.Now().UTC()
	return sid
}

// fail has every call fail in a way; nil mends it.
func (v *otherVerify) fail(how http.HandlerFunc) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.broken = how
}

func (v *otherVerify) identities() (list []string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for identity := range v.entities {
		list = append(list, identity)
	}
	return list
}

// bridged is a server whose phones are at another service, and the backend that speaks to it.
func bridged(t *testing.T, v *otherVerify, o server.Options) (running, *authy.Client) {
	t.Helper()
	o.Database = ":memory:"
	o.Bridge = &bridge.Options{
		URL: v.URL, ServiceSID: serviceSID, AccountSID: accountSID, AuthToken: authToken, WebhookURL: webhookURL, Client: client(t),
	}
	s := run(t, o)
	return s, authy.New(apiKey, authy.WithBaseURL(s.url), authy.WithHTTPClient(client(t)))
}

// webhook sends what Verify would send.
func (s running) webhook(t *testing.T, signedBy string, parameters url.Values) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+bridge.Path, strings.NewReader(parameters.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Host = "bridge.example"
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set(verify.SignatureHeader, verify.Sign(signedBy, webhookURL, parameters))
	response, err := client(t).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return response.StatusCode
}

func challengeEvent(kind, sid string) url.Values {
	return url.Values{"type": {kind}, "challenge_sid": {sid}, "service_sid": {serviceSID}, "account_sid": {accountSID}}
}

// The story of a backend that was written for Authy: user, registration, request, answer of the phone, poll and callback.
func TestBridge(t *testing.T) {
	t.Parallel()
	called := make(chan *callback.Callback, 10)
	receiver := httptest.NewServer(callback.Handler(&callback.Verifier{APIKey: apiKey},
		func(_ context.Context, c *callback.Callback) error { called <- c; return nil }))
	t.Cleanup(receiver.Close)
	v := openVerify(t)
	s, backend := bridged(t, v, server.Options{Application: onetouch.ApplicationSettings{CallbackURL: &receiver.URL}})
	ctx := t.Context()

	ada := authy.NewUser{Email: "ada@example.com", Cellphone: "202-555-0158"}
	id, err := backend.CreateUser(ctx, ada)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := backend.CreateUser(ctx, ada); err != nil || again != id {
		t.Errorf("the same user is %d, %v", again, err)
	}
	identity := v.identities()[0]
	if token, err := backend.StartRegistration(ctx, id); err != nil || token != "token of "+identity {
		t.Errorf("the registration token is %q, %v", token, err)
	}
	html := strings.Repeat("&", 1000) // less than Verify takes, as long as JSON does not write it longer
	ask := authy.NewApprovalRequest{
		Message: "Log in?", Details: details.List{{Name: "City", Value: "Bogotá"}},
		HiddenDetails: details.List{{Name: "ip", Value: "::1"}, {Name: "html", Value: html}},
	}
	v.register(identity, 1, "unverified")
	if _, err := backend.CreateApprovalRequest(ctx, id, ask); !errors.Is(err, authy.ErrUserWithoutDevice) {
		t.Errorf("a user without a verified factor: %v", err)
	}
	v.register(identity, 2, "verified")
	status, err := backend.UserStatus(ctx, id)
	if err != nil || !status.Registered || len(status.Devices) != 1 || status.Devices[0] != "ios" {
		t.Errorf("the user's status is %+v, %v", status, err)
	}
	uuid, err := backend.CreateApprovalRequest(ctx, id, ask)
	if err != nil {
		t.Fatal(err)
	}
	v.mu.Lock()
	asked := v.asked
	v.mu.Unlock()
	if asked.Get("FactorSid") != fmt.Sprintf("YF%032x", 2) || asked.Get("Details.Message") != "Log in?" ||
		asked.Get("Details.Fields") != `{"label":"City","value":"Bogotá"}` ||
		asked.Get("HiddenDetails") != `{"ip":"::1","html":"`+html+`"}` {
		t.Errorf("Verify was asked %v", asked)
	}
	r, err := backend.ApprovalRequest(ctx, uuid)
	if err != nil || r.Status != approval.Pending || r.SecondsToExpire != 3600 {
		t.Errorf("the request is %+v, %v", r, err)
	}
	// Verify takes an hour at most, by a clock that may be behind.
	expires, err := time.Parse(time.RFC3339, asked.Get("ExpirationDate"))
	if left := expires.Sub(r.CreatedAt); err != nil || left > verify.MaxExpiry-9*time.Second || left < verify.MaxExpiry-12*time.Second {
		t.Errorf("Verify was asked with %s, %s after the request", asked.Get("ExpirationDate"), left)
	}

	sid := v.respond(uuid, approval.Approved)
	event := challengeEvent(verify.EventChallengeApproved, sid)
	for _, c := range []struct {
		name, by string
		event    url.Values
		want     int
	}{
		{"a wrong signature", "another token", event, http.StatusForbidden},
		{"an unknown challenge", authToken, challengeEvent(verify.EventChallengeApproved, fmt.Sprintf("YC%032x", 99)), http.StatusNotFound},
		{"no challenge", authToken, url.Values{"type": {verify.EventFactorVerified}}, http.StatusNoContent},
		{"another service", authToken, url.Values{"type": {"challenge.denied"}, "challenge_sid": {sid}, "service_sid": {"VA1"}},
			http.StatusNoContent},
		{"no type", authToken, url.Values{"challenge_sid": {sid}}, http.StatusBadRequest},
	} {
		if got := s.webhook(t, c.by, c.event); got != c.want {
			t.Errorf("a webhook with %s is answered %d, want %d", c.name, got, c.want)
		}
	}
	if r, err := s.Service().AnyApprovalRequest(ctx, uuid); err != nil || r.Status != approval.Pending {
		t.Errorf("webhooks that say nothing made it %+v, %v", r.Status, err)
	}
	for range 2 { // the second is a replay
		if got := s.webhook(t, authToken, event); got != http.StatusNoContent {
			t.Errorf("the webhook is answered %d", got)
		}
	}
	c := <-called
	if c.UUID != uuid || c.Status != "approved" || c.AuthyID != id || c.Details["City"] != "Bogotá" || c.DeviceUUID == "" {
		t.Errorf("the callback is %+v", c)
	}
	r, err = backend.ApprovalRequest(ctx, uuid)
	if err != nil || r.Status != approval.Approved || r.Device == nil || r.HiddenDetails.Get("ip") != "::1" {
		t.Errorf("the request is %+v, %v", r, err)
	}
	owed, err := s.Service().Deliveries(ctx, onetouch.DeliveryFilter{Kinds: []onetouch.DeliveryKind{onetouch.DeliveryCallback}})
	if err != nil || len(owed) != 1 {
		t.Errorf("%d callbacks were owed, %v", len(owed), err)
	}

	// Without a webhook a poll brings the answer.
	uuid, err = backend.CreateApprovalRequest(ctx, id, ask)
	if err != nil {
		t.Fatal(err)
	}
	v.respond(uuid, approval.Denied)
	if r, err := backend.ApprovalRequest(ctx, uuid); err != nil || r.Status != approval.Denied {
		t.Errorf("the request is %+v, %v", r, err)
	}
	if c := <-called; c.UUID != uuid || c.Status != "denied" {
		t.Errorf("the callback is %+v", c)
	}
	if err := backend.DeleteDevice(ctx, r.Device.ID); err != nil {
		t.Error(err)
	}
	if status, err := backend.UserStatus(ctx, id); err != nil || status.Registered {
		t.Errorf("the user's status is %+v, %v", status, err)
	}
	if err := backend.DeleteUser(ctx, id); err != nil || len(v.identities()) != 0 {
		t.Errorf("users left: %v, %v", v.identities(), err)
	}
}

// The user answers in time, and the bridge hears of it when its own clock says that the request is over: the answer counts.
func TestBridgeHearsLate(t *testing.T) {
	t.Parallel()
	v := openVerify(t)
	v.withPhone = true
	clock := onetouch.NewManualClock(time.Now())
	s, backend := bridged(t, v, server.Options{Clock: clock})
	id, err := backend.CreateUser(t.Context(), authy.NewUser{Email: "ada@example.com", Cellphone: "202-555-0158"})
	if err != nil {
		t.Fatal(err)
	}
	seconds := int64(60)
	for name, hears := range map[string]func(sid string){
		"by a poll": func(string) {},
		"by a webhook": func(sid string) {
			if got := s.webhook(t, authToken, challengeEvent(verify.EventChallengeDenied, sid)); got != http.StatusNoContent {
				t.Errorf("the webhook is answered %d", got)
			}
		},
	} {
		uuid, err := backend.CreateApprovalRequest(t.Context(), id, authy.NewApprovalRequest{Message: "m", SecondsToExpire: &seconds})
		if err != nil {
			t.Fatal(err)
		}
		unanswered, err := backend.CreateApprovalRequest(t.Context(), id, authy.NewApprovalRequest{Message: "m", SecondsToExpire: &seconds})
		if err != nil {
			t.Fatal(err)
		}
		sid := v.respond(uuid, approval.Denied)
		clock.Advance(time.Minute)
		if _, err := s.Service().ExpireDue(t.Context()); err != nil {
			t.Fatal(err)
		}
		hears(sid)
		if r, err := backend.ApprovalRequest(t.Context(), uuid); err != nil || r.Status != approval.Denied {
			t.Errorf("%s: it is %s, %v", name, r.Status, err)
		}
		if r, err := backend.ApprovalRequest(t.Context(), unanswered); err != nil || r.Status != approval.Expired {
			t.Errorf("%s: the one that nobody answered is %s, %v", name, r.Status, err)
		}
	}
}

// What cannot be done is refused in the words of the Authy API, and nothing is left half done.
func TestBridgeRefusals(t *testing.T) {
	t.Parallel()
	v := openVerify(t)
	log := &bytes.Buffer{}
	var mu sync.Mutex
	s, backend := bridged(t, v, server.Options{Logger: slog.New(slog.NewTextHandler(lockedWriter{&mu, log}, nil))})
	ctx := t.Context()
	id, err := backend.CreateUser(ctx, authy.NewUser{Email: "ada@example.com", Cellphone: "202-555-0158"})
	if err != nil {
		t.Fatal(err)
	}
	v.register(v.identities()[0], 1, "verified")
	long := func(n int) string { return strings.Repeat("é", n) }
	seconds := func(n int64) *int64 { return &n }
	for name, n := range map[string]authy.NewApprovalRequest{
		"never":         {Message: "m", SecondsToExpire: seconds(0)},
		"over an hour":  {Message: "m", SecondsToExpire: seconds(3601)},
		"message":       {Message: long(257)},
		"label":         {Message: "m", Details: details.List{{Name: long(37), Value: "v"}}},
		"value":         {Message: "m", Details: details.List{{Name: "n", Value: long(129)}}},
		"hidden":        {Message: "m", HiddenDetails: details.List{{Name: "n", Value: long(1024)}}},
		"empty message": {},
	} {
		if _, err := backend.CreateApprovalRequest(ctx, id, n); !errors.Is(err, authy.ErrInvalidParameter) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := backend.VerifyToken(ctx, id, authy.VerifyToken{Token: "1234567"}); !errors.Is(err, authy.ErrInvalidRequest) ||
		!strings.Contains(err.Error(), "has no counterpart in Verify Push") {
		t.Errorf("a call without a counterpart: %v", err)
	}
	for name, c := range map[string]struct {
		how    http.HandlerFunc
		status int
		code   string
	}{
		"a page":            {func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "<html>") }, 503, "60052"},
		"wrong credentials": {func(w http.ResponseWriter, _ *http.Request) { refuse(w, 401, 20003) }, 503, "60052"},
		"no such service":   {func(w http.ResponseWriter, _ *http.Request) { refuse(w, 404, 20404) }, 503, "60052"},
		"limit":             {func(w http.ResponseWriter, _ *http.Request) { refuse(w, 429, 20429) }, 429, "60003"},
		"refusal":           {func(w http.ResponseWriter, _ *http.Request) { refuse(w, 400, 60200) }, 400, "60002"},
		"cut off":           {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 503, "60052"},
	} {
		v.fail(c.how)
		_, err := backend.StartRegistration(ctx, id)
		var refused *authy.Error
		if !errors.As(err, &refused) || refused.StatusCode != c.status || refused.ErrorCode != c.code ||
			strings.Contains(refused.Message, authToken) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := backend.CreateApprovalRequest(ctx, id, authy.NewApprovalRequest{Message: "m"}); err == nil && name != "no such service" {
			t.Errorf("%s: the request was made", name)
		}
	}
	v.fail(nil)
	requests, err := s.Service().ApprovalRequests(ctx, onetouch.ApprovalRequestFilter{})
	if err != nil || len(requests) != 0 {
		t.Errorf("left behind: %+v, %v", requests, err)
	}
	mu.Lock()
	defer mu.Unlock()
	if strings.Contains(log.String(), authToken) || !strings.Contains(log.String(), "a call of Verify failed") {
		t.Errorf("the log says %s", log)
	}
}

type lockedWriter struct {
	mu *sync.Mutex
	to *bytes.Buffer
}

func (w lockedWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to.Write(p)
}

// A server whose phones are elsewhere serves none.
func TestBridgeHasNoDeviceAPI(t *testing.T) {
	t.Parallel()
	s, _ := bridged(t, openVerify(t), server.Options{})
	for _, r := range s.Routes() {
		if strings.HasPrefix(r.Path, "/device/v1") {
			t.Errorf("%s %s is served", r.Method, r.Path)
		}
	}
}

func TestBridgeOptions(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]bridge.Options{
		"service": {ServiceSID: "VA1", AccountSID: accountSID, AuthToken: authToken},
		"account": {ServiceSID: serviceSID, AccountSID: "AC" + strings.Repeat("g", 32), AuthToken: authToken},
		"token":   {ServiceSID: serviceSID, AccountSID: accountSID},
		"URL":     {ServiceSID: serviceSID, AccountSID: accountSID, AuthToken: authToken, URL: "ftp://verify.example"},
		"secrets": {ServiceSID: serviceSID, AccountSID: accountSID, AuthToken: authToken, URL: "http://a:b@verify.example"},
		"webhook": {ServiceSID: serviceSID, AccountSID: accountSID, AuthToken: authToken, WebhookURL: "bridge.example"},
	} {
		if _, err := server.Open(t.Context(), server.Options{Database: ":memory:", Bridge: &o}); err == nil ||
			onetouch.CodeOf(err) != onetouch.CodeInvalidParameter {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A bridge can be tried without Twilio: another server is the Verify API, and a phone that is registered there answers.
func TestBridgeToAnotherServer(t *testing.T) {
	t.Parallel()
	called := make(chan *callback.Callback, 10)
	receiver := httptest.NewServer(callback.Handler(&callback.Verifier{APIKey: apiKey},
		func(_ context.Context, c *callback.Callback) error { called <- c; return nil }))
	t.Cleanup(receiver.Close)
	there := run(t, server.Options{Database: ":memory:"})
	ctx := t.Context()
	account, err := there.Service().Account(ctx)
	if err != nil {
		t.Fatal(err)
	}
	vs := verifywire.ServiceSID(there.Application().ID)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	hook := "http://" + listener.Addr().String() + bridge.Path
	here := runOn(t, listener, server.Options{
		Database: ":memory:", Application: onetouch.ApplicationSettings{CallbackURL: &receiver.URL},
		Bridge: &bridge.Options{
			URL: there.url, ServiceSID: vs, AccountSID: account.SID, AuthToken: account.AuthToken, WebhookURL: hook, Client: client(t),
		},
	})
	_, err = verify.New(account.SID, account.AuthToken, verify.WithBaseURL(there.url), verify.WithHTTPClient(client(t))).
		CreateWebhook(ctx, vs, verify.NewWebhook{
			FriendlyName: "bridge", EventTypes: []string{verify.EventChallengeApproved, verify.EventChallengeDenied}, WebhookURL: hook,
		})
	if err != nil {
		t.Fatal(err)
	}
	backend := authy.New(apiKey, authy.WithBaseURL(here.url), authy.WithHTTPClient(client(t)))
	id, err := backend.CreateUser(ctx, authy.NewUser{Email: "ada@example.com", Cellphone: "202-555-0158"})
	if err != nil {
		t.Fatal(err)
	}
	users, err := there.Service().Users(ctx, onetouch.UserFilter{})
	if err != nil || len(users) != 1 {
		t.Fatalf("there are %d users, %v", len(users), err)
	}
	phone, err := phonetest.RegisterFor(ctx, there.Service(), users[0])
	if err != nil {
		t.Fatal(err)
	}
	uuid, err := backend.CreateApprovalRequest(ctx, id, authy.NewApprovalRequest{
		Message: "Log in?", Details: details.List{{Name: "City", Value: "Bogotá"}}, HiddenDetails: details.List{{Name: "ip", Value: "::1"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	asked, err := there.Service().AnyApprovalRequest(ctx, uuid)
	if err != nil || asked.Message != "Log in?" || asked.Details.Get("City") != "Bogotá" || asked.HiddenDetails.Get("ip") != "::1" {
		t.Fatalf("the phone is asked %+v, %v", asked, err)
	}
	if _, err := phone.Answer(ctx, there.Service(), asked, onetouch.StatusDenied, ""); err != nil {
		t.Fatal(err)
	}
	c := <-called
	if c.UUID != uuid || c.Status != "denied" || c.AuthyID != id || c.DeviceUUID != phone.UUID {
		t.Errorf("the callback is %+v", c)
	}
}
