package deviceapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/details"
)

func TestFetchedRequest(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	d := f.newDevice()
	seconds := int64(3600)
	// Text is the backend's business: it goes through as it is, escape codes included.
	message := "Send <b>$12,400</b> & \x1b[31mred\x1b[0m \u202e\u2028 😀?"
	r := f.askWith(f.user, onetouch.NewApprovalRequest{
		Message: message, SecondsToExpire: &seconds,
		Details:       details.List{{Name: "Zulu", Value: "<&>"}, {Name: "Alpha", Value: "\x1b]0;owned\a"}},
		HiddenDetails: details.List{{Name: "ip", Value: "10.0.0.1"}},
		Logos:         []onetouch.Logo{{Resolution: "default", URL: "https://example.com/logo.png"}},
	})
	answer := d.call(http.MethodGet, "/approval_requests/"+r.UUID, nil)
	want := map[string]any{
		"uuid": r.UUID, "status": "pending", "message": message,
		"details":           map[string]any{"Zulu": "<&>", "Alpha": "\x1b]0;owned\a"},
		"hidden_details":    map[string]any{"ip": "10.0.0.1"},
		"logos":             []any{map[string]any{"res": "default", "url": "https://example.com/logo.png"}},
		"requester_details": nil, "device_details": map[string]any{}, "location": "", "reason": "",
		"flagged": false, "encrypted": false, "creation_date": float64(start.Unix()),
		"expiration_timestamp": float64(start.Unix() + 3600), "signing_time": nil,
		"app_id": f.app.ID, "app_name": "Acme Bank", "authy_id": float64(f.user.AuthyID),
		"customer_uuid": float64(f.app.CustomerUUID), "device_uuid": nil, "challenge": r.Challenge,
	}
	if diff := cmp.Diff(want, answer.members()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if zulu, alpha := strings.Index(answer.body, "Zulu"), strings.Index(answer.body, "Alpha"); zulu > alpha {
		t.Errorf("details have lost their order: %s", answer.body)
	}
	if answer.header.Get("Cache-Control") != "no-store" || answer.header.Get("Content-Type") != "application/json" {
		t.Errorf("headers %v", answer.header)
	}
}

func TestFetchedRequestWithoutAnything(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	d := f.newDevice()
	never := int64(0)
	r := f.askWith(f.user, onetouch.NewApprovalRequest{Message: "Log in?", SecondsToExpire: &never})
	got := d.call(http.MethodGet, "/approval_requests/"+r.UUID, nil).members()
	want := map[string]any{
		"details": map[string]any{}, "hidden_details": map[string]any{}, "logos": []any{}, "expiration_timestamp": 0.0,
	}
	for name, value := range want {
		if diff := cmp.Diff(value, got[name]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestRequestOfAnother(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	d := f.newDevice()
	other := f.askWith(f.addUser("202-555-0199"), onetouch.NewApprovalRequest{Message: "Log in?"})
	for _, uuid := range []string{other.UUID, "00000000-0000-4000-8000-000000000000", "%2e%2e", "x%00y", "'%20OR%201=1"} {
		d.call(http.MethodGet, "/approval_requests/"+uuid, nil).refused("approval_request_not_found")
	}
	f.changesNothing(func() {
		s := d.statement(other)
		d.respond(other.UUID, d.sign(s)).refused("approval_request_not_found")
	})
}

// messages lists what a page holds.
func messages(members map[string]any) []string {
	list := []string{}
	for _, item := range members["approval_requests"].([]any) {
		list = append(list, item.(map[string]any)["message"].(string))
	}
	return list
}

func TestList(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	d, second := f.newDevice(), f.newDevice()
	soon := int64(60)
	f.askWith(f.addUser("202-555-0199"), onetouch.NewApprovalRequest{Message: "of another"})
	approved := f.ask("approved")
	f.clock.Advance(10 * time.Second)
	denied := f.ask("denied")
	f.clock.Advance(10*time.Second + 500*time.Millisecond)
	f.askWith(f.user, onetouch.NewApprovalRequest{Message: "expired", SecondsToExpire: &soon})
	d.approve(approved).members()
	s := second.statement(denied)
	s.Status, s.Reason = "denied", "not me"
	second.respond(denied.UUID, second.sign(s)).members()
	f.clock.Advance(time.Minute)
	f.ask("pending")

	at := func(seconds int) string { return fmt.Sprint(start.Unix() + int64(seconds)) }
	for query, want := range map[string][]string{
		"":                               {"pending", "expired", "denied", "approved"},
		"status=":                        {"pending", "expired", "denied", "approved"},
		"status=pending":                 {"pending"},
		"status=expired":                 {"expired"},
		"status=denied,approved":         {"denied", "approved"},
		"status=denied,denied":           {"denied"},
		"since=" + at(10):                {"pending", "expired", "denied"},
		"since=" + at(11):                {"pending", "expired"},
		"until=" + at(20):                {"expired", "denied", "approved"}, // it was created half a second later
		"until=" + at(19):                {"denied", "approved"},
		"since=0&until=" + at(0):         {"approved"},
		"since=9223372035&until=0":       {},
		"limit=2":                        {"pending", "expired"},
		"limit=200&unknown=1":            {"pending", "expired", "denied", "approved"},
		"status=approved&since=" + at(1): {},
	} {
		if diff := cmp.Diff(want, messages(d.call(http.MethodGet, "/approval_requests?"+query, nil).members())); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
	items := d.call(http.MethodGet, "/approval_requests", nil).members()["approval_requests"].([]any)
	item := items[2].(map[string]any)
	if item["device_uuid"] != second.uuid || item["reason"] != "not me" || item["customer_uuid"] != float64(f.app.CustomerUUID) {
		t.Errorf("the denied request is listed as %v", item)
	}
	for _, item := range items {
		if _, given := item.(map[string]any)["challenge"]; given {
			t.Errorf("a list must not give challenges: %v", item)
		}
	}
}

func TestListNamesARemovedDeviceThatAnswered(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	d, second := f.newDevice(), f.newDevice()
	second.approve(f.ask("Log in?")).members()
	second.call(http.MethodDelete, "/device", nil).members()
	item := d.call(http.MethodGet, "/approval_requests", nil).members()["approval_requests"].([]any)[0].(map[string]any)
	if item["device_uuid"] != second.uuid {
		t.Errorf("answered by %v, want %s", item["device_uuid"], second.uuid)
	}
}

// Pages neither repeat nor miss anything, while requests are added and answered in between.
func TestPages(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	d := f.newDevice()
	const count = 10
	for i := range count {
		f.ask(fmt.Sprint(i))
	}
	var got []string
	cursor, pages := "", 0
	for {
		page := d.call(http.MethodGet, "/approval_requests?limit=3&cursor="+cursor, nil).members()
		got = append(got, messages(page)...)
		pages++
		f.ask("newer than the first page")
		if cursor = page["next_cursor"].(string); cursor == "" {
			break
		}
	}
	want := []string{"9", "8", "7", "6", "5", "4", "3", "2", "1", "0"}
	if diff := cmp.Diff(want, got); diff != "" || pages != 4 {
		t.Errorf("%d pages (-want +got):\n%s", pages, diff)
	}
	// A page that ends with the list says so.
	page := d.call(http.MethodGet, "/approval_requests?limit=14", nil).members()
	if len(messages(page)) != 14 || page["next_cursor"] != "" {
		t.Errorf("the whole list comes with the cursor %q", page["next_cursor"])
	}
}

func TestDefaultPage(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	d := f.newDevice()
	for range 51 {
		f.ask("Log in?")
	}
	page := d.call(http.MethodGet, "/approval_requests", nil).members()
	if n := len(messages(page)); n != 50 || page["next_cursor"] == "" {
		t.Errorf("a page has %d requests and the cursor %q", n, page["next_cursor"])
	}
}

func TestListRefuses(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	d := f.newDevice()
	other := f.askWith(f.addUser("202-555-0199"), onetouch.NewApprovalRequest{Message: "of another"})
	for query, name := range map[string]string{
		"status=open": "status", "status=pending,": "status", "status=Pending": "status", "status=%ff": "status",
		"since=yesterday": "since", "since=-1": "since", "since=9223372036": "since", "until=1e9": "until",
		"until=99999999999999999999": "until", "limit=0": "limit", "limit=201": "limit", "limit=-1": "limit", "limit=ten": "limit",
		"cursor=x": "cursor", "cursor=" + other.UUID: "cursor", "cursor=%00": "cursor",
	} {
		d.call(http.MethodGet, "/approval_requests?"+query, nil).refused("invalid_parameter", "Invalid parameter: "+name)
	}
	d.call(http.MethodGet, "/approval_requests?status=%zz", nil).refused("invalid_request", "Query")
}
