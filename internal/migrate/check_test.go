package migrate_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/migrate"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/details"
	"github.com/onetouchkit/onetouch/pkg/verify"
)

const aUUID = "11111111-2222-3333-4444-555555555555"

func noon() time.Time { return time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC) }

// flow is a part of a recording of one flow.
type flow func(*migrate.Seen, *migrate.Told)

// recorded is a recording of one approval request that asked for two minutes and was approved after five seconds.
func recorded(parts ...flow) migrate.Recording {
	call := migrate.Seen{
		Method: "POST", Target: "/onetouch/json/users/1000/approval_requests", ContentType: "application/json", Status: 200,
		Body:        `{"message":"Log in?","details":{"City":"Bogotá","App":"web"},"hidden_details":{"order":"7"},"seconds_to_expire":120}`,
		RequestUUID: aUUID,
	}
	told := migrate.Told{
		Question: approval.Question{
			Message: "Log in?", Details: details.List{{Name: "City", Value: "Bogotá"}, {Name: "App", Value: "web"}},
			HiddenDetails: details.List{{Name: "order", Value: "7"}},
		},
		Status: approval.Approved, CreatedAt: noon(), ExpiresAt: noon().Add(2 * time.Minute), ProcessedAt: noon().Add(5 * time.Second),
		DeviceID: 1, Devices: 1, Callback: migrate.CallbackTaken,
	}
	for _, part := range parts {
		part(&call, &told)
	}
	r := migrate.Recording{Calls: []migrate.Seen{call}, Told: map[string]migrate.Told{}}
	if call.Status < http.StatusBadRequest {
		r.Told[aUUID] = told
	}
	return r
}

// ended is how the request ended, so long after it was asked.
func ended(status approval.Status, after time.Duration) flow {
	return func(_ *migrate.Seen, t *migrate.Told) { t.Status, t.ProcessedAt = status, noon().Add(after) }
}

// pending is a request that nobody has answered.
func pending(_ *migrate.Seen, t *migrate.Told) {
	t.Status, t.ProcessedAt = approval.Pending, time.Time{}
}

// polledAfter is a recording in which the backend has polled so long after it asked.
func polledAfter(after time.Duration, r migrate.Recording) migrate.Recording {
	poll := migrate.Seen{Method: "GET", Target: "/onetouch/json/approval_requests/" + aUUID, Status: 200, At: noon().Add(after)}
	r.Calls = append([]migrate.Seen{poll}, r.Calls...) // as it can be recorded
	return r
}

// lasting is a request with so many seconds_to_expire; "": without.
func lasting(seconds string) flow {
	return func(s *migrate.Seen, _ *migrate.Told) {
		s.Body = `{"message":"Log in?"}`
		if seconds != "" {
			s.Body = `{"message":"Log in?","seconds_to_expire":` + seconds + `}`
		}
	}
}

func asking(q approval.Question) flow {
	return func(_ *migrate.Seen, t *migrate.Told) { t.Question = q }
}

func refused(status int, code, body string) flow {
	return func(s *migrate.Seen, _ *migrate.Told) {
		s.Status, s.ErrorCode, s.Body, s.RequestUUID = status, code, body, ""
		s.Cut = body == ""
	}
}

// check checks a recording of one flow.
func check(t *testing.T, r migrate.Recording, o migrate.CheckOptions) migrate.Checked {
	t.Helper()
	report, err := migrate.Check(t.Context(), r, o)
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Flows) != 1 {
		t.Fatalf("found %d flows", len(report.Flows))
	}
	return report.Flows[0]
}

