package device_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/verifywire"
	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/details"
	"github.com/onetouchkit/onetouch/pkg/device"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// newFactor is a factor of the user that can be created.
func (w *world) newFactor() device.NewFactor {
	w.t.Helper()
	return w.newFactorOf(w.user.Identity)
}

func (w *world) newFactorOf(identity string) device.NewFactor {
	w.t.Helper()
	token, _, err := w.service.CreateAccessToken(context.Background(), w.app.ID, onetouch.NewAccessToken{
		Identity: identity, Life: onetouch.DefaultAccessTokenLife,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return device.NewFactor{
		Server: serverURL, HTTPClient: w.network.client, ServiceSID: verifywire.ServiceSID(w.app.ID), Identity: identity,
		AccessToken: token,
	}
}

func (w *world) factor() *device.Device {
	w.t.Helper()
	d, err := device.RegisterFactor(context.Background(), w.newFactor())
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

// kept is a device as the server knows it.
func (w *world) kept(d *device.Device) onetouch.Device {
	w.t.Helper()
	devices, err := w.service.Devices(context.Background(), onetouch.DeviceFilter{WithUnverified: true})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, one := range devices {
		if one.UUID == d.UUID() {
			return one
		}
	}
	w.t.Fatalf("the server knows no %v", d)
	return onetouch.Device{}
}

// challenge asks a factor through the Verify API.
func (w *world) challenge(d *device.Device, message string) onetouch.ApprovalRequest {
	w.t.Helper()
	request, err := w.service.CreateChallenge(context.Background(), w.app, w.kept(d), onetouch.NewChallenge{
		Message: message, Details: details.List{{Name: "To", Value: "ACME"}, {Name: "Amount", Value: "$12,400"}},
		HiddenDetails: details.List{{Name: "ip", Value: "10.0.0.1"}},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return request
}

// Create, verify, hear the push, fetch, look, answer: what is asked through either API.
func TestFactorStory(t *testing.T) {
	t.Parallel()
	for _, status := range []approval.Status{approval.Approved, approval.Denied} {
		for _, through := range []string{"Authy", "Verify"} {
			t.Run(fmt.Sprint(through, status), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				d := w.factor()
				ask := map[string]func() onetouch.ApprovalRequest{
					"Authy":  func() onetouch.ApprovalRequest { return w.ask("Send $12,400 to ACME?") },
					"Verify": func() onetouch.ApprovalRequest { return w.challenge(d, "Send $12,400 to ACME?") },
				}
				asked := ask[through]()
				want := device.Push{ID: 1, Type: device.ChallengePush, ApprovalRequestUUID: asked.UUID, Alert: asked.Message}
				push := hearOne(t, d)
				want.ID = push.ID
				if push != want || push.ID == 0 {
					t.Errorf("heard %+v", push)
				}
				request := fetch(t, d, push.ApprovalRequestUUID)
				if request.Message != asked.Message || !cmp.Equal(request.Details, asked.Details) ||
					!request.ExpirationTimestamp.Equal(asked.ExpiresAt.Truncate(time.Second)) {
					t.Errorf("fetched %+v", request)
				}
				if err := d.Answer(t.Context(), request, status, ""); err != nil {
					t.Fatal(err)
				}
				kept := w.stored(asked.UUID)
				if kept.Status != status || kept.Answer.DeviceID != d.ID() || request.Status != status || request.DeviceUUID != d.UUID() {
					t.Errorf("kept %+v, the device has %+v", kept, request)
				}
				if again := fetch(t, d, asked.UUID); !cmp.Equal(again, request, cmpopts.IgnoreUnexported(*request)) {
					t.Errorf("fetched again: %s", cmp.Diff(request, again, cmpopts.IgnoreUnexported(*request)))
				}
				if err := d.Approve(t.Context(), request); !errors.Is(err, device.ErrNotPending) {
					t.Errorf("answered again: %v", err)
				}
				record, err := w.service.Evidence(t.Context(), asked.UUID)
				if err != nil || record.Verify() != nil || record.KeyID != d.PublicKey().ID() {
					t.Errorf("the evidence is %+v, %v", record, err)
				}
			})
		}
	}
}

func TestRegisteredFactor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.newFactor()
	n.Name, n.Platform, n.AppID, n.SDKVersion = "Ada's iPhone", "iphone", "com.example.bank", "2.1"
	d, err := device.RegisterFactor(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	kept := w.kept(d)
	if d.API() != device.Verify || d.ID() != kept.ID || d.UUID() != kept.UUID || d.AuthyID() != w.user.AuthyID || d.AppID() != w.app.ID ||
		d.AppName() != "Acme Bank" || d.Name() != "Ada's iPhone" || d.Platform() != "ios" || d.PublicKey().ID() != kept.KeyID {
		t.Errorf("%v is kept as %+v", d, kept)
	}
	if kept.API != onetouch.APIVerify || !kept.Verified() || kept.Factor.AppID != "com.example.bank" || kept.Factor.Platform != "apn" ||
		kept.AppVersion != "2.1" || kept.Push.Type != onetouch.PushStream || len(kept.Push.Token) < 32 {
		t.Errorf("kept as %+v", kept)
	}
	own := d.Credentials().Factor
	if own.SID != verifywire.FactorSID(kept) || own.CredentialSID != verifywire.CredentialSID(kept) || own.Identity != w.user.Identity ||
		own.ServiceSID != verifywire.ServiceSID(w.app.ID) || !strings.HasPrefix(own.AccountSID, "AC") || own.Unverified {
		t.Errorf("the factor's own is %+v", own)
	}
	again := w.reopen(d.Credentials())
	if diff := cmp.Diff(toJSON(t, d.Credentials()), toJSON(t, again.Credentials())); diff != "" {
		t.Errorf("opened again (-first +again):\n%s", diff)
	}
	if registered, err := again.Registered(t.Context()); err != nil || !registered {
		t.Errorf("registered: %t, %v", registered, err)
	}
}

// An entity that is not there is added with its factor.
func TestFactorOfANewEntity(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d, err := device.RegisterFactor(t.Context(), w.newFactorOf("user-of-acme-1"))
	if err != nil {
		t.Fatal(err)
	}
	user, err := w.service.Entity(t.Context(), w.app.ID, "user-of-acme-1")
	if err != nil || d.AuthyID() != user.AuthyID {
		t.Errorf("%v is of %+v, %v", d, user, err)
	}
}

func TestFactorIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	used, expired := w.newFactor(), w.newFactor()
	if _, err := device.RegisterFactor(t.Context(), used); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(onetouch.DefaultAccessTokenLife)
	sound := w.newFactor()
	change := func(set func(*device.NewFactor)) device.NewFactor {
		n := sound
		set(&n)
		return n
	}
	for name, test := range map[string]struct {
		n    device.NewFactor
		want error
		says string
	}{
		"used":            {used, device.ErrAccessToken, "used before"},
		"expired":         {expired, device.ErrAccessToken, "expired at "},
		"unknown":         {change(func(n *device.NewFactor) { n.AccessToken = "x" }), device.ErrAccessToken, "unknown"},
		"Authy's":         {change(func(n *device.NewFactor) { n.AccessToken = w.token() }), device.ErrAccessToken, "registration token"},
		"another entity":  {change(func(n *device.NewFactor) { n.Identity = "user-of-acme-2" }), device.ErrAccessToken, "another entity"},
		"another service": {change(func(n *device.NewFactor) { n.ServiceSID = "VA1" }), device.ErrAccessToken, "another entity"},
		"platform":        {change(func(n *device.NewFactor) { n.Platform = "desktop" }), device.ErrNoCounterpart, `platform "desktop"`},
		"long name":       {change(func(n *device.NewFactor) { n.Name = strings.Repeat("x", 65) }), nil, "FriendlyName"},
		"broken name":     {change(func(n *device.NewFactor) { n.Name = "\xff" }), nil, "is not valid UTF-8"},
		"no server":       {change(func(n *device.NewFactor) { n.Server = "127.0.0.1:8181" }), nil, "http://127.0.0.1:8181"},
	} {
		w.changesNothing(func() {
			d, err := device.RegisterFactor(context.Background(), test.n)
			if err == nil || d != nil || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s: got %v, %v; want an error that says %q", name, d, err, test.says)
			}
			if test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("%s: %v is not %v", name, err, test.want)
			}
		})
	}
	if _, err := device.RegisterFactor(t.Context(), sound); err != nil { // its token is still good
		t.Error(err)
	}
}

// What is no factor is not used as one: nothing more is asked of who answers so.
func TestHalfAFactor(t *testing.T) {
	t.Parallel()
	const sid = `"sid":"YF6b3c80118d6e44aba07ffd29121ed145","status":"unverified"`
	for body, says := range map[string]string{
		`{}`:                                   "device_uuid is missing",
		`{"sid":"YF1","status":"unverified"}`:  "device_uuid is missing",
		`{` + sid + `}`:                        "factor.account_sid is missing",
		`{` + sid + `,"account_sid":"AC1"}`:    "factor.service_sid is missing",
		`{"account_sid":"AC1","config":false}`: `member "config" has the wrong type`,
	} {
		calls := 0
		d, err := device.CreateFactor(t.Context(), device.NewFactor{
			Server: serverURL, ServiceSID: "VA1", Identity: "user-of-acme-1", AccessToken: "token",
			HTTPClient: &http.Client{Transport: answering(func(r *http.Request) *http.Response {
				calls++
				return &http.Response{StatusCode: http.StatusCreated, Request: r, Body: io.NopCloser(strings.NewReader(body))}
			})},
		})
		if d != nil || err == nil || !strings.Contains(err.Error(), says) || calls != 1 {
			t.Errorf("%s: %v, %v after %d calls; want an error that says %q", body, d, err, calls, says)
		}
	}
}

// Before it is verified nobody can ask a factor, and what others are asked it cannot answer.
func TestUnverifiedFactor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d, err := device.CreateFactor(t.Context(), w.newFactor())
	if err != nil {
		t.Fatal(err)
	}
	w.newDevice()
	if !d.Credentials().Factor.Unverified || w.kept(d).Verified() {
		t.Errorf("it is verified: %+v", w.kept(d))
	}
	request := fetch(t, d, w.ask("Log in?").UUID)
	w.changesNothing(func() {
		if err := d.Approve(t.Context(), request); !errors.Is(err, device.ErrUnverified) || request.Status != approval.Pending {
			t.Errorf("answered: %v, %s", err, request.Status)
		}
	})
	opened := w.reopen(d.Credentials())
	if err := opened.VerifyFactor(t.Context()); err != nil || opened.Credentials().Factor.Unverified || !w.kept(d).Verified() {
		t.Fatalf("verified: %v", err)
	}
	if err := opened.Approve(t.Context(), request); err != nil || request.Status != approval.Approved {
		t.Errorf("answered: %v, %s", err, request.Status)
	}
}

