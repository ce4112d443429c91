package authyapi_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/authywire"
	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// started is the answer to the start of a phone verification.
type started struct {
	Carrier         string  `json:"carrier"`
	IsCellphone     bool    `json:"is_cellphone"`
	IsPorted        bool    `json:"is_ported"`
	Message         string  `json:"message"`
	SecondsToExpire int     `json:"seconds_to_expire"`
	UUID            *string `json:"uuid"`
	SMSID           string  `json:"sms_id"`
	Success         bool    `json:"success"`
}

func (s *service) start(t *testing.T, number, country string, more ...string) started {
	t.Helper()
	form := url.Values{"phone_number": {number}, "country_code": {country}}
	for i := 0; i < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	a := s.post(t, "/protected/json/phones/verification/start", form)
	var answered started
	must(t, json.Unmarshal([]byte(a.body), &answered))
	if a.status != 200 || !answered.Success {
		t.Fatalf("got %s", a)
	}
	return answered
}

func verification(call string, parameters ...string) string {
	query := url.Values{}
	for i := 0; i < len(parameters); i += 2 {
		query.Set(parameters[i], parameters[i+1])
	}
	return "/protected/json/phones/verification/" + call + "?" + query.Encode()
}

func TestPhoneVerification(t *testing.T) {
	t.Parallel()
	s := newService(t)
	first := s.start(t, "775-461-5609", "1", "via", "sms")
	if first.Message != "Text message sent to +1 775-461-5609." || first.SecondsToExpire != 599 || first.UUID == nil ||
		len(*first.UUID) != 36 || first.Carrier == "" || first.SMSID != "" {
		t.Errorf("got %+v", first)
	}
	code := s.inbox(t, "+17754615609").Code
	if len(code) != 4 {
		t.Errorf("the code is %q", code)
	}
	call := s.start(t, "(775) 461 5609", "+1", "via", "call", "locale", "es")
	if call.Message != "Llamada a +1 (775) 461 5609 fue iniciada." || *call.UUID != *first.UUID || s.inbox(t, "+17754615609").Code != code {
		t.Errorf("within its life: %+v", call)
	}
	byPhone := []string{"phone_number", "775-461-5609", "country_code", "1"}
	s.get(t, verification("status", byPhone...)).mustBe(t, 200,
		`{"message":"Phone Verification status.","status":"pending","seconds_to_expire":599,"success":true}`)
	s.get(t, verification("check", append(byPhone, "verification_code", "x"+code)...)).mustRefuse(t, 401, "60022",
		"Verification code is incorrect")
	// npm authy sends the parameters of a GET in a form body.
	body := url.Values{"phone_number": {"7754615609"}, "country_code": {"1"}, "verification_code": {code}}.Encode()
	check := "/protected/json/phones/verification/check"
	s.call(t, "GET", check, formType, body).mustBe(t, 200, `{"message":"Verification code is correct.","success":true}`)
	s.call(t, "GET", check, formType, body).mustRefuse(t, 404, "60023", "No pending verifications for +1 7754615609 found.")
	s.get(t, verification("status", "uuid", *first.UUID)).mustBe(t, 200,
		`{"message":"Phone Verification status.","status":"verified","seconds_to_expire":0,"success":true}`)

	again := s.start(t, "775-461-5609", "1")
	if *again.UUID == *first.UUID {
		t.Error("a verification that has ended starts again")
	}
	s.clock.Advance(10 * time.Minute)
	s.get(t, verification("status", "uuid", *again.UUID)).mustBe(t, 200,
		`{"message":"Phone Verification status.","status":"expired","seconds_to_expire":0,"success":true}`)
	s.get(t, verification("check", append(byPhone, "verification_code", "0000")...)).mustRefuse(t, 404, "60023",
		"No pending verifications for +1 775-461-5609 found.")
}