func TestCheck(t *testing.T) {
	t.Parallel()
	long := func(n int) string { return strings.Repeat("é", n) }
	many := details.List{}
	for i := range 21 {
		many = append(many, details.Detail{Name: fmt.Sprint("n", i), Value: "v"})
	}
	const day = 24 * time.Hour
	for name, c := range map[string]struct {
		recording     migrate.Recording
		verdict       migrate.Verdict
		authy, verify migrate.End
		found         string // aspects and the rules that explain them
	}{
		"approved":           {recorded(), migrate.Same, "approved", "approved", ""},
		"denied":             {recorded(ended(approval.Denied, time.Minute)), migrate.Same, "denied", "denied", ""},
		"expired":            {recorded(ended(approval.Expired, 2*time.Minute)), migrate.Same, "expired", "expired", ""},
		"pending":            {polledAfter(time.Minute, recorded(pending)), migrate.Same, "pending", "pending", ""},
		"in the last second": {recorded(ended(approval.Approved, 119*time.Second)), migrate.Same, "approved", "approved", ""},
		"denied for a reason": {recorded(ended(approval.Denied, time.Second), func(_ *migrate.Seen, t *migrate.Told) {
			t.Reason = "not me"
		}), migrate.Explained, "denied", "denied", "reason:reason"},
		"default expiry": {recorded(lasting("")), migrate.Explained, "approved", "approved", "expiry:default_expiry"},
		"default expiry, answered late": {recorded(lasting(""), ended(approval.Approved, 6*time.Minute)), migrate.Differs,
			"approved", "expired", "expiry:default_expiry end:default_expiry"},
		"default expiry, expired": {recorded(lasting(""), ended(approval.Expired, day)), migrate.Explained, "expired", "expired",
			"expiry:default_expiry end:default_expiry"},
		"default expiry, still pending": {polledAfter(time.Hour, recorded(lasting(""), pending)), migrate.Differs, "pending", "expired", "expiry:default_expiry end:default_expiry"},
		"an hour":                       {recorded(lasting("3600"), ended(approval.Denied, 59*time.Minute)), migrate.Same, "denied", "denied", ""},
		"two hours":                     {recorded(lasting("7200")), migrate.Explained, "approved", "approved", "expiry:long_expiry"},
		"two hours, answered late": {recorded(lasting("7200"), ended(approval.Denied, 90*time.Minute)), migrate.Differs, "denied", "expired",
			"expiry:long_expiry end:long_expiry"},
		"for ever": {recorded(lasting("0"), ended(approval.Approved, 10*day)), migrate.Differs, "approved", "expired",
			"expiry:never end:never"},
		"logos": {recorded(asking(approval.Question{Message: "m", Logos: []approval.Logo{{Resolution: "default", URL: "https://x.invalid/"}}})),
			migrate.Explained, "approved", "approved", "shown:logos"},
		"long message": {recorded(asking(approval.Question{Message: long(257)})), migrate.Differs, "approved", "refused", "taken:long_message"},
		"many details": {recorded(asking(approval.Question{Message: "m", Details: many})), migrate.Differs, "approved", "refused",
			"taken:many_details"},
		"long name": {recorded(asking(approval.Question{Message: "m", Details: details.List{{Name: long(37), Value: "v"}}})), migrate.Differs,
			"approved", "refused", "taken:long_name"},
		"long value": {recorded(asking(approval.Question{Message: "m", Details: details.List{{Name: "n", Value: long(129)}}})), migrate.Differs,
			"approved", "refused", "taken:long_value"},
		"long hidden details": {recorded(asking(approval.Question{Message: "m", HiddenDetails: details.List{{Name: "n", Value: long(1024)}}})),
			migrate.Differs, "approved", "refused", "taken:long_hidden_details"},
		"as long as can be": {recorded(asking(approval.Question{Message: long(256), Details: append(many[:19:19],
			details.Detail{Name: long(36), Value: long(128)})})), migrate.Same, "approved", "approved", ""},
		"a user without a device": {recorded(ended(approval.Expired, 2*time.Minute), func(_ *migrate.Seen, t *migrate.Told) {
			t.Devices = 0
		}), migrate.Differs, "expired", "refused", "taken:no_factor"},
		"a user with two devices": {recorded(func(_ *migrate.Seen, t *migrate.Told) { t.Devices = 2 }), migrate.Explained,
			"approved", "approved", "phone:one_factor"},
		"a user of whose devices nothing is known": {recorded(func(_ *migrate.Seen, t *migrate.Told) {
			t.Devices = migrate.DevicesUnknown
		}, pending), migrate.Same, "pending", "pending", ""},
		"a user without a device, refused": {recorded(refused(400, "60050", `{"message":"m"}`)), migrate.Same, "refused", "refused", ""},
		"a wrong question":                 {recorded(refused(400, "60004", `{"message":""}`)), migrate.Same, "refused", "refused", ""},
		"a wrong key":                      {recorded(refused(401, "60001", "")), migrate.Same, "refused", "refused", ""},
		"an unknown user":                  {recorded(refused(404, "60026", "")), migrate.Same, "refused", "refused", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := check(t, c.recording, migrate.CheckOptions{})
			if got.Verdict != c.verdict || got.Authy != c.authy || got.Verify != c.verify {
				t.Errorf("got %s (%s), %s and %s; want %s, %s and %s", got.Verdict, got.Why, got.Authy, got.Verify, c.verdict, c.authy, c.verify)
			}
			var found []string
			for _, d := range got.Differences {
				found = append(found, string(d.Aspect)+":"+d.Rule)
				if d.Rule != "" && d.Why != migrate.Rules()[d.Rule] {
					t.Errorf("%s says %q, the rule %q", d.Rule, d.Why, migrate.Rules()[d.Rule])
				}
			}
			if words := strings.Join(found, " "); words != c.found {
				t.Errorf("found %q, want %q: %+v", words, c.found, got.Differences)
			}
		})
	}
}