// Whatever a factor is asked or told, it goes by the server's clock once the server has told it.
func TestFactorLearnsTheTime(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{-48 * time.Hour, -5 * time.Minute, 2 * time.Hour, 400 * 24 * time.Hour} {
		t.Run(ahead.String(), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.clock.Advance(ahead)
			asked := w.challenge(w.factor(), "Log in?")
			kept := w.factor()
			for name, call := range map[string]func(*device.Device) error{
				"list":   func(d *device.Device) error { _, err := d.ApprovalRequests(t.Context(), device.Query{}); return err },
				"rename": func(d *device.Device) error { return d.Rename(t.Context(), "Ada's") },
				"push": func(d *device.Device) error {
					return d.SetPush(t.Context(), device.PushTarget{Type: device.PushStream})
				},
				"time": func(d *device.Device) error { return d.LearnTime(t.Context()) },
				"fetch": func(d *device.Device) error {
					_, err := d.ApprovalRequest(t.Context(), w.ask("Pay?").UUID)
					return err
				},
				"answer": func(d *device.Device) error {
					return d.Approve(t.Context(), fetch(t, d, w.challenge(d, "Pay?").UUID))
				},
				"pushes": func(d *device.Device) error {
					w.challenge(d, "Pay?")
					hearOne(t, d)
					return nil
				},
			} {
				if err := call(w.reopen(kept.Credentials())); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
			if w.stored(asked.UUID).Status != approval.Pending {
				t.Error("what another factor was asked is answered")
			}
		})
	}
}

