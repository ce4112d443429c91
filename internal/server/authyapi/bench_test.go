package authyapi_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// discarded is an answer that nobody reads.
type discarded struct {
	header http.Header
	status int
}

func (d *discarded) Header() http.Header         { return d.header }
func (d *discarded) Write(p []byte) (int, error) { return len(p), nil }
func (d *discarded) WriteHeader(status int)      { d.status = status }

func (s *service) serve(b *testing.B, handler http.Handler, method, path, contentType, body string) {
	b.Helper()
	answer := &discarded{header: http.Header{}}
	handler.ServeHTTP(answer, &http.Request{
		Method: method, URL: &url.URL{Path: path}, ContentLength: int64(len(body)),
		Header: http.Header{"X-Authy-Api-Key": {s.app.APIKey}, "Content-Type": {contentType}},
		Body:   io.NopCloser(strings.NewReader(body)),
	})
	if answer.status != http.StatusOK {
		b.Fatalf("%s %s: %d", method, path, answer.status)
	}
}

// A call with everything behind it: key, parameters, rules, a database in memory, answer; without the network.
func BenchmarkCreateApprovalRequest(b *testing.B) {
	const form = "message=Send+%2412%2C400+to+ACME%3F&details%5BTo%5D=ACME&details%5BAccount+Number%5D=981266321&hidden_details%5Bip%5D=10.0.0.1"
	const json = `{"message":"Send $12,400 to ACME?","details":{"To":"ACME","Account Number":"981266321"},"hidden_details":{"ip":"10.0.0.1"}}`
	for name, c := range map[string]struct{ contentType, body string }{"form": {formType, form}, "JSON": {jsonType, json}} {
		b.Run(name, func(b *testing.B) {
			s := newService(b)
			handler, path := s.handler(), fmt.Sprintf("/onetouch/json/users/%d/approval_requests", s.addUser(b))
			b.ReportAllocs()
			for b.Loop() {
				s.serve(b, handler, "POST", path, c.contentType, c.body)
			}
		})
	}
}

func BenchmarkReadApprovalRequest(b *testing.B) {
	for _, format := range []string{"json", "xml"} {
		b.Run(format, func(b *testing.B) {
			s := newService(b)
			id := s.addUser(b)
			phone, request := s.addPhone(b, id, "ios"), s.ask(b, id, transfer())
			s.answer(b, phone, request, "approved")
			handler, path := s.handler(), "/onetouch/"+format+"/approval_requests/"+request.UUID
			b.ReportAllocs()
			for b.Loop() {
				s.serve(b, handler, "GET", path, "", "")
			}
		})
	}
}

// The floor of a refusal: routing, the key and the answer.
func BenchmarkUnknownPath(b *testing.B) {
	handler := newService(b).handler()
	b.ReportAllocs()
	for b.Loop() {
		handler.ServeHTTP(&discarded{header: http.Header{}}, httptest.NewRequest("GET", "/protected/json/nothing", nil))
	}
}