// What is explained is what a plan says, in the same words.
func TestRulesAreThoseOfThePlan(t *testing.T) {
	t.Parallel()
	plan := migrate.Of([]migrate.Seen{
		{Method: "POST", Target: "/onetouch/json/users/1/approval_requests"}, {Method: "GET", Target: "/onetouch/json/approval_requests/u"},
	})
	page := plan.Markdown()
	for _, name := range []string{"one_factor", "no_factor", "reason", "default_expiry"} {
		if says := migrate.Rules()[name]; says == "" || !strings.Contains(page, says) {
			t.Errorf("%s: the plan does not say %q:\n%s", name, says, page)
		}
	}
}

// Hidden details are measured as Verify measures them: a character that JSON could write longer is one.
func TestPlanAndCheckMeasureAlike(t *testing.T) {
	t.Parallel()
	const frame = len(`{"html":""}`)
	for length, refused := range map[int]bool{verify.MaxHiddenDetails: false, verify.MaxHiddenDetails + 1: true} {
		r := recorded(func(s *migrate.Seen, t *migrate.Told) {
			value := strings.Repeat("&", length-frame)
			s.Body = `{"message":"m","seconds_to_expire":120,"hidden_details":{"html":"` + value + `"}}`
			t.Question = approval.Question{Message: "m", HiddenDetails: details.List{{Name: "html", Value: value}}}
		})
		found := migrate.Of(r.Calls).Steps[0].Findings
		if planned := len(found) == 1 && strings.Contains(found[0], "hidden_details"); planned != refused {
			t.Errorf("%d characters: the plan says %q", length, found)
		}
		if got := check(t, r, migrate.CheckOptions{}); (got.Verify == migrate.Refused) != refused {
			t.Errorf("%d characters: the check says %s, %v", length, got.Verify, got.Lines())
		}
	}
}

// When something goes wrong on one side alone, the check says so.
func TestCheckFails(t *testing.T) {
	t.Parallel()
	expired := recorded(ended(approval.Expired, 2*time.Minute))
	for name, c := range map[string]struct {
		recording migrate.Recording
		api       string
		fault     controlapi.Fault
		found     string
	}{
		"the callback is lost": {recorded(), "authy", controlapi.Fault{Callback: "lost"},
			"what the backend is sent: Authy not sent, Verify sent, and verifies"},
		"the question is not taken": {recorded(), "verify", controlapi.Fault{Match: "POST /v2/*/Challenges", Error: "60000"},
			"the question: Authy taken, Verify refused (500, "},
		"the phone is not shown it": {expired, "authy", controlapi.Fault{Match: "GET /device/v1/approval_requests/*", Status: 503},
			"shown on the phone: Authy not shown: "},
		"the answer is not taken": {recorded(), "verify", controlapi.Fault{Match: "POST /v2/*/Challenges/*", Error: "60000"},
			"how it ends: Authy approved, Verify pending: the answer was refused ("},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := check(t, c.recording, migrate.Preparing(func(ctx context.Context, api string, control *controlapi.Client) error {
				if api != c.api {
					return nil
				}
				_, err := control.AddFault(ctx, c.fault)
				return err
			}))
			if got.Verdict != migrate.Differs || len(got.Differences) == 0 || !strings.Contains(got.Differences[0].String(), c.found) {
				t.Errorf("got %s (%s): %v", got.Verdict, got.Why, got.Lines())
			}
		})
	}
}

