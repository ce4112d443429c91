package server_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/internal/verifywire"
)

// The limit of calls a minute is the application's, by whichever API its backend calls, and each says so in its own shape.
func TestLimitOfCallsOfBothAPIs(t *testing.T) {
	t.Parallel()
	three := 3
	s := run(t, server.Options{Database: ":memory:", Application: onetouch.ApplicationSettings{
		APIKey: apiKey, LimitSettings: onetouch.LimitSettings{APICallsPerMinute: &three},
	}})
	account, err := s.Service().Account(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ask := func(path string, asAccount bool) (int, http.Header, map[string]any) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if r.Header.Set("X-Authy-API-Key", apiKey); asAccount {
			r.SetBasicAuth(account.SID, account.AuthToken)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = answer.Body.Close() }()
		var body map[string]any
		if err := json.NewDecoder(answer.Body).Decode(&body); err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, answer.Header, body
	}
	service := "/v2/Services/" + verifywire.ServiceSID(s.Application().ID)
	for _, path := range []string{service, service + "/Entities", "/protected/json/app/details"} {
		if status, _, body := ask(path, strings.HasPrefix(path, "/v2")); status != http.StatusOK {
			t.Fatalf("%s: %d %v", path, status, body)
		}
	}
	status, header, body := ask(service, true)
	if status != http.StatusTooManyRequests || body["code"] != 20429.0 || body["status"] != 429.0 || header.Get("Retry-After") == "" {
		t.Errorf("the Verify API says %d %v %v", status, header, body)
	}
	status, header, body = ask("/protected/json/app/details", false)
	if status != http.StatusTooManyRequests || body["success"] != false || body["error_code"] == nil || header.Get("Retry-After") == "" {
		t.Errorf("the Authy API says %d %v %v", status, header, body)
	}
	statistics, err := s.Service().Statistics(t.Context(), s.Application().ID)
	if err != nil {
		t.Fatal(err)
	}
	if calls := statistics.Months[len(statistics.Months)-1].APICalls; calls != 2 {
		t.Errorf("the statistics of the Authy API have %d calls", calls)
	}
}