func TestPhoneVerificationAsChosen(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.start(t, "7754615609", "1", "code_length", "10")
	if code := s.inbox(t, "+17754615609").Code; len(code) != 10 {
		t.Errorf("the code is %q", code)
	}
	custom := url.Values{"phone_number": {"7754615608"}, "country_code": {"1"}, "custom_code": {"12345"}}
	s.post(t, "/protected/json/phones/verification/start", custom).mustRefuse(t, 403, "60021",
		"Phone verification couldn't be created: custom codes are not allowed.")
	custom = url.Values{"phone_number": {"7754615608"}, "country_code": {"1"}, "custom_message": {"Hello"}}
	s.post(t, "/protected/json/phones/verification/start", custom).mustRefuse(t, 403, "60091",
		"Phone verification couldn't be created: custom messages are not allowed.")
	yes := true
	s.change(t, onetouch.ApplicationSettings{CustomCodesEnabled: &yes})
	chosen := s.start(t, "7754615608", "1", "custom_code", "12345", "custom_message", "Hello, {{code}}!", "code_length", "6")
	m := s.inbox(t, "+17754615608")
	if m.Code != "12345" || m.Body != "Hello, 12345!" || chosen.SMSID != authywire.MessageSID(m) || !strings.HasPrefix(chosen.SMSID, "SM") {
		t.Errorf("got %+v and %+v", chosen, m)
	}
}

func TestWrongPhones(t *testing.T) {
	t.Parallel()
	s := newService(t)
	const p = "Invalid parameter: "
	for _, c := range []struct{ parameters, code, message string }{
		{"phone_number=7754615609", "60004", p + "country_code - Parameter is required"},
		{"country_code=1", "60004", p + "phone_number - Parameter is required"},
		{"phone_number=123&country_code=1", "60033", "Phone number is invalid"},
		{"phone_number=555-9302&country_code=54", "60033", "Phone number is invalid"},
		{"phone_number=abc-1234&country_code=1", "60033", "Phone number is invalid"},
		{"phone_number=7754615609&country_code=us", "60033", "Phone number is invalid"},
	} {
		for _, call := range []struct{ method, path string }{
			{"POST", "verification/start"}, {"GET", "verification/check"}, {"GET", "verification/status"}, {"GET", "info"},
		} {
			path := "/protected/json/phones/" + call.path + "?verification_code=1&" + c.parameters
			s.call(t, call.method, path, "", "").mustRefuse(t, 400, c.code, c.message)
		}
	}
	const start = "/protected/json/phones/verification/start?phone_number=7754615609&country_code=1&"
	for _, c := range []struct{ parameters, code, says string }{
		{"via=pigeon", "60042", "via - must be sms or call"}, {"locale=klingon", "60042", "locale - must be one of"},
		{"code_length=3", "60042", "code_length - must be from 4 to 10"}, {"code_length=11", "60042", "code_length"},
		{"code_length=four", "60042", "code_length - must be a whole number"}, {"custom_code=abcd", "60042", "custom_code"},
		{"custom_code=123", "60042", "custom_code"}, {"via[]=sms", "60042", "via - must be a text"},
		{"locale[a]=es", "60042", "locale - must be a text"},
	} {
		a := s.call(t, "POST", start+c.parameters, "", "")
		if r := refusalOf(t, a); a.status != 400 || r.ErrorCode != c.code || !strings.Contains(r.Message, p+c.says) {
			t.Errorf("%s: %s", c.parameters, a)
		}
	}
	s.get(t, verification("check", "phone_number", "7754615609", "country_code", "1")).mustRefuse(t, 400, "60004",
		p+"verification_code - Parameter is required")
	messages, err := s.Messages(t.Context(), onetouch.MessageFilter{})
	must(t, err)
	if len(messages) != 0 {
		t.Errorf("a refusal sent %+v", messages)
	}
}

// Wrong codes end a verification.
func TestGuessing(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.start(t, "7754615609", "1")
	guess := verification("check", "phone_number", "7754615609", "country_code", "1", "verification_code", "none")
	for range 5 {
		s.get(t, guess).mustRefuse(t, 401, "60022", "Verification code is incorrect")
	}
	s.get(t, guess).mustRefuse(t, 429, "60003", "DoS protection: User has tried too many codes for this verification.")
}

func TestPhoneInfo(t *testing.T) {
	t.Parallel()
	s := newService(t)
	seen := map[string]bool{}
	for i := range 30 {
		path := fmt.Sprintf("/protected/json/phones/info?phone_number=30555500%02d&country_code=1&user_ip=10.0.0.1", i)
		var info struct {
			Message, Type, Provider string
			Ported, Success         bool
		}
		a := s.get(t, path)
		must(t, json.Unmarshal([]byte(a.body), &info))
		if info.Message != "Phone number information as of 2017-02-10 12:00:00 UTC" || info.Provider == "" || !info.Success {
			t.Errorf("got %s", a)
		}
		if again := s.get(t, path); again.body != a.body {
			t.Errorf("got %s, then %s", a, again)
		}
		seen[info.Type] = true
	}
	if !seen["cellphone"] || !seen["landline"] || !seen["voip"] {
		t.Errorf("types are %v", seen)
	}
}

