package authyapi_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// Whatever is sent is answered or refused in Authy's shape, never by an internal error.
func FuzzCalls(f *testing.F) {
	for _, seed := range []struct{ method, path, query, contentType, body string }{
		{"POST", "/protected/json/users/new", "", formType, "user[email]=a@b.co&user[cellphone]=3055551118"},
		{"POST", "/protected/xml/users/new", "", xmlType, "<user><email>a@b.co</email><cellphone>3055551119</cellphone></user>"},
		{"GET", "/protected/json/users/1/status", "user_ip=1", jsonType, "{}"},
		{"POST", "/protected/xml/users/delete/1", "", jsonType, ""},
		{"POST", "/onetouch/json/users/1/approval_requests", "message=m", jsonType, `{"logos":[{"res":"default","url":"http://x"}],"details":{"a":1}}`},
		{"GET", "/onetouch/xml/approval_requests/%ff", "", "", ""},
		{"DELETE", "/protected/json/sdk/devices/1", "api_key[]=x", formType, "%zz"},
		{"POST", "/protected/json/sdk/registrations", "authy_id=1", "multipart/form-data; boundary=b", "--b--"},
		{"POST", "/protected/json/users/1000/update", "", formType, "email=a@b.co"},
		{"POST", "/protected/xml/users/1000/register_activity", "ip=1", jsonType, `{"type":"password_reset","data":{"a":"b"}}`},
		{"POST", "/protected/json/users/1000/secret", "qr_size=1000", formType, "label=%F0%9F%9A%80"},
		{"GET", "/qr_codes/x.png", "size=1", "", ""},
		{"GET", "/protected/json/verify/0000000/1000", "force=true&action=x", "", ""},
		{"GET", "/protected/xml/sms/1000", "force=1&locale=pt-BR&action_message=x", "", ""},
		{"GET", "/protected/json/call/1000", "", formType, "force=True"},
		{"POST", "/protected/json/email/1000", "", "", ""},
		{"POST", "/protected/json/phones/verification/start", "", jsonType,
			`{"phone_number":"775-461-5609","country_code":1,"via":"sms","locale":"es","code_length":6,"custom_message":"{{code}}"}`},
		{"GET", "/protected/json/phones/verification/check", "", formType, "phone_number=775&country_code=1&verification_code=0000"},
		{"GET", "/protected/xml/phones/verification/status", "uuid=x", "", ""},
		{"GET", "/protected/json/phones/info", "phone_number=775-461-5609&country_code=1", "", ""},
		{"GET", "/protected/json/app/stats", "", "", ""},
		{"GET", "/protected/json/registrations/status", "custom_user_id=1000", "", ""},
		{"POST", "/dashboard/json/application/webhooks", "", formType, "name=n&url=http://x/&events[]=user_added&events[]=token_invalid"},
		{"DELETE", "/dashboard/xml/application/webhooks", "webhook_id=WH_1", jsonType, "{}"},
		{"GET", "/dashboard/json/application/webhooks", "", xmlType, "<a><b type='array'><c>1</c></b></a>"},
	} {
		f.Add(seed.method, seed.path, seed.query, seed.contentType, seed.body)
	}
	s := newService(f)
	yes, unlimited := true, 0
	s.change(f, onetouch.ApplicationSettings{
		CustomCodesEnabled: &yes, LimitSettings: onetouch.LimitSettings{TokensPerHour: &unlimited, FailuresPerHour: &unlimited},
	})
	handler := s.handler()
	s.addPhone(f, s.addUser(f), "ios")
	f.Fuzz(func(t *testing.T, method, path, query, contentType, body string) {
		if len(path)+len(body) > 2000 {
			return // more of the same
		}
		header := http.Header{"X-Authy-Api-Key": {s.app.APIKey}, "Content-Type": {contentType}}
		if strings.HasPrefix(path, "/dashboard/") { // only the owner of the keys gets far
			query += "&app_api_key=the+key+of+Acme&access_key=access+the+key+of+Acme"
			s.signAt(t, header, method, &url.URL{Scheme: "http", Host: "x", Path: path, RawQuery: query}, body)
		}
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, &http.Request{
			Method: method, URL: &url.URL{Path: path, RawQuery: query}, Body: io.NopCloser(strings.NewReader(body)),
			ContentLength: int64(len(body)), Header: header, Host: "x",
		})
		a := answer{recorder.Code, recorder.Header(), recorder.Body.String()}
		if a.status == http.StatusOK && strings.HasPrefix(a.header.Get("Content-Type"), "image/") {
			return
		}
		suspended := a.status == http.StatusServiceUnavailable && strings.Contains(a.body, "60017") // somebody was banned
		if a.status >= 500 && !suspended || !utf8.ValidString(a.body) {
			t.Fatalf("%s %q: %s", method, path, a)
		}
		if strings.HasPrefix(a.header.Get("Content-Type"), "application/xml") {
			fromXML(t, a.body)
			return
		}
		if a.status != http.StatusOK {
			a.mustRefuse(t, a.status, refusalOf(t, a).ErrorCode, refusalOf(t, a).Message)
		}
	})
}
