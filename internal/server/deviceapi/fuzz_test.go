package deviceapi_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/deviceapi"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// bodies are seeds for whatever reads a JSON object.
func bodies() []string {
	return []string{
		"", "{}", "[]", "null", "{", "}", `{"a"}`, `{"a":}`, `{"a":1,}`, `{"a":1}{}`, `{"a":1,"a":2}`, ` {"a" : [ ] } `,
		`{"jws":"a","jws":"b"}`, `{"jws":7}`, `{"jws":null}`, `{"jws":"\ud800"}`, "{\"jws\":\"\xff\"}", "\xef\xbb\xbf{}",
		`{"registration_token":"x","device":{"name":7}}`, `{"registration_token":"x","push":{"type":"webhook","url":"http://"}}`,
		`{"registration_token":"x","public_key":{"kty":"EC","crv":"P-256","x":"AA","y":"AA"},"proof":"e30.e30.e30"}`,
		`{"device":{"device":{"device":{}}}}`, `{"registration_token":"x","device":[[[[[[]]]]]]}`, `{"a":1e999,"b":-0}`,
		`{"registration_token":"` + strings.Repeat("x", 1000) + `"}`,
	}
}

// serve calls the API without a network.
func serve(t *testing.T, handler http.Handler, method, path, token, body string) answer {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), method, deviceapi.Prefix+path, strings.NewReader(body))
	request.Header.Set("Authorization", "Bearer "+token)
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	return answer{t: t, status: recorder.Code, header: recorder.Header(), body: recorder.Body.String()}
}

// refusedBecause checks that an answer is one of the refusals that a body can earn, and the right one when the body
// cannot be read at all.
func refusedBecause(t *testing.T, got answer, body string, others ...onetouch.Code) {
	t.Helper()
	var failure struct {
		Errors struct {
			Code onetouch.Code `json:"code"`
		} `json:"errors"`
	}
	if err := json.Unmarshal([]byte(got.body), &failure); err != nil {
		t.Fatalf("%q is answered with %d %q", body, got.status, got.body)
	}
	code := failure.Errors.Code
	got.refused(code) // with the status that the table gives it
	want := slices.Concat(others, []onetouch.Code{"invalid_request", "invalid_parameter", "invalid_encoding"})
	switch {
	case !utf8.ValidString(body):
		want = []onetouch.Code{"invalid_encoding"}
	case !json.Valid([]byte(body)):
		want = []onetouch.Code{"invalid_request"}
	}
	if !slices.Contains(want, code) {
		t.Errorf("%q is refused with %s, want one of %v", body, code, want)
	}
}

func FuzzRegistration(f *testing.F) {
	for _, body := range bodies() {
		f.Add(body)
	}
	fixture := setUp(f)
	handler := mux(deviceapi.New(fixture.service, deviceapi.Options{}))
	f.Fuzz(func(t *testing.T, body string) {
		got := serve(t, handler, http.MethodPost, "/registrations", "", body)
		refusedBecause(t, got, body, "registration_not_found", "public_key_invalid", "signature_invalid", "push_platform_unknown")
	})
}

func FuzzResponse(f *testing.F) {
	fixture := setUp(f)
	d := fixture.newDevice()
	r := fixture.ask("Log in?")
	handler := mux(deviceapi.New(fixture.service, deviceapi.Options{}))
	for _, change := range []func(*evidence.Statement){
		func(s *evidence.Statement) { s.DetailsSHA256 = "x" }, func(s *evidence.Statement) { s.Challenge = "x" },
		func(s *evidence.Statement) { s.IssuedAt = 0 }, func(s *evidence.Statement) { s.UUID = "x" },
	} {
		s := d.statement(r)
		change(&s)
		f.Add(string(toJSON(f, map[string]string{"jws": d.sign(s)})))
	}
	for _, body := range bodies() {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		got := serve(t, handler, http.MethodPost, "/approval_requests/"+r.UUID+"/response", d.token, body)
		refusedBecause(t, got, body,
			"token_malformed", "challenge_mismatch", "issued_at_skewed", "signature_invalid", "digest_mismatch")
	})
}

// What a JSON string says is taken as it is, or refused: never with a replacement character that nobody wrote.
func FuzzText(f *testing.F) {
	for _, text := range []string{
		`"Pixel"`, `"\u00e4\\u00e4\/"`, `"\ud83d\ude00"`, `"\ud83d"`, `"\ud83d\n"`, `"\ud83d\u0041"`, `"\ude00\ud83d"`, `"\\ud83d"`,
		`"\ud83d\\ude00"`, `"\ufffd"`, `"\uFFFD"`, "\"\ufffd\"", `"\ud83d\ud83d\ude00"`, "\"\xff\"", `"\u12"`, `"`, `7`, `"a" `,
	} {
		f.Add(text)
	}
	fixture := setUp(f)
	d := fixture.newDevice()
	handler := mux(deviceapi.New(fixture.service, deviceapi.Options{}))
	f.Fuzz(func(t *testing.T, text string) {
		body := `{"name":` + text + `}`
		got := serve(t, handler, http.MethodPut, "/device", d.token, body)
		var want struct {
			Name string `json:"name"`
		}
		replaced := json.Unmarshal([]byte(body), &want) == nil && strings.Contains(want.Name, "\ufffd") &&
			!strings.Contains(text, "\ufffd") && !strings.Contains(strings.ToLower(text), `\ufffd`)
		if got.status != http.StatusOK {
			refusedBecause(t, got, body)
			return
		}
		if name := got.members()["name"]; name != want.Name || replaced {
			t.Errorf("%s is taken as %q, want %q", text, name, want.Name)
		}
	})
}