// What cannot be made again has a row that says why.
func TestCheckNotReplayed(t *testing.T) {
	t.Parallel()
	alone := func(change func(*migrate.Seen)) migrate.Recording {
		r := recorded()
		change(&r.Calls[0])
		return migrate.Recording{Calls: r.Calls}
	}
	for name, c := range map[string]struct {
		recording migrate.Recording
		verdict   migrate.Verdict
		why       string
	}{
		"cut":      {alone(func(s *migrate.Seen) { s.Body, s.Cut = "message=Lo", true }), migrate.NotReplayed, "not all of the body"},
		"left out": {alone(func(s *migrate.Seen) { s.Body = "" }), migrate.NotReplayed, "has no message"},
		"broken":   {alone(func(s *migrate.Seen) { s.Body = `{"message":"Lo` }), migrate.NotReplayed, "cannot be read"},
		"blotted out": {alone(func(s *migrate.Seen) { s.Body = `{"message":"[REDACTED]"}` }), migrate.NotReplayed,
			"the message was blotted out"},
		"a blotted detail": {alone(func(s *migrate.Seen) { s.Body = `{"message":"m","details":{"A":"b","Card":"****"}}` }),
			migrate.NotReplayed, "detail 2 was blotted out"},
		"a blotted hidden detail": {alone(func(s *migrate.Seen) { s.Body = `{"message":"m","hidden_details":{"A":"…"}}` }),
			migrate.NotReplayed, "hidden detail 1 was blotted out"},
		"taken there, refused here": {alone(func(s *migrate.Seen) { s.Body = `{"message":"m","seconds_to_expire":-1}` }),
			migrate.NotReplayed, "says that it was taken, and here it was refused (400, 60004"},
		"refused there, taken here": {recorded(refused(400, "60004", `{"message":"m"}`)), migrate.NotReplayed,
			"says that it was refused (400, 60004), and here it was taken"},
		"asked before": {migrate.Recording{Calls: polledAfter(time.Second, recorded()).Calls[:1]}, migrate.NotReplayed,
			"its question is not among the calls"},
		"no answer":       {alone(func(s *migrate.Seen) { s.Status, s.RequestUUID = 0, "" }), migrate.NothingAsked, "got no answer"},
		"a limit":         {recorded(refused(429, "60003", `{"message":"m"}`)), migrate.NothingAsked, "(429, 60003)"},
		"the service":     {recorded(refused(503, "", `{"message":"m"}`)), migrate.NothingAsked, "(503)"},
		"not a question":  {recorded(refused(400, "60002", `{"message":`)), migrate.NothingAsked, "before it was a question (400, 60002)"},
		"refused and cut": {recorded(refused(400, "60004", "")), migrate.NotReplayed, "not all of the body"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := check(t, c.recording, migrate.CheckOptions{})
			if got.Verdict != c.verdict || !strings.Contains(got.Why, c.why) || strings.Contains(got.Why, "\n") {
				t.Errorf("got %s because %q, want %s because %q", got.Verdict, got.Why, c.verdict, c.why)
			}
		})
	}
}

// The users of several phones are asked on one of them.
func TestCheckSeveralPhones(t *testing.T) {
	t.Parallel()
	r := recorded()
	other := r.Calls[0]
	other.RequestUUID = strings.Replace(aUUID, "1", "2", 1)
	told := r.Told[aUUID]
	told.DeviceID = 2
	r.Calls, r.Told[other.RequestUUID] = append(r.Calls, other), told
	report, err := migrate.Check(t.Context(), r, migrate.CheckOptions{})
	if err != nil || report.Explained != 2 || report.Flows[1].Differences[0].Rule != "one_factor" || !report.Passed() {
		t.Errorf("got %+v, %v", report, err)
	}
}