// A server that takes no token at all is asked once more, and no longer.
func TestFactorTriesOnceMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.factor().Credentials()
	for date, want := range map[string]int32{time.Now().UTC().Format(http.TimeFormat): 2, "": 1, "yesterday": 1} {
		var calls atomic.Int32
		d, err := device.Open(c, serverURL, &http.Client{Transport: answering(func(r *http.Request) *http.Response {
			calls.Add(1)
			body := `{"code":20003,"message":"Authenticate","more_info":"","status":401}`
			return &http.Response{
				StatusCode: http.StatusUnauthorized, Header: http.Header{"Date": {date}}, Request: r, Body: io.NopCloser(strings.NewReader(body)),
			}
		})})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Rename(t.Context(), "Ada's"); !errors.Is(err, device.ErrAccessToken) || calls.Load() != want {
			t.Errorf("Date %q: %v after %d calls, want %d", date, err, calls.Load(), want)
		}
	}
}

// answering is a server without a network.
type answering func(*http.Request) *http.Response

func (a answering) RoundTrip(r *http.Request) (*http.Response, error) { return a(r), nil }

func TestFactorLists(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d, other := w.factor(), w.factor()
	w.challenge(other, "of another factor")
	start := w.clock.Now()
	for i := range 110 { // more than two pages
		w.clock.Advance(time.Second)
		w.challenge(d, fmt.Sprint(i))
	}
	answerIt := func(message string, status approval.Status) {
		for _, r := range list(t, d, device.Query{}) {
			if r.Message == message {
				if err := d.Answer(t.Context(), &r, status, ""); err != nil { // one of a list is fetched
					t.Fatal(err)
				}
			}
		}
	}
	answerIt("3", approval.Approved)
	answerIt("5", approval.Denied)
	for name, test := range map[string]struct {
		q     device.Query
		count int
		first string
	}{
		"all":      {device.Query{}, 110, "109"},
		"approved": {device.Query{Statuses: []approval.Status{approval.Approved}}, 1, "3"},
		"answered": {device.Query{Statuses: []approval.Status{approval.Approved, approval.Denied}}, 2, "5"},
		"limited":  {device.Query{Limit: 60}, 60, "109"},
		"one":      {device.Query{Limit: 1, Statuses: []approval.Status{approval.Pending}}, 1, "109"},
		"span":     {device.Query{Since: start.Add(11 * time.Second), Until: start.Add(20 * time.Second)}, 10, "19"},
	} {
		got := list(t, d, test.q)
		if len(got) != test.count || got[0].Message != test.first {
			t.Errorf("%s: %d, of %q; want %d", name, len(got), messages(got), test.count)
		}
	}
	if _, err := d.ApprovalRequests(t.Context(), device.Query{Statuses: []approval.Status{"open", approval.Pending}}); err == nil {
		t.Error("an unknown status is taken")
	}
}

