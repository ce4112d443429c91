package device_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/details"
	"github.com/onetouchkit/onetouch/pkg/device"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// Register, hear the push, fetch, look, answer.
func TestStory(t *testing.T) {
	t.Parallel()
	for _, alg := range []evidence.Algorithm{evidence.ES256, evidence.RS256} {
		for _, status := range []approval.Status{approval.Approved, approval.Denied} {
			t.Run(fmt.Sprint(alg, status), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				registration := w.registration()
				registration.Name, registration.Platform, registration.Algorithm = "Ada's Pixel", "ios", alg
				d := w.register(registration)
				asked := w.ask("Send $12,400 to ACME?")
				push := hearOne(t, d)
				if push.Alert != asked.Message || push.ApprovalRequestUUID != asked.UUID || push.Type != device.ApprovalRequestPush {
					t.Errorf("heard %+v", push)
				}
				request := fetch(t, d, push.ApprovalRequestUUID)
				answer(t, d, request, status)
				kept := w.stored(asked.UUID)
				if string(kept.Status) != string(status) || kept.Answer.DeviceID != d.ID() || kept.Answer.Reason != request.Reason {
					t.Errorf("kept %+v", kept)
				}
				if request.Status != status || request.DeviceUUID != d.UUID() || !request.SigningTime.Equal(kept.Answer.SignedAt) {
					t.Errorf("the device's own request is %+v", request)
				}
				if again := fetch(t, d, asked.UUID); !cmp.Equal(again, request, cmpopts.IgnoreUnexported(*request)) {
					t.Errorf("fetched again: %s", cmp.Diff(request, again, cmpopts.IgnoreUnexported(*request)))
				}
				verifyEvidence(t, d, kept)
			})
		}
	}
}

func answer(t *testing.T, d *device.Device, request *device.ApprovalRequest, status approval.Status) {
	t.Helper()
	var err error
	if status == approval.Approved {
		err = d.Approve(t.Context(), request)
	} else {
		err = d.Deny(t.Context(), request, "It was not me — gewiß")
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsNoAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.newDevice()
	asked := w.ask("Log in?")
	request := fetch(t, d, asked.UUID)
	for _, status := range []approval.Status{approval.Pending, approval.Expired, "", "yes"} {
		if err := d.Answer(t.Context(), request, status, ""); err == nil || !strings.Contains(err.Error(), "must be approved or denied") {
			t.Errorf("%q: got %v", status, err)
		}
	}
	if again := fetch(t, d, asked.UUID); again.Status != approval.Pending {
		t.Errorf("the request is %s", again.Status)
	}
}

func TestRegisteredDevice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.registration()
	r.AppVersion, r.Push = "2.1", device.PushTarget{Type: device.PushNone, Token: "apns-token"}
	d := w.register(r)
	devices, err := w.service.Devices(t.Context(), onetouch.DeviceFilter{})
	if err != nil {
		t.Fatal(err)
	}
	kept := devices[0]
	if d.ID() != kept.ID || d.UUID() != kept.UUID || d.AuthyID() != w.user.AuthyID || d.AppID() != w.app.ID ||
		d.AppName() != "Acme Bank" || d.Name() != "Simulated phone" || d.Platform() != "android" ||
		d.PublicKey().ID() != kept.KeyID || kept.AppVersion != "2.1" ||
		kept.Push != (onetouch.PushTarget{Type: "none", Token: "apns-token"}) {
		t.Errorf("%v is kept as %+v", d, kept)
	}
	if totp := d.Credentials().TOTP; totp.Digits != 7 || totp.Period != 10 || totp.Algorithm != "SHA1" || len(totp.Secret) != 32 {
		t.Errorf("one-time codes: %s with a secret of %d characters", totp, len(totp.Secret))
	}
	again := w.reopen(d.Credentials())
	if diff := cmp.Diff(toJSON(t, d.Credentials()), toJSON(t, again.Credentials())); diff != "" {
		t.Errorf("opened again (-first +again):\n%s", diff)
	}
}

func TestRegisterRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	used, expired := w.registration(), w.registration()
	w.register(used)
	w.clock.Advance(onetouch.DefaultRegistrationLife)
	sound := w.registration()
	change := func(set func(*device.Registration)) device.Registration {
		r := sound
		set(&r)
		return r
	}
	for name, test := range map[string]struct {
		r    device.Registration
		want error
		says string
	}{
		"used":        {used, device.ErrRegistrationUsed, "used before"},
		"expired":     {expired, device.ErrRegistrationExpired, "expired"},
		"unknown":     {change(func(r *device.Registration) { r.Token = "x" }), device.ErrRegistrationNotFound, "unknown"},
		"no token":    {change(func(r *device.Registration) { r.Token = "" }), nil, "registration_token"},
		"platform":    {change(func(r *device.Registration) { r.Platform = "nokia" }), nil, "device.platform"},
		"algorithm":   {change(func(r *device.Registration) { r.Algorithm = "HS256" }), evidence.ErrKey, "ES256 or RS256"},
		"push":        {change(func(r *device.Registration) { r.Push.Type = "fcm" }), nil, "sse, webhook or none"},
		"broken name": {change(func(r *device.Registration) { r.Name = "\xff" }), nil, "name is not valid UTF-8"},
		"no server":   {change(func(r *device.Registration) { r.Server = "127.0.0.1:8181" }), nil, "http://127.0.0.1:8181"},
		"file server": {change(func(r *device.Registration) { r.Server = "file:///etc" }), nil, "http or https"},
	} {
		w.changesNothing(func() {
			d, err := device.Register(context.Background(), test.r)
			if err == nil || d != nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%s: got %v, %v; want an error that says %q", name, d, err, test.says)
			}
			if test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("%s: %v is not %v", name, err, test.want)
			}
		})
	}
	w.register(sound) // its token is still good
}

