package authyapi_test

import (
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/details"
)

func TestCreateApprovalRequest(t *testing.T) {
	t.Parallel()
	s := newService(t)
	path := fmt.Sprintf("/onetouch/json/users/%d/approval_requests", s.addUser(t))
	a := s.post(t, path, url.Values{"message": {"Log in?"}})
	uuid := uuidOf(t, a)
	a.mustBe(t, 200, `{"approval_request":{"uuid":"`+uuid+`"},"success":true}`)
	r := s.record(t, uuid).Request
	if r.Message != "Log in?" || r.SecondsToExpire != 86400 || !r.ExpiresAt.Equal(noon().Add(24*time.Hour)) || r.Status != onetouch.StatusPending {
		t.Errorf("it is %+v", r)
	}
	xml := s.post(t, strings.Replace(path, "json", "xml", 1), url.Values{"message": {"Log in?"}})
	if xml.status != 200 || !strings.HasPrefix(xml.body, xmlProlog+"<hash><approval-request><uuid>") ||
		!strings.HasSuffix(xml.body, `</uuid></approval-request><success type="boolean">true</success></hash>`) {
		t.Errorf("got %s", xml)
	}
}

// What each client puts on the wire for one and the same call.
func TestCreateApprovalRequestAsClientsDo(t *testing.T) {
	t.Parallel()
	s := newService(t)
	path := fmt.Sprintf("/onetouch/json/users/%d/approval_requests", s.addUser(t))
	key := url.QueryEscape(s.app.APIKey)
	byHeader := func(contentType string) map[string][]string {
		return map[string][]string{"X-Authy-API-Key": {s.app.APIKey}, "Content-Type": {contentType}}
	}
	for name, c := range map[string]struct {
		query, body string
		header      map[string][]string
	}{
		"authy-ruby": {"", "message=Send+%2412%2C400+to+ACME%3F&details%5BTo%5D=ACME&details%5BAccount+Number%5D=981266321" +
			"&hidden_details%5Bip%5D=10.0.0.1&logos%5B%5D%5Bres%5D=default&logos%5B%5D%5Burl%5D=https%3A%2F%2Fx.test%2F1.png" +
			"&logos%5B%5D%5Bres%5D=low&logos%5B%5D%5Burl%5D=https%3A%2F%2Fx.test%2F2.png&seconds_to_expire=120", byHeader(formType)},
		"npm authy": {"?api_key=" + key, "message=Send%20%2412%2C400%20to%20ACME%3F&details[To]=ACME&details[Account%20Number]=981266321" +
			"&hidden_details[ip]=10.0.0.1&logos[0][res]=default&logos[0][url]=https%3A%2F%2Fx.test%2F1.png" +
			"&logos[1][res]=low&logos[1][url]=https%3A%2F%2Fx.test%2F2.png&seconds_to_expire=120",
			map[string][]string{"Content-Type": {formType}}},
		"authy-php": {"?message=Send+%2412%2C400+to+ACME%3F&details%5BTo%5D=ACME&details%5BAccount+Number%5D=981266321" +
			"&hidden_details%5Bip%5D=10.0.0.1&logos%5B0%5D%5Bres%5D=default&logos%5B0%5D%5Burl%5D=https%3A%2F%2Fx.test%2F1.png" +
			"&logos%5B1%5D%5Bres%5D=low&logos%5B1%5D%5Burl%5D=https%3A%2F%2Fx.test%2F2.png&seconds_to_expire=120", "",
			map[string][]string{"X-Authy-API-Key": {s.app.APIKey}}},
		"authy-python": {"", `{"message": "Send $12,400 to ACME?", "details": {"To": "ACME", "Account Number": "981266321"}, ` +
			`"hidden_details": {"ip": "10.0.0.1"}, "logos": [{"res": "default", "url": "https://x.test/1.png"}, ` +
			`{"res": "low", "url": "https://x.test/2.png"}], "seconds_to_expire": 120}`, byHeader(jsonType)},
		"authy-client": {"", `{"details":{"To":"ACME","Account Number":"981266321"},"hidden_details":{"ip":"10.0.0.1"},` +
			`"logos":[{"res":"default","url":"https://x.test/1.png"},{"res":"low","url":"https://x.test/2.png"}],` +
			`"message":"Send $12,400 to ACME?","seconds_to_expire":"120"}`, byHeader(jsonType + "; charset=utf-8")},
		"XML": {"", `<approval_request><message>Send $12,400 to ACME?</message><details><To>ACME</To>` +
			`<Account-Number name="Account Number">981266321</Account-Number></details><hidden_details><ip>10.0.0.1</ip></hidden_details>` +
			`<logos type="array"><logo><res>default</res><url>https://x.test/1.png</url></logo>` +
			`<logo><res>low</res><url>https://x.test/2.png</url></logo></logos>` +
			`<seconds_to_expire type="integer">120</seconds_to_expire></approval_request>`, byHeader(xmlType)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := s.record(t, uuidOf(t, s.do(t, "POST", path+c.query, c.header, strings.NewReader(c.body)))).Request
			want := transfer()
			logos := []onetouch.Logo{{Resolution: "default", URL: "https://x.test/1.png"}, {Resolution: "low", URL: "https://x.test/2.png"}}
			if r.Message != want.Message || !reflect.DeepEqual(r.Details, want.Details) || r.SecondsToExpire != 120 ||
				!reflect.DeepEqual(r.HiddenDetails, want.HiddenDetails) || !reflect.DeepEqual(r.Logos, logos) {
				t.Errorf("it is %+v", r)
			}
		})
	}
}