func list(t *testing.T, d *device.Device, q device.Query) []device.ApprovalRequest {
	t.Helper()
	requests, err := d.ApprovalRequests(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return requests
}

// What a factor signs is what its user has said, also where the server names the status among the fields to sign.
func TestFactorSignsItsUsersAnswer(t *testing.T) {
	t.Parallel()
	const body = `{"sid":"YC6b3c80118d6e44aba07ffd29121ed145","status":"pending","details":{"message":"Pay?","fields":[]}}`
	var signed string
	d, err := device.Open(factorCredentials(t), serverURL, &http.Client{Transport: answering(func(r *http.Request) *http.Response {
		if r.Method == http.MethodPost {
			signed = r.PostFormValue("AuthPayload")
		}
		return &http.Response{
			StatusCode: http.StatusOK, Request: r, Body: io.NopCloser(strings.NewReader(body)),
			Header: http.Header{"Twilio-Verify-Signature-Fields": {"sid,details,status"}},
		}
	})})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Deny(t.Context(), fetch(t, d, "6b3c8011-8d6e-44ab-a07f-fd29121ed145"), ""); err != nil {
		t.Fatal(err)
	}
	payload, err := evidence.OpenJWT(signed, d.PublicKey())
	if err != nil || !strings.Contains(string(payload), `"status":"denied"`) {
		t.Errorf("%s is signed, %v", payload, err)
	}
}

func TestFactorAnswerIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d, other := w.factor(), w.factor()
	if _, err := other.ApprovalRequest(t.Context(), w.challenge(d, "Log in?").UUID); !errors.Is(err, device.ErrNotFound) {
		t.Errorf("the challenge of another factor: %v", err)
	}
	stranger, err := device.RegisterFactor(t.Context(), w.newFactorOf("user-of-acme-1"))
	if err != nil {
		t.Fatal(err)
	}
	foreign := w.challenge(stranger, "Log in?")
	for _, uuid := range []string{foreign.UUID, "x", "../Factors", ""} {
		if r, err := d.ApprovalRequest(t.Context(), uuid); err == nil {
			t.Errorf("%q: got %+v", uuid, r)
		}
	}
	if _, err := d.ApprovalRequest(t.Context(), foreign.UUID); !errors.Is(err, device.ErrNotFound) {
		t.Errorf("the challenge of another entity: %v", err)
	}

	request := fetch(t, d, w.challenge(d, "Pay?").UUID)
	for name, change := range map[string]func(*device.ApprovalRequest){
		"message": func(r *device.ApprovalRequest) { r.Message = "Pay less?" },
		"details": func(r *device.ApprovalRequest) { r.Details = r.Details[:1] },
	} {
		shown := *request
		change(&shown)
		listed := list(t, d, device.Query{Limit: 1})[0]
		change(&listed)
		w.changesNothing(func() {
			for _, r := range []*device.ApprovalRequest{&shown, &listed} {
				if err := d.Approve(t.Context(), r); !errors.Is(err, device.ErrDigest) {
					t.Errorf("another %s was shown: %v", name, err)
				}
			}
		})
	}
	w.changesNothing(func() {
		if err := d.Deny(t.Context(), request, "not me"); !errors.Is(err, device.ErrNoCounterpart) {
			t.Errorf("with a reason: %v", err)
		}
	})
	if err := d.Approve(t.Context(), request); err != nil {
		t.Errorf("what was asked: %v", err)
	}
	late := fetch(t, d, w.challenge(d, "Too late?").UUID)
	w.clock.Advance(onetouch.DefaultChallengeLife)
	if err := d.Approve(t.Context(), late); !errors.Is(err, device.ErrExpired) {
		t.Errorf("after its time: %v", err)
	}
	if err := d.Approve(t.Context(), &list(t, d, device.Query{Limit: 1})[0]); !errors.Is(err, device.ErrExpired) {
		t.Errorf("of a list, after its time: %v", err)
	}
}

func TestFactorChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.factor()
	if err := d.Rename(t.Context(), "Ada's new phone"); err != nil || d.Name() != "Ada's new phone" || w.kept(d).Name != d.Name() {
		t.Errorf("renamed: %v, %s", err, d.Name())
	}
	for _, name := range []string{"", strings.Repeat("x", 65), "\xff"} {
		if err := d.Rename(t.Context(), name); err == nil || d.Name() != "Ada's new phone" {
			t.Errorf("renamed to %q: %v", name, err)
		}
	}
	token := strings.Repeat("t", 40)
	for _, test := range []struct {
		target device.PushTarget
		want   onetouch.PushTarget
	}{
		{device.PushTarget{Type: device.PushNone}, onetouch.PushTarget{Type: onetouch.PushNone}},
		{device.PushTarget{Type: device.PushStream, Token: token}, onetouch.PushTarget{Type: onetouch.PushStream, Token: token}},
		{
			device.PushTarget{Type: device.PushWebhook, URL: "http://127.0.0.1:3000/push"},
			onetouch.PushTarget{Type: onetouch.PushWebhook, URL: "http://127.0.0.1:3000/push", Token: "http://127.0.0.1:3000/push"},
		},
	} {
		err := d.SetPush(t.Context(), test.target)
		got := w.kept(d).Push
		if test.want.Token == "" {
			got.Token = "" // that of before
		}
		if err != nil || got != test.want {
			t.Errorf("%+v became %+v, %v", test.target, got, err)
		}
	}
	if err := d.Unregister(t.Context()); err != nil {
		t.Fatal(err)
	}
	if registered, err := d.Registered(t.Context()); err != nil || registered {
		t.Errorf("registered: %t, %v", registered, err)
	}
	asked := w.ask("Log in?")
	if _, err := d.ApprovalRequest(t.Context(), asked.UUID); !errors.Is(err, device.ErrAccessToken) {
		t.Errorf("fetched by a factor that was removed: %v", err)
	}
	err := d.Pushes(shortContext(t), func(context.Context, device.Push) error { return nil })
	if !errors.Is(err, device.ErrRemoved) {
		t.Errorf("a factor that was removed listens: %v", err)
	}
}

