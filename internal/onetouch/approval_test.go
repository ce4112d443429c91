package onetouch_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/details"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

func TestApprovalRequestIsKeptAsItWasAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	n := lasting(120)
	n.Logos = []onetouch.Logo{{Resolution: "default", URL: "https://logo.example/a.png"}}
	asked := w.ask(ada, n)
	want := onetouch.ApprovalRequest{
		UUID: asked.UUID, ID: asked.ID, AppID: w.app.ID, AppName: "Acme Bank", AuthyID: ada.AuthyID,
		Question: onetouch.Question{
			Message: n.Message, Details: n.Details, HiddenDetails: n.HiddenDetails, Logos: n.Logos,
		},
		SecondsToExpire: 120,
		Status:          onetouch.StatusPending, Challenge: asked.Challenge, CreatedAt: noon(), UpdatedAt: noon(),
		ExpiresAt: noon().Add(2 * time.Minute),
	}
	w.same("the request as it was answered to the backend", asked, want)
	if len(asked.UUID) != 36 || len(asked.ID) != 24 || len(asked.Challenge) < 40 {
		t.Errorf("identifiers are %q, %q, %q", asked.UUID, asked.ID, asked.Challenge)
	}
	record, err := w.ApprovalRequest(t.Context(), w.app.ID, asked.UUID)
	if err != nil {
		t.Fatal(err)
	}
	w.same("the request as it is read", record, onetouch.RequestRecord{Application: w.app, User: ada, Request: want})
	w.same("log", w.log(), []onetouch.EventType{onetouch.EventUserAdded, onetouch.EventRequestCreated})
}

// What the user sees is what was asked, whatever the application is called later.
func TestApprovalRequestKeepsTheNameItWasAskedUnder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	p, asked := w.register(ada), w.ask(ada, question())
	w.ensure(onetouch.ApplicationSettings{Name: "Renamed Bank"})
	w.mustAnswer(p, asked, evidence.Approved)
}

func TestApprovalRequestExpiresAsAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	const never, hundredYears = 0, 100 * 365 * 86400
	for _, test := range []struct {
		asked onetouch.NewApprovalRequest
		want  int64
	}{{question(), 86400}, {lasting(never), 0}, {lasting(1), 1}, {lasting(hundredYears), hundredYears}} {
		r := w.ask(ada, test.asked)
		end := noon().Add(time.Duration(test.want) * time.Second)
		if test.want == never {
			end = time.Time{}
		}
		if r.SecondsToExpire != test.want || !r.ExpiresAt.Equal(end) {
			t.Errorf("got %d seconds and %s, want %d and %s", r.SecondsToExpire, r.ExpiresAt, test.want, end)
		}
	}
}

// manyDetails are n details that differ.
func manyDetails(n int) details.List {
	var list details.List
	for i := range n {
		list = append(list, details.Detail{Name: fmt.Sprint("name ", i), Value: fmt.Sprint("value ", i)})
	}
	return list
}

func TestLimitsOfAnApprovalRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	for what, widest := range map[string]onetouch.NewApprovalRequest{
		"message of 10,000 characters": {Message: strings.Repeat("é", 10000)},
		"100 details of each kind":     {Message: "m", Details: manyDetails(100), HiddenDetails: manyDetails(100)},
		"long detail": {Message: "m", Details: details.List{
			{Name: strings.Repeat("n", 200), Value: strings.Repeat("v", 5000)}, {Name: "empty", Value: ""},
		}},
	} {
		asked := w.ask(ada, widest)
		record, err := w.ApprovalRequest(t.Context(), w.app.ID, asked.UUID)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(asked, record.Request, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: is read otherwise than it was asked:\n%s", what, diff)
		}
	}
}

func TestRefusedApprovalRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	w.register(ada)
	for _, test := range []struct {
		name  string
		spoil func(*onetouch.NewApprovalRequest)
		want  onetouch.Code
		says  string
	}{
		{"no message", func(n *onetouch.NewApprovalRequest) { n.Message = "" }, onetouch.CodeInvalidParameter, "message"},
		{"blank message", func(n *onetouch.NewApprovalRequest) { n.Message = " \n" }, onetouch.CodeInvalidParameter, "message"},
		{"long message", func(n *onetouch.NewApprovalRequest) {
			n.Message = strings.Repeat("m", 10001)
		}, onetouch.CodeInvalidParameter, "10001"},
		{"message in broken UTF-8", func(n *onetouch.NewApprovalRequest) {
			n.Message = "Log in\xc3?"
		}, onetouch.CodeInvalidEncoding, "message"},
		{"1,000 details", func(n *onetouch.NewApprovalRequest) {
			n.Details = manyDetails(1000)
		}, onetouch.CodeInvalidParameter, "details - has 1000 entries"},
		{"1,000 hidden details", func(n *onetouch.NewApprovalRequest) {
			n.HiddenDetails = manyDetails(1000)
		}, onetouch.CodeInvalidParameter, "hidden_details - has 1000 entries"},
		{"101 details", func(n *onetouch.NewApprovalRequest) {
			n.Details = manyDetails(101)
		}, onetouch.CodeInvalidParameter, "at most 100"},
		{"detail without a name", func(n *onetouch.NewApprovalRequest) {
			n.Details = details.List{{Value: "v"}}
		}, onetouch.CodeInvalidParameter, "details"},
		{"long name", func(n *onetouch.NewApprovalRequest) {
			n.Details = details.List{{Name: strings.Repeat("n", 201)}}
		}, onetouch.CodeInvalidParameter, "201"},
		{"long value", func(n *onetouch.NewApprovalRequest) {
			n.HiddenDetails = details.List{{Name: "ip", Value: strings.Repeat("v", 5001)}}
		}, onetouch.CodeInvalidParameter, "hidden_details[ip]"},
		{"control character in a hidden name", func(n *onetouch.NewApprovalRequest) {
			n.HiddenDetails = details.List{{Name: "i\x00p", Value: "v"}}
		}, onetouch.CodeInvalidParameter, "hidden_details[…]"},
		{"control character in a hidden value", func(n *onetouch.NewApprovalRequest) {
			n.HiddenDetails = details.List{{Name: "ip", Value: "v\x1b"}}
		}, onetouch.CodeInvalidParameter, "hidden_details[ip] - must not have control characters"},
		{"detail twice", func(n *onetouch.NewApprovalRequest) {
			n.Details = details.List{{Name: "To", Value: "ACME"}, {Name: "To", Value: "Mallory"}}
		}, onetouch.CodeInvalidParameter, "details[To]"},
		{"name in broken UTF-8", func(n *onetouch.NewApprovalRequest) {
			n.Details = details.List{{Name: "\xff", Value: "v"}}
		}, onetouch.CodeInvalidEncoding, "details"},
		{"value in broken UTF-8", func(n *onetouch.NewApprovalRequest) {
			n.Details = details.List{{Name: "City", Value: "Bogot\xe1"}}
		}, onetouch.CodeInvalidEncoding, "details[City]"},
		{"21 logos", func(n *onetouch.NewApprovalRequest) {
			n.Logos = make([]onetouch.Logo, 21)
		}, onetouch.CodeInvalidParameter, "logos - has 21 entries"},
		{"logo of another resolution", func(n *onetouch.NewApprovalRequest) {
			n.Logos = []onetouch.Logo{{Resolution: "huge", URL: "https://logo.example/"}}
		}, onetouch.CodeInvalidParameter, "logos[0][res]"},
		{"logo that is no URL", func(n *onetouch.NewApprovalRequest) {
			n.Logos = []onetouch.Logo{{Resolution: "low", URL: "logo.png"}}
		}, onetouch.CodeInvalidParameter, "logos[0][url]"},
		{"negative expiry", func(n *onetouch.NewApprovalRequest) {
			*n = lasting(-1)
		}, onetouch.CodeInvalidParameter, "seconds_to_expire"},
		{"expiry in more than 100 years", func(n *onetouch.NewApprovalRequest) {
			*n = lasting(100*365*86400 + 1)
		}, onetouch.CodeInvalidParameter, "seconds_to_expire"},
	} {
		n := question()
		test.spoil(&n)
		w.changesNothing(test.name, func() {
			_, err := w.CreateApprovalRequest(t.Context(), w.app, ada.AuthyID, n)
			w.refused(test.name, err, test.want)
			if err != nil && !strings.Contains(err.Error(), test.says) {
				t.Errorf("%s: the message %q does not say %q", test.name, err, test.says)
			}
		})
	}
}

