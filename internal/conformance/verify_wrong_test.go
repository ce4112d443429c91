package conformance_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	verify "github.com/twilio/twilio-go/rest/verify/v2"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/verifywire"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// failure is a refusal as the Verify API answers it.
type failure struct {
	Code     int    `json:"code"`
	Message  string `json:"message"`
	MoreInfo string `json:"more_info"`
	Status   int    `json:"status"`
}

// raw calls the Verify API as whoever has the credentials.
func (s *stage) raw(t *testing.T, method, path, user, password string, form url.Values) (int, failure) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, s.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.SetBasicAuth(user, password)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	var body bytes.Buffer
	if _, err := body.ReadFrom(answer.Body); err != nil {
		t.Fatal(err)
	}
	var f failure
	if err := json.Unmarshal(body.Bytes(), &f); err != nil {
		t.Fatalf("%s %s: %d %s", method, path, answer.StatusCode, body.String())
	}
	return answer.StatusCode, f
}

//nolint:paralleltest,tparallel // the calls are about what those before have left
func TestVerifyRefusals(t *testing.T) {
	t.Parallel()
	s := openStage(t, onetouch.ApplicationSettings{})
	api, account := s.twilio(t), s.account(t)
	vs := verifywire.ServiceSID(s.server.Application().ID)
	key, factor := s.createFactor(t, api, vs, "user-of-acme-1")
	_, unverified := s.createFactor(t, api, vs, "user-of-acme-1")
	otherKey, other := s.createFactor(t, api, vs, "user-of-acme-2")
	for k, f := range map[*evidence.PrivateKey]*verify.VerifyV2NewFactor{key: factor, otherKey: other} {
		if err := verifyFactor(api, k, f); err != nil {
			t.Fatal(err)
		}
	}
	ask := func() string {
		challenge, err := api.CreateChallenge(vs, "user-of-acme-1", new(verify.CreateChallengeParams).SetFactorSid(*factor.Sid).
			SetDetailsMessage("Log in?"))
		if err != nil {
			t.Fatal(err)
		}
		return *challenge.Sid
	}
	sid := ask()
	entity := "/v2/Services/" + vs + "/Entities/user-of-acme-1"
	question := func(change ...string) url.Values {
		form := url.Values{"FactorSid": {*factor.Sid}, "Details.Message": {"Log in?"}}
		for i := 0; i < len(change); i += 2 {
			form.Set(change[i], change[i+1])
		}
		return form
	}
	in := func(d time.Duration) string { return s.clock.Now().Add(d).UTC().Format(time.RFC3339) }
	label := func(n int) string { return `{"label":"` + strings.Repeat("x", n) + `","value":"1"}` }
	for name, c := range map[string]struct {
		method, path string
		form         url.Values
		status, code int
	}{
		"unverified factor":           {"POST", entity + "/Challenges", question("FactorSid", *unverified.Sid), 400, 60200},
		"factor of another entity":    {"POST", entity + "/Challenges", question("FactorSid", *other.Sid), 404, 20404},
		"label over the limit":        {"POST", entity + "/Challenges", question("Details.Fields", label(37)), 400, 60200},
		"expiry beyond an hour":       {"POST", entity + "/Challenges", question("ExpirationDate", in(61*time.Minute)), 400, 60200},
		"expiry that is over":         {"POST", entity + "/Challenges", question("ExpirationDate", in(-time.Minute)), 400, 60200},
		"no date":                     {"POST", entity + "/Challenges", question("ExpirationDate", "tomorrow"), 400, 60200},
		"fields that are no JSON":     {"POST", entity + "/Challenges", question("Details.Fields", "x"), 400, 60200},
		"unknown parameter":           {"POST", entity + "/Challenges", question("Detail.Message", "x"), 400, 60200},
		"message missing":             {"POST", entity + "/Challenges", question("Details.Message", ""), 400, 60200},
		"challenge of another":        {"GET", "/v2/Services/" + vs + "/Entities/user-of-acme-2/Challenges/" + sid, nil, 404, 20404},
		"token of no list":            {"GET", entity + "/Challenges?PageToken=PTabc", nil, 400, 60200},
		"short identity":              {"POST", "/v2/Services/" + vs + "/Entities", url.Values{"Identity": {"short"}}, 400, 60200},
		"entity twice":                {"POST", "/v2/Services/" + vs + "/Entities", url.Values{"Identity": {"user-of-acme-1"}}, 409, 20409},
		"unknown service":             {"GET", "/v2/Services/VA" + strings.Repeat("0", 32), nil, 404, 20404},
		"service of Authy's spelling": {"GET", "/v2/Services/" + s.server.Application().ID, nil, 404, 20404},
		"first service deleted":       {"DELETE", "/v2/Services/" + vs, nil, 409, 20409},
		"wrong method":                {"PUT", entity, nil, 405, 20004},
		"unknown path":                {"GET", "/v2/Nothing", nil, 404, 20404},
		"token without a life":        {"POST", "/v2/Services/" + vs + "/AccessTokens", url.Values{"Identity": {"user-of-acme-1"}, "FactorType": {"push"}, "Ttl": {"0"}}, 400, 60200},
		"long-lived notification":     {"POST", entity + "/Challenges/" + sid + "/Notifications", url.Values{"Ttl": {"301"}}, 400, 60200},
		"short-lived token":           {"POST", "/v2/Services/" + vs + "/AccessTokens", url.Values{"Identity": {"user-of-acme-1"}, "FactorType": {"push"}, "Ttl": {"59"}}, 400, 60200},
		"unknown event":               {"POST", "/v2/Services/" + vs + "/Webhooks", url.Values{"FriendlyName": {"x"}, "WebhookUrl": {"http://127.0.0.1/"}, "EventTypes": {"x"}}, 400, 60200},
	} {
		t.Run(name, func(t *testing.T) {
			status, f := s.raw(t, c.method, c.path, account.SID, account.AuthToken, c.form)
			if status != c.status || f.Code != c.code || f.Status != c.status || f.Message == "" || f.MoreInfo == "" {
				t.Errorf("got %d %+v, want %d with %d", status, f, c.status, c.code)
			}
		})
	}
	for name, credentials := range map[string][2]string{
		"wrong account": {"AC" + strings.Repeat("f", 32), account.AuthToken}, "wrong auth token": {account.SID, "x"},
		"nobody": {"", ""}, "an API key": {"SK" + strings.Repeat("f", 32), account.AuthToken}, "an access token elsewhere": {"token", "x.y.z"},
	} {
		if status, f := s.raw(t, http.MethodGet, entity+"/Challenges", credentials[0], credentials[1], nil); status != 401 || f.Code != 20003 {
			t.Errorf("%s: got %d %+v", name, status, f)
		}
	}

	// What a device sends.
	phone := &factorPhone{stage: s, key: key, factor: factor, account: account}
	stranger := &factorPhone{stage: s, key: otherKey, factor: other, account: account}
	forger := &factorPhone{stage: s, key: otherKey, factor: factor, account: account}
	//nolint:bodyclose // call has closed it
	if answer, _ := stranger.call(t, http.MethodGet, "/Challenges/"+sid, nil); answer.StatusCode != http.StatusNotFound {
		t.Errorf("another's phone sees the challenge: %d", answer.StatusCode)
	}
	//nolint:bodyclose // call has closed it
	if answer, body := forger.call(t, http.MethodGet, "/Challenges/"+sid, nil); answer.StatusCode != http.StatusUnauthorized {
		t.Errorf("another key passes: %d %s", answer.StatusCode, body)
	}
	if status, body := phone.answer(t, sid, "approved", map[string]any{"details": "another"}); status != 403 {
		t.Errorf("other details are signed: %d %s", status, body)
	}
	if status, body := phone.answer(t, sid, "pending", nil); status != 400 {
		t.Errorf("no answer is taken for one: %d %s", status, body)
	}
	if status, body := phone.answer(t, sid, "approved", map[string]any{"sid": ask()}); status != 403 {
		t.Errorf("an answer to another challenge counts: %d %s", status, body)
	}
	if status, body := phone.answer(t, sid, "approved", nil); status != 200 {
		t.Errorf("the right answer: %d %s", status, body)
	}
	if status, body := phone.answer(t, sid, "approved", nil); status != 409 {
		t.Errorf("a replayed answer: %d %s", status, body)
	}
	late := ask()
	s.clock.Advance(5 * time.Minute)
	if status, body := phone.answer(t, late, "approved", nil); status != 409 {
		t.Errorf("an answer that is late: %d %s", status, body)
	}

	// Tokens.
	token, err := api.CreateAccessToken(vs, new(verify.CreateAccessTokenParams).SetIdentity("user-of-acme-3").SetFactorType("push"))
	if err != nil {
		t.Fatal(err)
	}
	factors := func(identity string) int {
		status, f := s.raw(t, http.MethodPost, "/v2/Services/"+vs+"/Entities/"+identity+"/Factors", "token", *token.Token, url.Values{})
		if status != f.Status {
			t.Errorf("%d %+v", status, f)
		}
		return status
	}
	if got := factors("user-of-acme-3"); got != 400 {
		t.Errorf("the token's own entity: %d", got)
	}
	if got := factors("user-of-acme-1"); got != 401 {
		t.Errorf("another entity: %d", got)
	}
	s.clock.Advance(time.Minute)
	if got := factors("user-of-acme-3"); got != 401 {
		t.Errorf("an expired token: %d", got)
	}
}

