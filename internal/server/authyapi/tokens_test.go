package authyapi_test

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// change applies settings to the application of the key.
func (s *service) change(t testing.TB, settings onetouch.ApplicationSettings) {
	t.Helper()
	app, err := s.UpdateApplication(t.Context(), s.app.ID, settings)
	must(t, err)
	s.app = app
}

// inbox is the newest message to the recipient.
func (s *service) inbox(t testing.TB, to string) onetouch.Message {
	t.Helper()
	messages, err := s.Messages(t.Context(), onetouch.MessageFilter{To: to, Limit: 1})
	must(t, err)
	if len(messages) == 0 {
		t.Fatalf("nothing was sent to %s", to)
	}
	return messages[0]
}

// validToken is the answer for a token that came from no device.
func validToken(since time.Time, kind string) string {
	return fmt.Sprintf(`{"message":"Token is valid.","token":"is valid","success":"true","device":{"id":null,"os_type":"%s",`+
		`"registration_date":%d,"registration_method":null,"registration_country":null,"registration_region":null,`+
		`"registration_city":null,"registration_ip":null,"country":null,"region":null,"city":null,"ip":null,`+
		`"last_account_recovery_at":null,"last_sync_date":null}}`, kind, since.Unix())
}

const (
	invalidToken = `{"message":"Token is invalid","token":"is invalid","success":false,` +
		`"errors":{"message":"Token is invalid"},"error_code":"60020"}`
	reusedToken = `{"message":"Token is invalid. Token was used recently.","token":"is invalid","success":false,` +
		`"errors":{"message":"Token is invalid. Token was used recently."},"error_code":"60019"}`
)

// What a client does next depends on what it did before: a code is sent, valid, and used up.
func TestSentTokens(t *testing.T) {
	t.Parallel()
	s := newService(t)
	id := s.addUser(t)
	verify := func(token string) answer {
		return s.get(t, fmt.Sprintf("/protected/json/verify/%s/%d?force=true", token, id))
	}
	verify("0000000").mustBe(t, 401, invalidToken)
	verify("000000").mustBe(t, 401, invalidToken)

	for _, sending := range []struct{ method, path, to, want string }{
		{"GET", "/protected/json/sms/%d", "+13055551118", `{"success":true,"message":"SMS token was sent","cellphone":"+1-XXX-XXX-XX18"}`},
		{"GET", "/protected/json/call/%d", "+13055551118", `{"success":true,"message":"Call started...","cellphone":"+1-XXX-XXX-XX18"}`},
		{"POST", "/protected/json/email/%d", "ada@example.com", ""},
	} {
		a := s.call(t, sending.method, fmt.Sprintf(sending.path, id), "", "")
		if sending.want != "" {
			a.mustBe(t, 200, sending.want)
		} else if !regexp.MustCompile(`^\{"success":true,"message":"Email token was sent","email":"ada@example\.com",`+
			`"email_id":"EM[0-9a-f]{32}"\}$`).MatchString(a.body) || a.status != 200 {
			t.Errorf("got %s", a)
		}
		code := s.inbox(t, sending.to).Code
		if len(code) != 7 {
			t.Errorf("the code is %q", code)
		}
		verify(code).mustBe(t, 200, validToken(noon(), "sms"))
		verify(code).mustBe(t, 401, reusedToken)
	}
	s.get(t, fmt.Sprintf("/protected/json/sms/%d", id))
	s.clock.Advance(10 * time.Minute)
	verify(s.inbox(t, "+13055551118").Code).mustBe(t, 401, invalidToken)
}