func TestWhatVerifyHasNot(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	factor, phone := w.factor(), w.newDevice()
	for name, call := range map[string]func() error{
		"one-time codes": func() error { _, err := factor.OneTimeCode(time.Now()); return err },
		"current code":   func() error { _, err := factor.CurrentCode(t.Context()); return err },
		"push received":  func() error { return factor.PushReceived(t.Context(), w.ask("Log in?").UUID) },
		"push endpoint": func() error {
			_, err := device.NewPushEndpoint("http://127.0.0.1:1").Open(t.Context(), factor, "token")
			return err
		},
		"verification of Authy's": func() error { return phone.VerifyFactor(t.Context()) },
	} {
		if err := call(); !errors.Is(err, device.ErrNoCounterpart) || !strings.Contains(err.Error(), "API has no counterpart of ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Files say of which API they are; those of before are Authy's, and what is not known is no harm.
func TestCredentialsOfBothAPIs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s, _ := newStore(t)
	factor := w.factor()
	if err := s.Save(factor.Credentials()); err != nil {
		t.Fatal(err)
	}
	kept, err := s.Load(factor.ID())
	if err != nil || kept.API != device.Verify || compact(t, kept) != compact(t, factor.Credentials()) {
		t.Errorf("kept %s, %v", compact(t, kept), err)
	}
	if err := w.reopen(kept).Rename(t.Context(), "Ada's"); err != nil {
		t.Error(err)
	}
	var members map[string]any
	if err := json.Unmarshal(toJSON(t, kept), &members); err != nil {
		t.Fatal(err)
	}
	for _, absent := range []string{"access_token", "totp"} {
		if _, there := members[absent]; there {
			t.Errorf("a factor has %s", absent)
		}
	}
	members["colour"] = "red"
	var again device.Credentials
	if err := json.Unmarshal(toJSON(t, members), &again); err != nil || again.Factor != kept.Factor || again.API != kept.API {
		t.Errorf("with a member that is not known: %s, %v", compact(t, again), err)
	}
	for name, change := range map[string]func(*device.Credentials){
		`api is "fax"`:               func(c *device.Credentials) { c.API = "fax" },
		"factor.sid is missing":      func(c *device.Credentials) { c.Factor.SID = "" },
		"factor.identity is missing": func(c *device.Credentials) { c.Factor.Identity = "" },
		"access_token is missing":    func(c *device.Credentials) { c.API = device.Authy },
	} {
		c := kept
		change(&c)
		if _, err := device.Open(c, serverURL, nil); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("want %q, got %v", name, err)
		}
	}
}