// A page token is good for the list that gave it alone; pages lead forth and back.
func TestVerifyPages(t *testing.T) {
	t.Parallel()
	s := openStage(t, onetouch.ApplicationSettings{})
	api, account := s.twilio(t), s.account(t)
	vs := verifywire.ServiceSID(s.server.Application().ID)
	for _, identity := range []string{"identity-1", "identity-2", "identity-3", "identity-4", "identity-5"} {
		if _, err := api.CreateEntity(vs, new(verify.CreateEntityParams).SetIdentity(identity)); err != nil {
			t.Fatal(err)
		}
	}
	read := func(target string) (page struct {
		Entities []struct{ Identity string }
		Meta     struct {
			Next     string `json:"next_page_url"`
			Previous string `json:"previous_page_url"`
			Key      string
		}
	}, status int) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.SetBasicAuth(account.SID, account.AuthToken)
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = answer.Body.Close() }()
		if err := json.NewDecoder(answer.Body).Decode(&page); err != nil {
			t.Fatal(err)
		}
		return page, answer.StatusCode
	}
	first, _ := read(s.url + "/v2/Services/" + vs + "/Entities?PageSize=2")
	second, _ := read(first.Meta.Next)
	third, _ := read(second.Meta.Next)
	back, _ := read(third.Meta.Previous)
	start, _ := read(back.Meta.Previous)
	if len(third.Entities) != 1 || third.Meta.Next != "" || first.Meta.Previous != "" || first.Meta.Key != "entities" {
		t.Errorf("the pages are %+v, %+v, %+v", first, second, third)
	}
	if back.Entities[0] != second.Entities[0] || start.Entities[0] != first.Entities[0] || start.Meta.Previous != "" {
		t.Errorf("back are %+v and %+v", back, start)
	}
	other := strings.Replace(first.Meta.Next, "/Entities?", "/Webhooks?", 1)
	if _, status := read(other); status != http.StatusBadRequest {
		t.Errorf("the token of another list gets %d", status)
	}
}