func TestTokensInXML(t *testing.T) {
	t.Parallel()
	s := newService(t)
	id := s.addUser(t)
	s.get(t, fmt.Sprintf("/protected/xml/sms/%d", id)).mustBe(t, 200, xmlProlog+
		`<hash><success type="boolean">true</success><message>SMS token was sent</message><cellphone>+1-XXX-XXX-XX18</cellphone></hash>`)
	path := fmt.Sprintf("/protected/xml/verify/%s/%d?force=true", s.inbox(t, "3055551118").Code, id)
	a := s.get(t, path)
	if a.status != 200 || !strings.HasPrefix(a.body, xmlProlog+`<hash><message>Token is valid.</message><token>is valid</token>`+
		`<success>true</success><device><id nil="true"/><os-type>sms</os-type><registration-date type="integer">`) {
		t.Errorf("got %s", a)
	}
	s.get(t, path).mustBe(t, 401, xmlProlog+`<errors><message>Token is invalid. Token was used recently.</message>`+
		`<token>is invalid</token><success type="boolean">false</success>`+
		`<errors><message>Token is invalid. Token was used recently.</message></errors><error-code>60019</error-code></errors>`)
}

// The app's own tokens have 7 digits and steps of 10 seconds, those of an authenticator app 6 digits and 30 seconds.
func TestTokensOfApps(t *testing.T) {
	t.Parallel()
	s := newService(t)
	id := s.addUser(t)
	phone := s.addPhone(t, id, "ios")
	verify := func(token string) answer { return s.get(t, fmt.Sprintf("/protected/json/verify/%s/%d", token, id)) }
	code := onetouch.OneTimeCode(phone.TOTPSecret, 7, 10*time.Second, noon())
	verify(code).mustBe(t, 200, fmt.Sprintf(`{"message":"Token is valid.","token":"is valid","success":"true","device":{"id":%d,`+
		`"os_type":"ios","registration_date":%d,"registration_method":"push","registration_country":null,`+
		`"registration_region":null,"registration_city":null,"registration_ip":null,"country":null,"region":null,"city":null,`+
		`"ip":null,"last_account_recovery_at":null,"last_sync_date":%[2]d}}`, phone.ID, noon().Unix()))
	verify(code).mustBe(t, 401, reusedToken)

	p, err := s.ProvisionAuthenticator(t.Context(), s.app, id, "")
	must(t, err)
	code = onetouch.OneTimeCode(p.Secret, 6, 30*time.Second, noon())
	verify(code).mustBe(t, 200, validToken(noon(), "unknown"))
	verify(code).mustBe(t, 401, reusedToken)
	verify(onetouch.OneTimeCode(p.Secret, 6, 30*time.Second, noon().Add(2*time.Minute))).mustBe(t, 401, invalidToken)
}

// Texts and calls are not needed for those who have the app.
func TestIgnoredTokens(t *testing.T) {
	t.Parallel()
	s := newService(t)
	id := s.addUser(t)
	s.addPhone(t, id, "android")
	for channel, message := range map[string]string{
		"sms": "Ignored: SMS is not needed for smartphones. Pass force=true if you want to actually send it anyway.",
		"call": "Call ignored. User is using  App Tokens and this call is not necessary. Pass force=true if you still want to " +
			"call users that are using the App.",
	} {
		path := fmt.Sprintf("/protected/json/%s/%d", channel, id)
		for _, force := range []string{"", "?force=false", "?force=0", "?force="} {
			s.get(t, path+force).mustBe(t, 200, `{"message":"`+message+
				`","cellphone":"+1-XXX-XXX-XX18","device":"android","ignored":true,"success":true}`)
		}
		for _, force := range []string{"true", "True", "1"} {
			if a := s.get(t, path+"?force="+force); a.status != 200 || strings.Contains(a.body, "ignored") {
				t.Errorf("forced by %s: %s", force, a)
			}
		}
	}
	if a := s.post(t, fmt.Sprintf("/protected/json/email/%d", id), nil); a.status != 200 || strings.Contains(a.body, "ignored") {
		t.Errorf("got %s", a)
	}
}