// Text is handed over as it came: making it harmless is up to what shows it.
func TestTextIsUntouched(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.newDevice()
	text := "\x1b[31mred\x1b[0m \u202eright\u202c \u2028\ttab 😀 <b>&amp; \u0085"
	asked := w.askWith(w.user, onetouch.NewApprovalRequest{
		Message: text, Details: details.List{{Name: text, Value: text}, {Name: "Amount", Value: text}},
	})
	request := fetch(t, d, asked.UUID)
	if request.Message != text || !cmp.Equal(request.Details, asked.Details) {
		t.Errorf("fetched %q with %q", request.Message, request.Details)
	}
	if err := d.Approve(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	verifyEvidence(t, d, w.stored(asked.UUID))
	if push := hearOne(t, w.newDeviceAsked(text)); push.Alert != text {
		t.Errorf("heard %q", push.Alert)
	}
}

// newDeviceAsked is a device that is owed one push.
func (w *world) newDeviceAsked(message string) *device.Device {
	d := w.newDevice()
	w.ask(message)
	return d
}

func TestFetchedFields(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.newDevice()
	seconds := int64(3600)
	asked := w.askWith(w.user, onetouch.NewApprovalRequest{
		Message: "Log in?", SecondsToExpire: &seconds, HiddenDetails: details.List{{Name: "ip", Value: "10.0.0.1"}},
		Logos: []onetouch.Logo{{Resolution: "low", URL: "https://example.com/logo.png"}},
	})
	created := w.clock.Now().Truncate(time.Second)
	want := &device.ApprovalRequest{
		UUID: asked.UUID, Status: approval.Pending,
		Question: approval.Question{
			Message: "Log in?", Details: details.List{}, HiddenDetails: details.List{{Name: "ip", Value: "10.0.0.1"}},
			Logos: []approval.Logo{{Resolution: "low", URL: "https://example.com/logo.png"}},
		},
		DeviceDetails: map[string]any{}, CreationDate: created,
		ExpirationTimestamp: w.clock.Now().Add(time.Hour).Truncate(time.Second),
		AppID:               w.app.ID, AppName: "Acme Bank", AuthyID: w.user.AuthyID, CustomerUUID: w.app.CustomerUUID,
	}
	got := fetch(t, d, asked.UUID)
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(*got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	never := int64(0)
	endless := w.askWith(w.user, onetouch.NewApprovalRequest{Message: "Log in?", SecondsToExpire: &never})
	if got := fetch(t, d, endless.UUID); !got.ExpirationTimestamp.IsZero() {
		t.Errorf("a request that never expires does so at %s", got.ExpirationTimestamp)
	}
}

func messages(requests []device.ApprovalRequest) []string {
	list := []string{}
	for _, r := range requests {
		list = append(list, r.Message)
	}
	return list
}

func TestApprovalRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.newDevice()
	start := w.clock.Now()
	w.askWith(w.addUser("202-555-0199"), onetouch.NewApprovalRequest{Message: "of another"})
	denied := w.ask("denied")
	if err := d.Deny(t.Context(), fetch(t, d, denied.UUID), ""); err != nil {
		t.Fatal(err)
	}
	const pages = 130 // more than two
	all := []string{}
	for i := range pages {
		w.clock.Advance(time.Second)
		w.ask(fmt.Sprint(i))
		all = append([]string{fmt.Sprint(i)}, all...)
	}
	for name, test := range map[string]struct {
		query device.Query
		want  []string
	}{
		"all":           {device.Query{}, append(all[:len(all):len(all)], "denied")},
		"pending":       {device.Query{Statuses: []approval.Status{approval.Pending}}, all},
		"denied or not": {device.Query{Statuses: []approval.Status{approval.Denied, approval.Expired}}, []string{"denied"}},
		"approved":      {device.Query{Statuses: []approval.Status{approval.Approved}}, []string{}},
		"since":         {device.Query{Since: start.Add(pages * time.Second)}, all[:1]},
		"until":         {device.Query{Until: start}, []string{"denied"}},
		"limit":         {device.Query{Limit: 3}, all[:3]},
		"limit, pages":  {device.Query{Limit: 101}, all[:101]},
	} {
		got, err := d.ApprovalRequests(t.Context(), test.query)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, messages(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if _, err := d.ApprovalRequests(t.Context(), device.Query{Statuses: []approval.Status{"open"}}); err == nil ||
		!strings.Contains(err.Error(), "status") {
		t.Errorf("an unknown status: %v", err)
	}
}

// What came in a list has no challenge: the device fetches it, and signs the text of the list, which it has shown.
func TestAnswerAListedRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.newDevice()
	for _, message := range []string{"first", "second"} {
		w.ask(message)
	}
	listed, err := d.ApprovalRequests(t.Context(), device.Query{})
	if err != nil {
		t.Fatal(err)
	}
	listed[0].Details.Set("Amount", "$1")
	w.changesNothing(func() {
		if err := d.Approve(t.Context(), &listed[0]); !errors.Is(err, device.ErrDigest) {
			t.Errorf("a tampered list is answered with %v", err)
		}
	})
	if err := d.Approve(t.Context(), &listed[1]); err != nil || listed[1].Status != approval.Approved {
		t.Errorf("answered %v: %+v", err, listed[1])
	}
	verifyEvidence(t, d, w.stored(listed[1].UUID))
}

// The device shows something else than what was asked, in whatever part of it.
func TestTamperedRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.newDevice()
	asked := w.ask("Send $12,400 to ACME?")
	for name, tamper := range map[string]func(*device.ApprovalRequest){
		"message":     func(r *device.ApprovalRequest) { r.Message = "Send $1 to ACME?" },
		"value":       func(r *device.ApprovalRequest) { r.Details.Set("Amount", "$1") },
		"one fewer":   func(r *device.ApprovalRequest) { r.Details = r.Details[:1] },
		"one more":    func(r *device.ApprovalRequest) { r.Details.Set("Fee", "$0") },
		"application": func(r *device.ApprovalRequest) { r.AppName = "Acme Bаnk" }, // one letter is Cyrillic
	} {
		request := fetch(t, d, asked.UUID)
		tamper(request)
		before := *request
		w.changesNothing(func() {
			err := d.Approve(t.Context(), request)
			var refusal *device.Error
			if !errors.Is(err, device.ErrDigest) || !errors.As(err, &refusal) || refusal.StatusCode != http.StatusForbidden ||
				refusal.ErrorCode != "60080" || refusal.Code != "digest_mismatch" {
				t.Errorf("%s: got %v", name, err)
			}
		})
		if diff := cmp.Diff(before, *request, cmpopts.IgnoreUnexported(before)); diff != "" {
			t.Errorf("%s: the request was changed by a refusal:\n%s", name, diff)
		}
	}
	twice := fetch(t, d, asked.UUID)
	twice.Details = append(twice.Details, twice.Details[0])
	if err := d.Approve(t.Context(), twice); err == nil {
		t.Error("a name that stands twice has no digest")
	}
}

func TestAnswerRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d, second, removed := w.newDevice(), w.newDevice(), w.newDevice()
	seconds := int64(60)
	soon := onetouch.NewApprovalRequest{Message: "Log in?", SecondsToExpire: &seconds}
	expired, answered := w.askWith(w.user, soon), w.ask("Log in?")
	foreign := w.askWith(w.addUser("202-555-0199"), onetouch.NewApprovalRequest{Message: "Log in?"})
	fetchedExpired, fetchedAnswered := fetch(t, d, expired.UUID), fetch(t, d, answered.UUID)
	listed, err := d.ApprovalRequests(t.Context(), device.Query{})
	if err != nil {
		t.Fatal(err)
	}
	revoked := fetch(t, removed, answered.UUID)
	if err := second.Approve(t.Context(), fetch(t, second, answered.UUID)); err != nil {
		t.Fatal(err)
	}
	if err := removed.Unregister(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(time.Minute)
	fetch(t, d, expired.UUID) // whoever looks first has the expiry written down; a refusal after that changes nothing
	find := func(uuid string) *device.ApprovalRequest {
		for i := range listed {
			if listed[i].UUID == uuid {
				return &listed[i]
			}
		}
		t.Fatalf("%s is not in the list", uuid)
		return nil
	}
	for name, test := range map[string]struct {
		device  *device.Device
		request *device.ApprovalRequest
		want    error
	}{
		"answered":            {d, fetchedAnswered, device.ErrNotPending},
		"answered, listed":    {d, find(answered.UUID), device.ErrNotPending},
		"expired":             {d, fetchedExpired, device.ErrExpired},
		"expired, listed":     {d, find(expired.UUID), device.ErrExpired},
		"of another user":     {d, &device.ApprovalRequest{UUID: foreign.UUID}, device.ErrNotFound},
		"unknown":             {d, &device.ApprovalRequest{UUID: "x"}, device.ErrNotFound},
		"by a removed device": {removed, revoked, device.ErrAccessToken},
	} {
		w.changesNothing(func() {
			if err := test.device.Approve(t.Context(), test.request); !errors.Is(err, test.want) {
				t.Errorf("%s: got %v, want %v", name, err, test.want)
			}
			if err := test.device.Deny(t.Context(), test.request, "no"); !errors.Is(err, test.want) {
				t.Errorf("%s: got %v, want %v", name, err, test.want)
			}
		})
	}
	for fetched, inList := range map[*device.ApprovalRequest]string{fetchedAnswered: answered.UUID, fetchedExpired: expired.UUID} {
		byServer, byDevice := d.Approve(t.Context(), fetched), d.Approve(t.Context(), find(inList))
		if byServer == nil || byDevice == nil || byServer.Error() != byDevice.Error() {
			t.Errorf("the server says %v, the device %v", byServer, byDevice)
		}
	}
	long := fetch(t, d, w.ask("Log in?").UUID)
	w.changesNothing(func() {
		for reason, says := range map[string]string{strings.Repeat("x", 201): "reason", "\xff": "UTF-8"} {
			if err := d.Deny(t.Context(), long, reason); err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("the reason %q is answered with %v", reason, err)
			}
		}
	})
}

