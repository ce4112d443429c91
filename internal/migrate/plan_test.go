package migrate_test

import (
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/migrate"
	"github.com/onetouchkit/onetouch/internal/server/authyapi"
)

// secrets stand in every call of the recording, and must not stand in a plan.
const secrets = "S3cret"

func suite() []migrate.Seen {
	form := func(pairs ...string) string {
		values := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			values.Add(pairs[i], pairs[i+1])
		}
		return values.Encode()
	}
	const formType = "application/x-www-form-urlencoded"
	ask := "https://api.authy.com/onetouch/json/users/5/approval_requests?api_key=" + secrets
	return []migrate.Seen{
		{Method: "POST", Target: "/protected/json/users/new?api_key=" + secrets, ContentType: formType,
			Body: form("user[email]", secrets+"@example.com", "user[cellphone]", "202"+secrets), Status: 200},
		{Method: "POST", Target: ask, ContentType: formType, Status: 200,
			Body: form("message", secrets, "details["+secrets+"]", secrets, "seconds_to_expire", "120")},
		{Method: "POST", Target: ask, ContentType: "application/json", Status: 200, Body: `{"message":"` +
			strings.Repeat("é", 257) + `","details":{"` + strings.Repeat("a", 37) + `":"` + strings.Repeat("b", 129) + `"},
			"hidden_details":{"a":"` + strings.Repeat("c", 1024) + `"},"logos":[{"res":"default","url":"https://x.invalid/"}]}`},
		{Method: "POST", Target: ask, ContentType: formType, Body: form("message", "m", "seconds_to_expire", "0"), Status: 400},
		{Method: "POST", Target: ask, ContentType: formType, Body: "message=cut", Cut: true},
		{Method: "GET", Target: "/protected/json/verify/1234567/5", Status: 401, AnswerType: "application/json",
			Answer: `{"error_code":"60020","message":"` + secrets + `","success":false}`},
		{Method: "GET", Target: "/protected/xml/verify/1234567/5", Status: 404, ErrorCode: "60026"},
		{Method: "GET", Target: "/protected/json/verify/1234567/5", Status: 404, ErrorCode: secrets},
		{Method: "GET", Target: "/protected/json/users/5/porting/" + secrets + "?code=1234567", Status: 200},
		{Method: "GET", Target: "/protected/json/users/6/porting/" + secrets, Status: 200},
		{Method: "GET", Target: "/somewhere/else"},
		{Method: "GET", Target: "http://%zz"},
	}
}

func TestPlan(t *testing.T) {
	t.Parallel()
	plan := migrate.Of(suite())
	if plan.Calls != 8 || plan.Unknown != 2 || len(plan.Steps) != 3 || len(plan.NotSeen) != len(authyapi.Endpoints())-3 {
		t.Fatalf("%d calls, %d unknown, %d steps, %d not seen", plan.Calls, plan.Unknown, len(plan.Steps), len(plan.NotSeen))
	}
	if want := []migrate.Unplanned{{"GET", "/protected/json/users/{…}/porting/{…}", 2}}; !slices.Equal(plan.Unplanned, want) {
		t.Errorf("unplanned are %+v", plan.Unplanned)
	}
	if len(plan.Refusals) != 2 || plan.Refusals[0].ErrorCode != "60020" || plan.Refusals[1].Becomes != "404, code 20404" {
		t.Errorf("refusals are %+v", plan.Refusals)
	}
	asked := plan.Steps[1]
	if asked.Times != 4 || asked.Fate != migrate.Moves || !slices.Equal(asked.Statuses, []int{200, 400}) {
		t.Errorf("got %+v", asked)
	}
	for _, finding := range []string{
		"1 call could not be looked into", "1 call with no seconds_to_expire", "seconds_to_expire=0", "more than 256 characters",
		"more than 36 characters", "more than 128 characters", "more than 1024 characters", "logos",
	} {
		if !slices.ContainsFunc(asked.Findings, func(f string) bool { return strings.Contains(f, finding) }) {
			t.Errorf("no finding says %q: %q", finding, asked.Findings)
		}
	}
	wanted := []migrate.Parameter{
		{Name: "message", Times: 3, Shape: "text of up to 257 characters", Becomes: "Details.Message"},
		{Name: "details", Times: 2, Shape: "up to 1 name with a value", Becomes: `Details.Fields, once for each: {"label":…,"value":…}`},
		{Name: "hidden_details", Times: 1, Shape: "up to 1 name with a value", Becomes: "HiddenDetails, one JSON object of texts"},
		{Name: "logos", Times: 1, Shape: "list of up to 1 entry"},
		{Name: "seconds_to_expire", Times: 2, Shape: "number from 0 to 120", Becomes: "ExpirationDate, a date in ISO 8601"},
	}
	if !slices.Equal(asked.Parameters, wanted) {
		t.Errorf("got %+v", asked.Parameters)
	}
	text, err := json.Marshal(plan)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{string(text), plan.Markdown()} {
		if strings.Contains(text, secrets) || strings.Contains(text, "1234567") {
			t.Errorf("a secret is in the plan: %s", text)
		}
	}
	for _, line := range []string{
		"## `GET /protected/{format}/verify/{token}/{id}`", "| `logos` | list of up to 1 entry | no counterpart |",
		"That is no proof that the backend never makes them", "2 calls of something else left out.",
		"| 60026 | 1 time | 404, code 20404 |", "- `GET /protected/json/users/{…}/porting/{…}`, 2 calls",
	} {
		if !strings.Contains(plan.Markdown(), line) {
			t.Errorf("the page does not say %q:\n%s", line, plan.Markdown())
		}
	}
}