func TestTextsAreWordedAsAsked(t *testing.T) {
	t.Parallel()
	s := newService(t)
	id := s.addUser(t)
	path := fmt.Sprintf("/protected/json/sms/%d", id)
	s.get(t, path+"?locale=es&action_message="+url.QueryEscape("iniciar sesión"))
	if m := s.inbox(t, "+13055551118"); m.Body != "Tu token de Acme Bank para iniciar sesión es: "+m.Code {
		t.Errorf("got %q", m.Body)
	}
	for _, parameter := range []string{"action", "action_message"} {
		s.get(t, path+"?"+parameter+"="+strings.Repeat("a", 256)).mustRefuse(t, 400, "60004",
			"Invalid parameter: "+parameter+" - has 256 characters, at most 255 are allowed")
	}
}

// A user who never confirmed is let through, unless the backend or the application wants a check.
func TestUnconfirmedUsers(t *testing.T) {
	t.Parallel()
	s := newService(t)
	id := s.addUser(t)
	path := fmt.Sprintf("/protected/json/verify/1234567/%d", id)
	s.get(t, path).mustBe(t, 200, validToken(noon(), "sms"))
	s.get(t, path+"?force=true").mustBe(t, 401, invalidToken)
	no := false
	s.change(t, onetouch.ApplicationSettings{VerifyUnconfirmed: &no})
	s.get(t, path).mustBe(t, 401, invalidToken)
	if status := s.get(t, fmt.Sprintf("/protected/json/users/%d/status", id)); !strings.Contains(status.body, `"confirmed":false`) {
		t.Errorf("got %s", status)
	}
}

func TestVerifyForNobody(t *testing.T) {
	t.Parallel()
	s := newService(t)
	for _, id := range []string{"0", "999", "tony", "-1"} {
		s.get(t, "/protected/json/verify/000000/"+id).mustBe(t, 404, `{"message":"User doesn't exist","success":false,`+
			`"errors":{"message":"User doesn't exist"},"error_code":"60016"}`)
	}
}

func TestSuspendedUsers(t *testing.T) {
	t.Parallel()
	s := newService(t)
	id := s.addUser(t)
	activity := fmt.Sprintf("/protected/json/users/%d/register_activity", id)
	s.call(t, "POST", activity, jsonType, `{"type":"banned","data":{"reason":"fraud"},"user_ip":"10.0.0.1"}`).mustBe(t, 200,
		`{"message":"Activity was created.","success":true}`)
	status := fmt.Sprintf("/protected/json/users/%d/status", id)
	if a := s.get(t, status); !strings.Contains(a.body, `"account_disabled":true`) {
		t.Errorf("got %s", a)
	}
	for _, c := range []struct{ method, path string }{
		{"GET", "/protected/json/verify/1234567/%d"}, {"GET", "/protected/json/sms/%d"}, {"GET", "/protected/json/call/%d"},
		{"POST", "/protected/json/email/%d"}, {"POST", "/onetouch/json/users/%d/approval_requests?message=m"},
		{"POST", "/protected/json/users/%d/secret"},
	} {
		s.call(t, c.method, fmt.Sprintf(c.path, id), "", "").mustRefuse(t, 503, "60017", "User has been suspended.")
	}
	s.post(t, activity, url.Values{"type": {"unbanned"}, "ip": {"10.0.0.2"}}).mustBe(t, 200,
		`{"message":"Activity was created.","success":true}`)
	if a := s.get(t, fmt.Sprintf("/protected/json/sms/%d", id)); a.status != 200 {
		t.Errorf("got %s", a)
	}
	activities, err := s.Activities(t.Context(), onetouch.ActivityFilter{AuthyID: id})
	must(t, err)
	if len(activities) != 2 || activities[0].UserIP != "10.0.0.2" || activities[1].UserIP != "10.0.0.1" ||
		activities[1].Data.Map()["reason"] != "fraud" {
		t.Errorf("activities are %+v", activities)
	}
	s.post(t, activity, url.Values{"type": {"promoted"}}).mustRefuse(t, 400, "60004",
		"Invalid parameter: type - must be one of password_reset, banned, unbanned, cookie_login")
}

