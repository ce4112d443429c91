package verify_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/details"
	"github.com/onetouchkit/onetouch/pkg/verify"
)

const (
	account = "AC00000000000000000000000000000001"
	token   = "the auth token"
)

// answering is a server that answers every call alike, and remembers the last one.
func answering(t *testing.T, status int, kind, body string) (*verify.Client, *http.Request) {
	t.Helper()
	last := &http.Request{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		*last = *r
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return verify.New(account, token, verify.WithBaseURL(server.URL+"/"), verify.WithHTTPClient(server.Client())), last
}

func TestCreateChallenge(t *testing.T) {
	t.Parallel()
	client, last := answering(t, http.StatusCreated, "application/json", `{"sid":"YC1","status":"pending","factor_sid":"YF1",
		"details":{"message":"Log in?","fields":[{"label":"City","value":"Bogotá"}],"date":"2026-11-25T12:00:00Z"},
		"hidden_details":"{\"ip\":\"10.0.0.1\"}","date_responded":null,"expiration_date":"2026-11-25T12:05:00Z"}`)
	expiry := time.Date(2026, 11, 25, 12, 5, 0, 0, time.UTC)
	made, err := client.CreateChallenge(t.Context(), "VA1", "ada/1", verify.NewChallenge{
		FactorSID: "YF1", Message: "Log in?", Fields: details.List{{Name: "City", Value: "Bogotá"}, {Name: "A", Value: `"`}},
		HiddenDetails: details.List{{Name: "ip", Value: "10.0.0.1"}, {Name: "html", Value: "<&>"}}, ExpirationDate: expiry,
	})
	if err != nil {
		t.Fatal(err)
	}
	if last.URL.EscapedPath() != "/v2/Services/VA1/Entities/ada%2F1/Challenges" {
		t.Errorf("asked %s", last.URL.EscapedPath())
	}
	user, password, _ := last.BasicAuth()
	if user != account || password != token {
		t.Errorf("authenticated as %q %q", user, password)
	}
	want := url.Values{
		"FactorSid": {"YF1"}, "Details.Message": {"Log in?"}, "HiddenDetails": {`{"ip":"10.0.0.1","html":"<&>"}`},
		"Details.Fields": {`{"label":"City","value":"Bogotá"}`, `{"label":"A","value":"\""}`},
		"ExpirationDate": {"2026-11-25T12:05:00Z"},
	}
	if last.PostForm.Encode() != want.Encode() {
		t.Errorf("sent %v, want %v", last.PostForm, want)
	}
	if made.Status != approval.Pending || made.Details.Fields[0].Value != "Bogotá" || made.HiddenDetails[0].Name != "ip" ||
		!made.DateResponded.IsZero() || !made.ExpirationDate.Equal(expiry) {
		t.Errorf("read %+v", made)
	}
}

// What can go wrong, and how it is told.
func TestErrors(t *testing.T) {
	t.Parallel()
	const refusal = `{"code":20404,"message":"The requested resource was not found","more_info":"https://x","status":404}`
	for name, c := range map[string]struct {
		status     int
		kind, body string
		want       error
	}{
		"wrong credentials": {401, "application/json", `{"code":20003,"message":"Authenticate"}`, verify.ErrCredentials},
		"not found":         {404, "application/json; charset=utf-8", refusal, verify.ErrNotFound},
		"exists":            {409, "application/json", `{"code":60200,"message":"exists"}`, verify.ErrExists},
		"invalid":           {400, "application/json", `{"code":60200,"message":"Invalid parameter"}`, verify.ErrInvalid},
		"limit":             {429, "text/plain", "Too many requests", verify.ErrTooManyRequests},
		"a page":            {200, "text/html", "<html>", verify.ErrUnexpectedAnswer},
		"a refusing page":   {401, "text/html", "<html>", verify.ErrUnexpectedAnswer},
		"a redirect":        {302, "text/html", "", verify.ErrUnexpectedAnswer},
		"other JSON":        {200, "application/json", `{"hello":"world"}`, verify.ErrUnexpectedAnswer},
		"cut off":           {200, "application/json", `{"sid":"VA`, verify.ErrUnexpectedAnswer},
		"too long":          {200, "application/json", `{"sid":"` + strings.Repeat("x", 5<<20) + `"}`, verify.ErrUnexpectedAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, _ := answering(t, c.status, c.kind, c.body)
			_, err := client.Service(t.Context(), "VA1")
			if !errors.Is(err, c.want) || strings.Contains(err.Error(), token) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want %v", err, c.want)
			}
			var refused *verify.Error
			if errors.As(err, &refused) && refused.StatusCode == http.StatusTooManyRequests && refused.RetryAfter != 7*time.Second {
				t.Errorf("to be tried again after %s", refused.RetryAfter)
			}
		})
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(nil)
	gone.Close()
	client := verify.New(account, token, verify.WithBaseURL(gone.URL))
	if _, err := client.Services(t.Context()); !errors.Is(err, verify.ErrUnreachable) {
		t.Errorf("got %v", err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := client.Services(over); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := verify.New(account, "").Services(t.Context()); !errors.Is(err, verify.ErrCredentials) {
		t.Errorf("got %v", err)
	}
	if text := fmt.Sprintf("%+v %s", client, *client); strings.Contains(text, token) {
		t.Errorf("printed %s", text)
	}
}

// A list is read to its end; the URL of the next page leads to no other host.
func TestLists(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		next := `"http://elsewhere.invalid/v2/Services/VA1/Entities/ada/Factors?PageSize=50&PageToken=second"`
		sid := "YF1"
		if r.URL.Query().Get("PageToken") == "second" {
			next, sid = "null", "YF2"
		}
		_, _ = fmt.Fprintf(w, `{"factors":[{"sid":%q,"factor_type":"push","status":"verified"}],"meta":{"next_page_url":%s}}`, sid, next)
	}))
	t.Cleanup(server.Close)
	client := verify.New(account, token, verify.WithBaseURL(server.URL))
	found, err := client.Factors(t.Context(), "VA1", "ada")
	if err != nil || len(found) != 2 || found[1].SID != "YF2" || !found[1].CanAnswer() {
		t.Errorf("got %+v, %v", found, err)
	}
}