// Every call of the Authy API has a row, and every name of a parameter in a row is one of that call.
func TestEveryCallHasACounterpart(t *testing.T) {
	t.Parallel()
	var seen []migrate.Seen
	for _, e := range authyapi.Endpoints() {
		path := strings.NewReplacer("{format}", "json", "{id}", "5", "{token}", "1", "{uuid}", "u", "{file}", "f").Replace(e.Path)
		seen = append(seen, migrate.Seen{Method: e.Method, Target: path})
	}
	plan := migrate.Of(seen)
	if len(plan.Steps) != len(seen) || len(plan.NotSeen) != 0 || plan.Unknown != 0 {
		t.Fatalf("%d steps for %d calls, not seen: %+v", len(plan.Steps), len(seen), plan.NotSeen)
	}
	for _, s := range plan.Steps {
		if s.Fate == "" || s.Fate != migrate.Nobody && len(s.Verify) == 0 {
			t.Errorf("%s %s has no row: %+v", s.Method, s.Path, s)
		}
	}
	for call, names := range migrate.MappedParameters() {
		at := slices.IndexFunc(authyapi.Endpoints(), func(e authyapi.Endpoint) bool { return e.Method+" "+e.Path == call })
		if at < 0 {
			t.Errorf("%s is no call of the Authy API", call)
			continue
		}
		for _, name := range names {
			described := func(p authyapi.Parameter) bool { return p.Name == name }
			if !slices.ContainsFunc(authyapi.Endpoints()[at].Parameters, described) {
				t.Errorf("%s has no parameter %s", call, name)
			}
		}
	}
}

func TestReadRecording(t *testing.T) {
	t.Parallel()
	const entry = `{"request":{"method":"POST","url":"https://api.authy.com/protected/json/users/new","bodySize":9,
		"postData":{"mimeType":"x","params":[{"name":"user[email]","value":"a@b.c"}]}},"response":{"status":200}}`
	read, err := migrate.ReadRecording(strings.NewReader("\uFEFF" + `{"log":{"entries":[` + entry + `]}}`))
	seen := read.Calls
	if err != nil || len(seen) != 1 || seen[0].Body != "user%5Bemail%5D=a%40b.c" || seen[0].Cut {
		t.Errorf("got %+v, %v", seen, err)
	}
	report := `{"command":["npm","test"],"calls":[{"method":"POST","path":"/onetouch/json/users/1/approval_requests","status":200,
		"request_uuid":"u"},{"method":"POST","path":"/protected/json/users/new","status":200}],"approval_requests":[{"uuid":"u",
		"message":"Log in?","details":{"A":"b"},"hidden_details":{},"logos":[],"created_at":"2026-11-25T12:00:00Z",
		"expires_at":"2026-11-26T12:00:00Z"}]}`
	read, err = migrate.ReadRecording(strings.NewReader(report))
	if seen = read.Calls; err != nil || len(seen) != 2 || seen[0].Cut || !seen[1].Cut {
		t.Fatalf("got %+v, %v", seen, err)
	}
	if plan := migrate.Of(seen); plan.Steps[0].Parameters[0].Shape != "text of up to 7 characters" {
		t.Errorf("got %+v", plan.Steps[0])
	}
}

func TestReadRecordingRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		content string
		want    error
	}{
		"nothing":         {"", migrate.ErrEmpty},
		"blanks":          {"\uFEFF \n", migrate.ErrEmpty},
		"a page":          {"<html>", migrate.ErrNoRecording},
		"another object":  {`{"hello":"world"}`, migrate.ErrNoRecording},
		"a list":          {`[]`, migrate.ErrNoRecording},
		"entries of text": {`{"log":{"entries":"x"}}`, migrate.ErrNoRecording},
		"cut off":         {`{"log":{"entries":[{"request":{"method":"GE`, migrate.ErrRecordingCut},
		"too long":        {strings.Repeat(" ", migrate.MaxRecording+1), migrate.ErrTooLong},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := migrate.ReadRecording(strings.NewReader(c.content)); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}
