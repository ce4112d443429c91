package authyapi_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"
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
	} {
		f.Add(seed.method, seed.path, seed.query, seed.contentType, seed.body)
	}
	s := newService(f)
	handler := s.handler()
	s.addPhone(f, s.addUser(f), "ios")
	f.Fuzz(func(t *testing.T, method, path, query, contentType, body string) {
		if len(path)+len(body) > 2000 {
			return // more of the same
		}
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, &http.Request{
			Method: method, URL: &url.URL{Path: path, RawQuery: query}, Body: io.NopCloser(strings.NewReader(body)),
			ContentLength: int64(len(body)),
			Header:        http.Header{"X-Authy-Api-Key": {s.app.APIKey}, "Content-Type": {contentType}},
		})
		a := answer{recorder.Code, recorder.Header(), recorder.Body.String()}
		if a.status >= 500 || !utf8.ValidString(a.body) {
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