// A device whose clock is an hour off learns the server's time once, and then goes by it.
func TestClockSkew(t *testing.T) {
	t.Parallel()
	for name, off := range map[string]time.Duration{"slow": time.Hour, "fast": -time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.clock.Advance(off)
			d := w.newDevice()
			var lookedUp, answered atomic.Int64
			counting := func(r *http.Request) {
				switch {
				case strings.HasSuffix(r.URL.Path, "/time"):
					lookedUp.Add(1)
				case strings.HasSuffix(r.URL.Path, "/response"):
					answered.Add(1)
				}
			}
			w.calls.Store(&counting)
			for range 3 {
				asked := w.ask("Log in?")
				if err := d.Approve(t.Context(), fetch(t, d, asked.UUID)); err != nil {
					t.Fatal(err)
				}
				if skew := w.clock.Now().Sub(w.stored(asked.UUID).Answer.SignedAt).Abs(); skew > onetouch.MaxClockSkew {
					t.Errorf("signed %s off the server's clock", skew)
				}
			}
			if lookedUp.Load() != 1 || answered.Load() != 4 {
				t.Errorf("asked %d times for the time, and answered in %d calls", lookedUp.Load(), answered.Load())
			}
		})
	}
}

// A server whose clock runs away is not tried for ever.
func TestClockSkewIsRetriedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.newDevice()
	request := fetch(t, d, w.ask("Log in?").UUID)
	running := func(r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/response") {
			w.clock.Advance(time.Hour)
		}
	}
	w.calls.Store(&running)
	w.changesNothing(func() {
		if err := d.Approve(t.Context(), request); !errors.Is(err, device.ErrClockSkew) {
			t.Errorf("got %v", err)
		}
	})
}