func TestCreateApprovalRequestWithoutWhatIsOptional(t *testing.T) {
	t.Parallel()
	s := newService(t)
	path := fmt.Sprintf("/onetouch/json/users/%d/approval_requests", s.addUser(t))
	for _, body := range []string{
		`{"message":"m"}`,
		`{"message":"m","details":null,"hidden_details":null,"logos":[],"seconds_to_expire":null}`, // authy-python
		`{"message":"m","details":{},"hidden_details":[],"logos":null,"seconds_to_expire":""}`,
		`{"message":"m","unheard_of":{"a":[1]}}`,
	} {
		r := s.record(t, uuidOf(t, s.call(t, "POST", path, jsonType, body))).Request
		if len(r.Details)+len(r.HiddenDetails)+len(r.Logos) != 0 || r.SecondsToExpire != 86400 {
			t.Errorf("%s: it is %+v", body, r)
		}
	}
	never := s.record(t, uuidOf(t, s.post(t, path, url.Values{"message": {"m"}, "seconds_to_expire": {"0"}}))).Request
	if never.SecondsToExpire != 0 || !never.ExpiresAt.IsZero() {
		t.Errorf("it is %+v", never)
	}
}

func TestCreateApprovalRequestWrong(t *testing.T) {
	t.Parallel()
	s := newService(t)
	path := fmt.Sprintf("/onetouch/json/users/%d/approval_requests", s.addUser(t))
	before := s.lastEvent(t)
	thousand := url.Values{"message": {"m"}}
	for i := range 1000 {
		thousand.Set(fmt.Sprintf("details[d%d]", i), "v")
	}
	const p = "Invalid parameter: "
	for _, c := range []struct{ body, errorCode, message string }{
		{"", "60004", p + "message - Parameter is required"},
		{"message=", "60004", p + "message - Parameter is required"},
		{"message=+%0A", "60004", p + "message - Parameter is required"},
		{"message[a]=b", "60004", p + "message - must be a text"},
		{"message=%ff", "60005", p + "message - is not valid UTF-8"},
		{"message=%", "60004", p + "message - has a wrong percent-encoding in the body, write % as %25"},
		{"message=" + strings.Repeat("m", 10001), "60004", p + "message - has 10001 characters, at most 10000 are allowed"},
		{"message=m&details=City: Bogota", "60004",
			p + `details - must be names with values, such as details[Amount]=12 in a form or {"Amount":"12"} in JSON`},
		{"message=m&details[a][b]=c", "60004", p + "details[a] - must be a text"},
		{"message=m&hidden_details[]=c", "60004",
			p + `hidden_details - must be names with values, such as hidden_details[Amount]=12 in a form or {"Amount":"12"} in JSON`},
		{thousand.Encode(), "60004", p + "details - has 1000 entries, at most 100 are allowed"},
		{"message=m&seconds_to_expire=-1", "60004", p + "seconds_to_expire - must be from 0 (never) to 3153600000 seconds"},
		{"message=m&seconds_to_expire=soon", "60004", p + "seconds_to_expire - must be a whole number"},
		{"message=m&seconds_to_expire=1e99", "60004", p + "seconds_to_expire - must be a whole number"},
		{"message=m&seconds_to_expire=99999999999999999999", "60004", p + "seconds_to_expire - is too far from zero"},
		{"message=m&logos=x", "60004", p + "logos - must be a list, such as logos[]"},
		{"message=m&logos[]=x", "60004", p + "logos[0] - must have parts, such as logos[0][res]"},
		{"message=m&logos[][res]=huge&logos[][url]=https://x.test", "60004", p + "logos[0][res] - must be default, low, med or high"},
		{"message=m&logos[][res]=low&logos[][url]=ftp://x.test", "60004",
			p + "logos[0][url] - must be an absolute http or https URL, such as https://example.com/logo.png"},
	} {
		s.call(t, "POST", path, formType, c.body).mustRefuse(t, 400, c.errorCode, c.message)
	}
	for _, c := range []struct{ body, errorCode, message string }{
		{`{"message":"m"`, "60002", "Invalid request: the body is not valid JSON: it breaks at byte 14"},
		{`"m"`, "60002", `Invalid request: the body must be a JSON object, such as {"message":"Log in?"}`},
		{"{\"message\":\"\xc3\x28\"}", "60005", "Invalid request: the body is not valid UTF-8 at byte 13"},
		{`{"message":["m"]}`, "60004", p + "message - must be a text"},
		{`{"message":"m","details":{"a":["b"]}}`, "60004", p + "details[a] - must be a text"},
		{`{"message":"m","seconds_to_expire":1.5}`, "60004", p + "seconds_to_expire - must be a whole number"},
		{`{"message":"m","seconds_to_expire":{}}`, "60004", p + "seconds_to_expire - must be a text"},
		{strings.Repeat(`{"a":`, 1000), "60002", "Invalid request: parameters are nested more than 8 levels deep"},
	} {
		s.call(t, "POST", path, jsonType, c.body).mustRefuse(t, 400, c.errorCode, c.message)
	}
	if after := s.lastEvent(t); after != before {
		t.Error("a refusal left an event")
	}
	requests, err := s.ApprovalRequests(t.Context(), onetouch.ApprovalRequestFilter{})
	must(t, err)
	if len(requests) != 0 {
		t.Errorf("%d half-made requests", len(requests))
	}
}