// The real service waited for a device; an application may refuse at once instead.
func TestApprovalRequestOfAUserWithoutDevice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	asked := w.ask(ada, question())
	w.mustAnswer(w.register(ada), asked, evidence.Approved) // a device that comes later may answer

	require := true
	w.app = w.ensure(onetouch.ApplicationSettings{RequireDevice: &require})
	bob := w.addUser("202-555-0159")
	p := w.register(bob)
	w.ask(bob, question())
	if err := w.RemoveDevice(t.Context(), w.app.ID, p.ID); err != nil {
		t.Fatal(err)
	}
	w.changesNothing("no device any more", func() {
		_, err := w.CreateApprovalRequest(t.Context(), w.app, bob.AuthyID, question())
		w.refused("no device any more", err, onetouch.CodeUserWithoutDevice)
	})
}

func TestApprovalRequestsAreListedAsTheyStandNow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada, bob := w.addUser("202-555-0158"), w.addUser("202-555-0159")
	p := w.register(ada)
	approved, expired := w.ask(ada, question()), w.ask(ada, lasting(60))
	denied, pending := w.ask(ada, question()), w.ask(ada, lasting(0))
	bobs := w.ask(bob, question())
	w.mustAnswer(p, approved, evidence.Approved)
	w.mustAnswer(p, denied, evidence.Denied)
	w.clock.Advance(time.Minute)

	list := func(f onetouch.ApprovalRequestFilter) (uuids []string) {
		t.Helper()
		requests, err := w.ApprovalRequests(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range requests {
			uuids = append(uuids, r.UUID)
			if len(f.Statuses) == 1 && r.Status != f.Statuses[0] {
				t.Errorf("among the %s ones is %s", f.Statuses[0], r.Status)
			}
		}
		return uuids
	}
	w.same("all, newest first", list(onetouch.ApprovalRequestFilter{}),
		[]string{bobs.UUID, pending.UUID, denied.UUID, expired.UUID, approved.UUID})
	for status, want := range map[onetouch.Status]string{
		onetouch.StatusApproved: approved.UUID, onetouch.StatusDenied: denied.UUID,
		onetouch.StatusExpired: expired.UUID, onetouch.StatusPending: pending.UUID,
	} {
		f := onetouch.ApprovalRequestFilter{AuthyID: ada.AuthyID, Statuses: []onetouch.Status{status}}
		w.same(string(status), list(f), []string{want})
	}
	records, err := w.DeviceApprovalRequests(t.Context(), p.Device, onetouch.ApprovalRequestFilter{Limit: 2, Before: pending.UUID})
	if err != nil {
		t.Fatal(err)
	}
	if len(records) != 2 || records[0].Request.UUID != denied.UUID || records[1].Request.Status != onetouch.StatusExpired ||
		records[0].Device.ID != p.ID || records[1].Device.ID != 0 {
		t.Errorf("the device's second page is %+v", records)
	}
	for _, cursor := range []string{"none", bobs.UUID} {
		_, err := w.DeviceApprovalRequests(t.Context(), p.Device, onetouch.ApprovalRequestFilter{Before: cursor})
		w.refused("a cursor that the list has not given", err, onetouch.CodeInvalidParameter)
	}
}

func TestUnknownApprovalRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.register(w.addUser("202-555-0158"))
	_, err := w.ApprovalRequest(t.Context(), w.app.ID, "none")
	w.refused("for the backend", err, onetouch.CodeApprovalRequestNotFound)
	_, err = w.DeviceApprovalRequest(t.Context(), p.Device, "none")
	w.refused("for the device", err, onetouch.CodeApprovalRequestNotFound)
	_, err = w.AnyApprovalRequest(t.Context(), "none")
	w.refused("for the operator", err, onetouch.CodeApprovalRequestNotFound)
}