// Two phones of one user say yes and no at the same instant.
func TestRace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, second := w.newDevice(), w.newDevice()
	for range 50 {
		asked := w.ask("Log in?")
		requests := []*device.ApprovalRequest{fetch(t, first, asked.UUID), fetch(t, second, asked.UUID)}
		release := make(chan struct{})
		var racing sync.WaitGroup
		var errs [2]error
		racing.Go(func() { <-release; errs[0] = first.Approve(t.Context(), requests[0]) })
		racing.Go(func() { <-release; errs[1] = second.Deny(t.Context(), requests[1], "") })
		close(release)
		racing.Wait()
		winner := 0
		if errs[0] != nil {
			winner = 1
		}
		if errs[winner] != nil || !errors.Is(errs[1-winner], device.ErrNotPending) {
			t.Fatalf("got %v and %v", errs[0], errs[1])
		}
		kept := w.stored(asked.UUID)
		if string(kept.Status) != string(requests[winner].Status) || requests[1-winner].Status != approval.Pending {
			t.Fatalf("kept %s, the winner has %s, the loser %s", kept.Status, requests[winner].Status, requests[1-winner].Status)
		}
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.newDevice()
	ctx := t.Context()
	kept := func() onetouch.Device {
		devices, err := w.service.Devices(ctx, onetouch.DeviceFilter{WithRemoved: true})
		if err != nil {
			t.Fatal(err)
		}
		return devices[0]
	}
	if err := d.Rename(ctx, "Ada's 📱"); err != nil || kept().Name != "Ada's 📱" || d.Name() != "Ada's 📱" || d.Credentials().Name != "Ada's 📱" {
		t.Errorf("renamed to %q, kept as %q: %v", d.Name(), kept().Name, err)
	}
	for _, name := range []string{"", "\xff", strings.Repeat("x", 101)} {
		if err := d.Rename(ctx, name); err == nil || d.Name() != "Ada's 📱" {
			t.Errorf("%q: the name is %q, %v", name, d.Name(), err)
		}
	}
	target := device.PushTarget{Type: device.PushWebhook, URL: "https://example.com/push", Token: "t"}
	if err := d.SetPush(ctx, target); err != nil || kept().Push != (onetouch.PushTarget{Type: "webhook", URL: target.URL, Token: "t"}) {
		t.Errorf("the push target is %+v, %v", kept().Push, err)
	}
	if err := d.SetPush(ctx, device.PushTarget{Type: "pigeon"}); err == nil {
		t.Error("a pigeon is no push target")
	}
	w.clock.Advance(time.Hour)
	if now, err := d.ServerTime(ctx); err != nil || !now.Equal(w.clock.Now().Truncate(time.Second)) {
		t.Errorf("the server's time is %s, %v", now, err)
	}
	if err := d.Unregister(ctx); err != nil || !kept().Removed() {
		t.Errorf("unregistered: %v, %+v", err, kept())
	}
	if err := d.Unregister(ctx); !errors.Is(err, device.ErrAccessToken) {
		t.Errorf("unregistered twice: %v", err)
	}
	if _, err := d.ServerTime(ctx); !errors.Is(err, device.ErrAccessToken) {
		t.Errorf("a removed device asks for the time: %v", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sound := w.newDevice().Credentials()
	for says, change := range map[string]func(*device.Credentials){
		"device_id is missing":    func(c *device.Credentials) { c.DeviceID = 0 },
		"device_uuid is missing":  func(c *device.Credentials) { c.DeviceUUID = "" },
		"access_token is missing": func(c *device.Credentials) { c.AccessToken = "" },
		"private_key is missing":  func(c *device.Credentials) { c.PrivateKey = nil },
		"private_key: key is not": func(c *device.Credentials) { c.PrivateKey = json.RawMessage(`{"kty":"EC"}`) },
	} {
		c := sound
		change(&c)
		if _, err := device.Open(c, serverURL, nil); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, want an error that says %q", err, says)
		}
	}
	if _, err := device.Open(sound, "onetouch.test", nil); err == nil || !strings.Contains(err.Error(), "http://127.0.0.1:8181") {
		t.Errorf("a server without a scheme: %v", err)
	}
	slash, err := device.Open(sound, serverURL+"/", w.network.client)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := slash.ServerTime(t.Context()); err != nil {
		t.Errorf("a slash at the end: %v", err)
	}
}