// Flows are found in the calls alone, by what polls and callbacks say.
func TestCheckOfArchive(t *testing.T) {
	t.Parallel()
	const ask, poll = "https://api.authy.com/onetouch/json/users/7/approval_requests", "https://api.authy.com/onetouch/json/approval_requests/"
	at := func(seconds int) string { return noon().Add(time.Duration(seconds) * time.Second).Format(time.RFC3339) }
	entry := func(method, url, body, answer, kind string, seconds int) map[string]any {
		return map[string]any{
			"startedDateTime": at(seconds),
			"request":         map[string]any{"method": method, "url": url, "postData": map[string]any{"text": body}},
			"response":        map[string]any{"status": 200, "content": map[string]any{"mimeType": kind, "text": answer}},
		}
	}
	const asJSON, form = "application/json; charset=utf-8", "message=Pay%3F&seconds_to_expire=60"
	entries := []map[string]any{
		entry("POST", ask, form, `{"approval_request":{"uuid":"a"},"success":true}`, asJSON, 0),
		entry("GET", poll+"a", "", `{"approval_request":{"uuid":"a","status":"pending"},"success":true}`, asJSON, 1),
		entry("GET", poll+"a", "", `{"approval_request":{"uuid":"a","status":"denied","created_at":"`+at(0)+`","processed_at":"`+at(9)+
			`"},"success":true}`, asJSON, 30),
		entry("POST", strings.Replace(ask, "json", "xml", 1), form, `<hash><approval-request><uuid>b</uuid></approval-request></hash>`,
			"application/xml", 40),
		entry("GET", strings.Replace(poll, "json", "xml", 1)+"b", "",
			`<hash><approval-request><status>approved</status></approval-request></hash>`, "application/xml", 45),
		entry("POST", ask, form, `{"approval_request":{"uuid":"c"},"success":true}`, asJSON, 50),
		entry("POST", "https://backend.example/callback", `{"callback_action":"approval_request_status","uuid":"c","status":"approved"}`,
			"", "", 57),
		entry("POST", ask, form, "", "", 60),
		entry("GET", "https://api.authy.com/protected/json/users/8/status", "", `{"status":{"registered":false,"devices":[]}}`, asJSON, 61),
		entry("POST", strings.Replace(ask, "/7/", "/8/", 1), form, `{"approval_request":{"uuid":"d"}}`, asJSON, 62),
		entry("GET", poll+"d", "", `{"approval_request":{"uuid":"d","status":"expired"}}`, asJSON, 130),
	}
	archive, err := json.Marshal(map[string]any{"log": map[string]any{"entries": entries}})
	if err != nil {
		t.Fatal(err)
	}
	recording, err := migrate.ReadRecording(strings.NewReader(string(archive)))
	if err != nil {
		t.Fatal(err)
	}
	var progress []int
	report, err := migrate.Check(t.Context(), recording, migrate.CheckOptions{Progress: func(done, all int) {
		progress = append(progress, done, all)
	}})
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		UUID     string
		Recorded migrate.End
		After    int64
		Callback migrate.Callback
		Verify   migrate.End
		Verdict  migrate.Verdict
	}
	var got []row
	for _, f := range report.Flows {
		got = append(got, row{f.RequestUUID, f.Recorded, f.AfterSeconds, f.Callback, f.Verify, f.Verdict})
	}
	want := []row{
		{"a", "denied", 9, "", "denied", migrate.Same},
		{"b", "approved", 5, "", "approved", migrate.Same},
		{"c", "approved", 7, migrate.CallbackTaken, "approved", migrate.Same},
		{"", migrate.NotRecorded, 0, "", "pending", migrate.Same},
		{"d", "expired", 68, "", "refused", migrate.Differs},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	if report.Calls != 10 || report.Unknown != 1 || !slices.Equal(progress, []int{1, 5, 2, 5, 3, 5, 4, 5, 5, 5}) {
		t.Errorf("%d calls, %d others, progress %v", report.Calls, report.Unknown, progress)
	}
}

// An interrupted check says that it was, and leaves nothing running.
func TestCheckInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := migrate.Check(ctx, recorded(), migrate.CheckOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestReport(t *testing.T) {
	t.Parallel()
	r := recorded(asking(approval.Question{Message: "Pay <b>|5|</b> `now`\n" + strings.Repeat("x", 300)}))
	long, told := r.Calls[0], r.Told[aUUID]
	long.RequestUUID, long.Body, told.Question = "long", `{"message":"m","seconds_to_expire":7200}`, approval.Question{Message: "m"}
	r.Told["long"] = told
	r.Calls = append(r.Calls, migrate.Seen{Method: "POST", Target: "/onetouch/json/users/1/approval_requests", Status: 200, Cut: true},
		migrate.Seen{Method: "POST", Target: "/onetouch/json/users/1/approval_requests", Status: 500, Body: "message=m"}, long)
	r.Forgotten = 3
	report, err := migrate.Check(t.Context(), r, migrate.CheckOptions{})
	if err != nil || report.Passed() {
		t.Fatalf("passed: %t, %v", report.Passed(), err)
	}
	page := report.Markdown()
	for _, line := range []string{
		"4 approval flows: 1 with known differences, 1 otherwise, 1 not replayed, 1 asked nothing.", "\n| 1 | Pay \\<b\\>\\|5\\|\\</b\\> \\`now\\` xx",
		"flows that began in the 3 before these", "\n## Differs\n\n- 1: the question: Authy taken, Verify refused (400, 60200",
		"\n## Could not be made again\n\n- 2: the recording has not all of the body of the call\n", "\n## Nothing was asked\n\n- 3: ",
		"\n## Known differences\n\n- seconds_to_expire above 3600: an hour is the longest (flow 4)\n",
	} {
		if !strings.Contains(page, line) {
			t.Errorf("the page does not say %q:\n%s", line, page)
		}
	}
	var suite strings.Builder
	if err := report.WriteJUnit(&suite); err != nil || !strings.Contains(suite.String(), `tests="4" failures="2" errors="0" skipped="1"`) {
		t.Errorf("got %v\n%s", err, suite.String())
	}
}