// The old sandbox, as its clients' suites knew it.
func TestSandbox(t *testing.T) {
	t.Parallel()
	s := newService(t)
	app, err := s.CreateApplication(t.Context(), onetouch.SandboxSettings())
	must(t, err)
	for _, key := range []string{"bf12974d70818a08199d17d5e2bae630", "0cd08abec2e9b9641e40e9470a7fc336"} {
		s.app.APIKey = key
		s.get(t, "/protected/json/app/details").mustBe(t, 200, fmt.Sprintf(`{"app":{"app_id":%d,"name":"Sandbox App 1",`+
			`"plan":"sandbox","sms_enabled":true,"phone_calls_enabled":true,"onetouch_enabled":true},`+
			`"message":"Application information.","success":true}`, app.SerialID))
		s.get(t, "/protected/json/verify/0000000/51").mustHave(t, 200)
		s.get(t, "/protected/json/verify/0000000/51?force=true").mustHave(t, 200)
		s.get(t, "/protected/json/verify/1111111/51").mustBe(t, 401, invalidToken)
	}
	start := s.post(t, "/protected/json/phones/verification/start", url.Values{
		"phone_number": {"111-111-1111"}, "country_code": {"1"}, "via": {"sms"}, "code_length": {"6"}, "custom_code": {"12345"},
	})
	if !strings.HasPrefix(start.body, `{"carrier":"Google Voice","is_cellphone":false,"is_ported":false,`+
		`"message":"Text message sent to +1 111-111-1111.","seconds_to_expire":0,"uuid":null,"sms_id":"SM`) {
		t.Errorf("got %s", start)
	}
	s.get(t, verification("check", "phone_number", "305-456-2345", "country_code", "1", "verification_code", "0000")).mustBe(t, 200,
		`{"message":"Verification code is correct.","success":true}`)
	s.get(t, "/protected/json/phones/info?phone_number=305-456-2345&country_code=1").mustBe(t, 200,
		`{"message":"Phone number information as of 2017-02-10 12:00:00 UTC","type":"landline","provider":"Google Voice",`+
			`"ported":false,"success":true}`)
	const unknown = "/onetouch/json/approval_requests/550e8400-e29b-41d4-a716-446655440000"
	s.get(t, unknown).mustHave(t, 404)
	yes := true
	_, err = s.UpdateApplication(t.Context(), app.ID, onetouch.ApplicationSettings{UnknownRequestsPending: &yes})
	must(t, err)
	if a := s.get(t, unknown); a.status != 200 || !strings.Contains(a.body, `"status":"pending"`) {
		t.Errorf("got %s", a)
	}
}

func TestStartedTextsByLanguage(t *testing.T) {
	t.Parallel()
	s := newService(t)
	for locale, want := range map[string][2]string{
		"":      {"Text message sent to +54 317-338-9302.", "Call to +54 317-338-9302 initiated."},
		"es":    {"Mensaje de texto enviado a +54 317-338-9302.", "Llamada a +54 317-338-9302 fue iniciada."},
		"fr":    {"SMS envoyé au +54 317-338-9302.", "Appel vers le +54 317-338-9302 lancé."},
		"de":    {"SMS an +54 317-338-9302 gesendet.", "Anruf an +54 317-338-9302 gestartet."},
		"pt-BR": {"Mensagem de texto enviada para +54 317-338-9302.", "Chamada para +54 317-338-9302 iniciada."},
		"it":    {"SMS inviato a +54 317-338-9302.", "Chiamata a +54 317-338-9302 avviata."},
		"nl":    {"Sms verzonden naar +54 317-338-9302.", "Oproep naar +54 317-338-9302 gestart."},
		"ja":    {"+54 317-338-9302 に SMS を送信しました。", "+54 317-338-9302 への通話を開始しました。"},
		"zh-HK": {"Text message sent to +54 317-338-9302.", "Call to +54 317-338-9302 initiated."},
	} {
		for i, via := range []string{"sms", "call"} {
			if got := s.start(t, "317-338-9302", "54", "via", via, "locale", locale).Message; got != want[i] {
				t.Errorf("%s by %s: %q, want %q", locale, via, got, want[i])
			}
		}
	}
}