// A public vector. Source: twilio-go, client/request_validator_test.go.
func TestSign(t *testing.T) {
	t.Parallel()
	parameters := url.Values{
		"CallSid": {"CA1234567890ABCDE"}, "Digits": {"1234"}, "From": {"+14158675309"}, "To": {"+18005551212"},
		"Caller": {"+14158675309"}, "ReasonConferenceEnded": {"test"}, "Reason": {"Participant"},
	}
	got := verify.Sign("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", parameters)
	if want := "vOEb5UThFn24KEfnOFLQY2AE5FY="; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func webhook(signed string, parameters url.Values, kind string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "http://localhost/webhook", strings.NewReader(parameters.Encode()))
	r.Header.Set("Content-Type", kind)
	r.Header.Set(verify.SignatureHeader, signed)
	return r
}

func TestVerifier(t *testing.T) {
	t.Parallel()
	const (
		address = "https://backend.example/webhook?a=b"
		form    = "application/x-www-form-urlencoded"
	)
	event := url.Values{"type": {verify.EventChallengeApproved}, "challenge_sid": {"YC1"}, "identity": {"ada"}}
	right := verify.Sign(token, address, event)
	v := &verify.Verifier{AuthToken: token, URL: address}
	got, err := v.Verify(webhook(right, event, form))
	if err != nil || got.Type != verify.EventChallengeApproved || got.ChallengeSID != "YC1" || got.Identity != "ada" {
		t.Errorf("got %+v, %v", got, err)
	}
	withPort := verify.Sign(token, "https://backend.example:443/webhook?a=b", event)
	if _, err := v.Verify(webhook(withPort, event, form)); err != nil {
		t.Errorf("with the port of the scheme: %v", err)
	}
	other := url.Values{"type": {verify.EventChallengeDenied}, "challenge_sid": {"YC1"}, "identity": {"ada"}}
	for name, c := range map[string]struct {
		r    *http.Request
		want error
	}{
		"no signature":        {webhook("", event, form), verify.ErrSignature},
		"another's signature": {webhook(verify.Sign("x", address, event), event, form), verify.ErrSignature},
		"other parameters":    {webhook(right, other, form), verify.ErrSignature},
		"JSON without digest": {webhook(right, event, "application/json"), verify.ErrSignature},
		"no type": {webhook(verify.Sign(token, address, url.Values{"a": {"b"}}), url.Values{"a": {"b"}}, form),
			verify.ErrMalformed},
	} {
		if _, err := v.Verify(c.r); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := (&verify.Verifier{URL: address}).Verify(webhook(verify.Sign("", address, event), event, form)); err == nil {
		t.Error("a verifier without an auth token takes anything")
	}
}