func TestCreateApprovalRequestForAUserWithoutDevice(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.app.RequireDevice = true
	must(t, s.db.Update(t.Context(), func(tx onetouch.Transaction) error { return tx.UpdateApplication(s.app) }))
	path := fmt.Sprintf("/onetouch/json/users/%d/approval_requests", s.addUser(t))
	s.post(t, path, url.Values{"message": {"m"}}).mustRefuse(t, 400, "60050",
		"OneTouch unregistered user: the user has no registered device.")
}

// pendingJSON is the recorded shape of authy-java and authy-client.
func pendingJSON(s *service, r onetouch.RequestRecord, status, processed, updated, tail string) string {
	return fmt.Sprintf(`{"approval_request":{"_app_name":"Acme Bank","_app_serial_id":%d,"_authy_id":%d,"_id":"%s",`+
		`"_user_email":"ada@example.com","app_id":"%s","created_at":"2017-02-10T12:00:00Z","notified":false,`+
		`"processed_at":%s,"seconds_to_expire":120,"status":"%s","updated_at":"%s","user_id":"%s","uuid":"%s"%s},"success":true}`,
		s.app.SerialID, r.User.AuthyID, r.Request.ID, s.app.ID, processed, status, updated, r.User.ID, r.Request.UUID, tail)
}