func TestWhatIsSwitchedOff(t *testing.T) {
	t.Parallel()
	s := newService(t)
	no := false
	s.change(t, onetouch.ApplicationSettings{SMSEnabled: &no, CallsEnabled: &no})
	id := s.addUser(t)
	for _, force := range []string{"", "?force=true"} {
		s.get(t, fmt.Sprintf("/protected/json/sms/%d%s", id, force)).mustRefuse(t, 403, "60007", "SMS is not enabled")
		s.get(t, fmt.Sprintf("/protected/json/call/%d%s", id, force)).mustRefuse(t, 403, "60006",
			"Phone calls are not enabled on this account")
	}
}

// Limits answer 429, and leave the rest of the application alone.
func TestLimits(t *testing.T) {
	t.Parallel()
	s := newService(t)
	two := 2
	s.change(t, onetouch.ApplicationSettings{LimitSettings: onetouch.LimitSettings{TokensPerHour: &two, FailuresPerHour: &two}})
	id := s.addUser(t)
	for range 2 {
		s.get(t, fmt.Sprintf("/protected/json/sms/%d", id))
		s.get(t, fmt.Sprintf("/protected/json/verify/000000/%d?force=true", id))
	}
	s.get(t, fmt.Sprintf("/protected/json/sms/%d", id)).mustRefuse(t, 429, "60003",
		"DoS protection: User has requested too many tokens in the last hour.")
	s.get(t, fmt.Sprintf("/protected/json/verify/000000/%d?force=true", id)).mustRefuse(t, 429, "60003",
		"DoS protection: User has tried too many tokens in the last hour.")
	other, err := s.AddUser(t.Context(), s.app.ID, onetouch.NewUser{Email: "a@b.co", Cellphone: "3055550000"})
	must(t, err)
	if a := s.get(t, fmt.Sprintf("/protected/json/sms/%d", other.AuthyID)); a.status != 200 {
		t.Errorf("got %s", a)
	}
	s.clock.Advance(time.Hour + time.Second)
	if a := s.get(t, fmt.Sprintf("/protected/json/sms/%d", id)); a.status != 200 {
		t.Errorf("an hour later: %s", a)
	}
	s.clock.Advance(time.Minute)
	s.change(t, onetouch.ApplicationSettings{LimitSettings: onetouch.LimitSettings{APICallsPerMinute: &two}})
	for range 2 {
		s.get(t, "/protected/json/app/details").mustHave(t, 200)
	}
	s.get(t, "/protected/json/app/details").mustRefuse(t, 429, "60003",
		"DoS protection: Application has made too many API calls in the last minute.")
	s.clock.Advance(time.Minute)
	s.get(t, "/protected/json/app/details").mustHave(t, 200)
}

func (a answer) mustHave(t testing.TB, status int) {
	t.Helper()
	if a.status != status {
		t.Errorf("got %s, want %d", a, status)
	}
}

// What a client makes of a null is absent in every call that takes no text there.
func TestNullAsAText(t *testing.T) {
	t.Parallel()
	s := newService(t)
	id := decimal(s.addUser(t))
	for _, target := range []string{
		"GET /protected/json/sms/" + id + "?force=null", "GET /protected/json/call/" + id + "?force=null",
		"POST /protected/json/users/" + id + "/secret?qr_size=null",
		"POST /protected/json/phones/verification/start?phone_number=7754615609&country_code=1&code_length=null",
		"POST /onetouch/json/users/" + id + "/approval_requests?message=null&details=null&hidden_details=null&logos=null" +
			"&seconds_to_expire=null",
	} {
		method, path, _ := strings.Cut(target, " ")
		if a := s.call(t, method, path, "", ""); a.status != 200 {
			t.Errorf("%s: %s", target, a)
		}
	}
	if r := s.record(t, uuidOf(t, s.post(t, "/onetouch/json/users/"+id+"/approval_requests", url.Values{
		"message": {"null"}, "details[To]": {"null"},
	}))).Request; r.Message != "null" || r.Details.Get("To") != "null" {
		t.Errorf("the word is lost: %+v", r)
	}
}