func TestApprovalRequest(t *testing.T) {
	t.Parallel()
	s := newService(t)
	id := s.addUser(t)
	phone := s.addPhone(t, id, "android")
	n := transfer()
	seconds := int64(120)
	n.SecondsToExpire = &seconds
	denied, late := s.ask(t, id, n), s.ask(t, id, n)
	read := func(r onetouch.ApprovalRequest) answer { return s.get(t, "/onetouch/json/approval_requests/"+r.UUID) }
	read(denied).mustBe(t, 200, pendingJSON(s, s.record(t, denied.UUID), "pending", "null", "2017-02-10T12:00:00Z", ""))

	s.clock.Advance(30 * time.Second)
	s.answer(t, phone, denied, onetouch.StatusDenied)
	device := fmt.Sprintf(`{"city":null,"country":null,"ip":null,"region":null,"registration_city":null,"registration_country":null,`+
		`"registration_ip":null,"registration_method":"push","registration_region":null,"os_type":"android",`+
		`"last_account_recovery_at":null,"id":%d,"registration_date":%d,"last_sync_date":%[2]d,"enabled_unlock_methods":["none"],`+
		`"last_unlock_method_used":null,"last_unlock_date":null,"multidevice_enabled":false,"multidevice_updated_at":null,`+
		`"registration_device_id":null}`, phone.ID, noon().Unix())
	read(denied).mustBe(t, 200, pendingJSON(s, s.record(t, denied.UUID), "denied", `"2017-02-10T12:00:30Z"`, "2017-02-10T12:00:30Z",
		`,"hidden_details":{"ip":"10.0.0.1"},"device":`+device))

	s.clock.Advance(time.Hour) // nobody looked at the other one when its time was over
	read(late).mustBe(t, 200, pendingJSON(s, s.record(t, late.UUID), "expired", `"2017-02-10T12:02:00Z"`, "2017-02-10T12:02:00Z", ""))
}

func TestApprovalRequestWithAwkwardDetails(t *testing.T) {
	t.Parallel()
	s := newService(t)
	id := s.addUser(t)
	phone := s.addPhone(t, id, "ios")
	n := transfer()
	n.HiddenDetails = details.List{{Name: "Account Number", Value: "<1>"}, {Name: "naïve\n", Value: "ñ🚀\t"}}
	r := s.ask(t, id, n)
	s.answer(t, phone, r, onetouch.StatusApproved)
	json, xml := s.get(t, "/onetouch/json/approval_requests/"+r.UUID), s.get(t, "/onetouch/xml/approval_requests/"+r.UUID)
	if want := `"hidden_details":{"Account Number":"<1>","na\u00efve\n":"\u00f1\ud83d\ude80\t"}`; !strings.Contains(json.body, want) {
		t.Errorf("got %s", json)
	}
	want := `<hidden-details><Account-Number name="Account Number">&#60;1&#62;</Account-Number>` +
		`<na-ve- name="na&#239;ve&#10;">&#241;&#128640;&#9;</na-ve-></hidden-details>`
	if !strings.Contains(xml.body, want) {
		t.Errorf("got %s", xml)
	}
}

func TestApprovalRequestThatIsNotThere(t *testing.T) {
	t.Parallel()
	s := newService(t)
	const unknown = "550e8400-e29b-41d4-a716-446655440000"
	s.get(t, "/onetouch/json/approval_requests/"+unknown).mustBe(t, 404,
		`{"message":"Approval request not found: `+unknown+`","success":false,"errors":{},"error_code":"60049"}`)
	s.get(t, "/onetouch/xml/approval_requests/"+unknown).mustBe(t, 404, xmlProlog+
		`<errors><message>Approval request not found: `+unknown+`</message><success type="boolean">false</success>`+
		`<errors></errors><error-code>60049</error-code></errors>`)
	s.get(t, "/onetouch/json/approval_requests/%1b%0a%2e%2e%2f").mustBe(t, 404,
		`{"message":"Approval request not found: \ufffd\ufffd../","success":false,"errors":{},"error_code":"60049"}`)
}
