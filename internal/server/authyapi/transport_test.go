package authyapi_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

func TestWrongPathsAndMethods(t *testing.T) {
	t.Parallel()
	s := newService(t)
	id := s.addUser(t)
	for _, c := range []struct {
		method, target string
		status         int
		message        string
		allow          string
	}{
		{"GET", "/", 404, "Path not found: /", ""},
		{"GET", "/protected/json/users", 404, "Path not found: /protected/json/users", ""},
		{"POST", "/protected/users/new", 404, "Path not found: /protected/users/new", ""},
		{"POST", "/protected/json/users/1/ban", 404, "Path not found: /protected/json/users/1/ban", ""},
		{"POST", "/protected/yaml/users/new", 404, `Unknown format "yaml": use json or xml`, ""},
		{"POST", "/protected/JSON/users/new", 404, `Unknown format "JSON": use json or xml`, ""},
		{"POST", "/protected/j%22%0a/users/new", 404, `Unknown format "j\"\n": use json or xml`, ""},
		{"GET", "/protected/json/users/new", 405, "Method GET is not allowed here, use POST", "POST"},
		{"POST", fmt.Sprintf("/protected/json/users/%d/status", id), 405, "Method POST is not allowed here, use GET", "GET"},
		{"DELETE", fmt.Sprintf("/protected/json/users/%d/delete", id), 405, "Method DELETE is not allowed here, use POST", "POST"},
		{"POST", "/protected/json/sdk/devices/1", 405, "Method POST is not allowed here, use DELETE", "DELETE"},
		{"PATCH", fmt.Sprintf("/onetouch/json/users/%d/approval_requests", id), 405, "Method PATCH is not allowed here, use POST", "POST"},
		{"PUT", "/onetouch/json/approval_requests/x", 405, "Method PUT is not allowed here, use GET", "GET"},
		{"OPTIONS", "/onetouch/json/approval_requests/x", 405, "Method OPTIONS is not allowed here, use GET", "GET"},
	} {
		a := s.call(t, c.method, c.target, "", "")
		a.mustRefuse(t, c.status, "60002", c.message)
		if got := a.header.Get("Allow"); got != c.allow {
			t.Errorf("%s %s: Allow is %q, want %q", c.method, c.target, got, c.allow)
		}
	}
	s.get(t, "/protected/xml/nothing").mustBe(t, 404, xmlProlog+
		`<errors><message>Path not found: /protected/xml/nothing</message><success type="boolean">false</success>`+
		`<errors><message>Path not found: /protected/xml/nothing</message></errors><error-code>60002</error-code></errors>`)
}

func TestHead(t *testing.T) {
	t.Parallel()
	s := newService(t)
	a := s.call(t, "HEAD", fmt.Sprintf("/protected/json/users/%d/status", s.addUser(t)), "", "")
	if a.status != 200 || a.body != "" || a.header.Get("Content-Length") == "0" {
		t.Errorf("got %s, %v", a, a.header)
	}
}

// Bodies on GET and DELETE, empty ones with a content type, and all else that real clients send beside a call.
func TestBodiesOnEveryMethod(t *testing.T) {
	t.Parallel()
	s := newService(t)
	id := s.addUser(t)
	status := fmt.Sprintf("/protected/json/users/%d/status", id)
	for _, c := range []struct{ contentType, body string }{
		{formType, ""}, {formType, "user_ip=10.0.0.1"}, {jsonType, ""}, {jsonType, "{}"}, {jsonType, "[]"}, {jsonType, "null"},
		{jsonType, `{"user_ip":null}`}, {xmlType, "<hash/>"}, {"", ""}, {"", "user_ip=1"}, {"", `{"user_ip":"1"}`},
	} {
		if a := s.call(t, "GET", status, c.contentType, c.body); a.status != 200 {
			t.Errorf("%s %q: %s", c.contentType, c.body, a)
		}
		s.call(t, "DELETE", "/protected/json/sdk/devices/9", c.contentType, c.body).mustRefuse(t, 404, "60092", "Device not found.")
	}
	s.call(t, "GET", status, jsonType, "{").mustRefuse(t, 400, "60002", "Invalid request: the body is not valid JSON: it breaks at byte 1")
	s.call(t, "GET", status, "text/csv", "a,b").mustRefuse(t, 400, "60002", "Invalid request: Content-Type text/csv is not known, "+
		"use application/x-www-form-urlencoded, application/json or application/xml")
}

// endless is a body of n bytes that nobody has in memory.
func endless(n int64) io.Reader { return io.LimitReader(zeros{}, n) }

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '0'
	}
	return len(p), nil
}

func TestBodyOfTenMegabytes(t *testing.T) {
	t.Parallel()
	s := newService(t)
	const ten = 10 << 20
	path := fmt.Sprintf("/onetouch/json/users/%d/approval_requests", s.addUser(t))
	const message = "Invalid request: the body has more than 1048576 bytes"
	for _, contentType := range []string{formType, jsonType, xmlType, ""} {
		header := http.Header{"X-Authy-API-Key": {s.app.APIKey}, "Content-Type": {contentType}}
		s.do(t, "POST", path, header, endless(ten)).mustRefuse(t, 413, "60002", message)
		header.Set("Expect", "100-continue")
		s.do(t, "POST", path, header, endless(ten)).mustRefuse(t, 413, "60002", message)
	}
	xml := strings.Replace(path, "json", "xml", 1)
	a := s.do(t, "POST", xml, http.Header{"X-Authy-API-Key": {s.app.APIKey}}, endless(ten))
	if a.status != 413 || !strings.HasPrefix(a.body, xmlProlog+"<errors><message>"+message) {
		t.Errorf("got %s", a)
	}
}

// raw sends a request as it is written.
func (s *service) raw(t *testing.T, request string) (status int, body string) {
	t.Helper()
	target, err := url.Parse(s.url)
	must(t, err)
	connection, err := net.Dial("tcp", target.Host)
	must(t, err)
	defer func() { _ = connection.Close() }()
	_, err = io.WriteString(connection, request)
	must(t, err)
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	must(t, err)
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	must(t, err)
	return response.StatusCode, string(text)
}

// A suite whose host is hard-wired is redirected by HTTP_PROXY; its requests then name the host in their first line.
func TestAbsoluteFormTarget(t *testing.T) {
	t.Parallel()
	s := newService(t)
	body := "message=Log+in%3F"
	status, text := s.raw(t, fmt.Sprintf("POST http://sandbox-api.authy.com/onetouch/json/users/%d/approval_requests?api_key=%s HTTP/1.1\r\n"+
		"Host: sandbox-api.authy.com\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
		s.addUser(t), url.QueryEscape(s.app.APIKey), formType, len(body), body))
	if status != http.StatusOK {
		t.Errorf("got %d %s", status, text)
	}
	uuidOf(t, answer{body: text})
}

func TestRawRequests(t *testing.T) {
	t.Parallel()
	s := newService(t)
	id := s.addUser(t)
	key := "X-Authy-API-Key: " + s.app.APIKey + "\r\nHost: x\r\nConnection: close\r\n"
	for name, c := range map[string]struct {
		request string
		status  int
		message string
	}{
		"chunked": {fmt.Sprintf("POST /onetouch/json/users/%d/approval_requests HTTP/1.1\r\n%sTransfer-Encoding: chunked\r\n\r\n"+
			"9\r\nmessage=m\r\n0\r\n\r\n", id, key), 200, ""},
		"HTTP/1.0": {fmt.Sprintf("GET /protected/json/users/%d/status HTTP/1.0\r\n%s\r\n", id, key), 200, ""},
		"a broken chunk": {fmt.Sprintf("POST /onetouch/json/users/%d/approval_requests HTTP/1.1\r\n%sTransfer-Encoding: chunked\r\n\r\n"+
			"9\r\nmessage=m\r\nzz\r\n", id, key), 400, "Invalid request: the body ended early"},
		"raw bytes in the query": {fmt.Sprintf("GET /protected/json/users/%d/status?user_ip=\xff HTTP/1.1\r\n%s\r\n", id, key), 400,
			"Invalid parameter: user_ip - is not valid UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, text := s.raw(t, c.request)
			if status != c.status || c.message != "" && !strings.Contains(text, c.message) {
				t.Errorf("got %d %s", status, text)
			}
		})
	}
}

// What fails inside is told to the log, not to the client.
func TestFailureInside(t *testing.T) {
	t.Parallel()
	s := newService(t)
	path := fmt.Sprintf("/protected/json/users/%d/status", s.addUser(t))
	must(t, s.db.Close())
	a := s.get(t, path)
	a.mustRefuse(t, a.status, "60000", refusalOf(t, a).Message)
	if a.status < 500 || strings.Contains(a.body, "sql") {
		t.Errorf("got %s", a)
	}
	if log := s.log.String(); !strings.Contains(log, path) || strings.Contains(log, s.app.APIKey) {
		t.Errorf("the log is %q", log)
	}
}

func TestRefusalsAreNotLogged(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.get(t, "/protected/json/users/tony/status")
	s.call(t, "POST", "/protected/json/users/new", jsonType, "{")
	s.call(t, "POST", "/protected/json/users/new", formType, "user=x")
	s.do(t, "GET", "/protected/json/users/1/status", nil, nil)
	if log := s.log.String(); log != "" {
		t.Errorf("the log is %q", log)
	}
}

// A request whose callback a known client will refuse is made all the same: only the log tells of it.
func TestClientWarningsAreLogged(t *testing.T) {
	t.Parallel()
	s := newService(t)
	path := fmt.Sprintf("/onetouch/json/users/%d/approval_requests", s.addUser(t))
	ask := func() string {
		a := s.call(t, "POST", path, jsonType, `{"message":"Pay?","details":{"Note":"None of it"}}`)
		if a.status != http.StatusOK || strings.Contains(a.body, "python") {
			t.Errorf("got %s", a)
		}
		return s.log.String()
	}
	if log := ask(); log != "" {
		t.Errorf("without a callback URL the log is %q", log)
	}
	url := "http://127.0.0.1:1/"
	if _, err := s.UpdateApplication(t.Context(), s.app.ID, onetouch.ApplicationSettings{CallbackURL: &url}); err != nil {
		t.Fatal(err)
	}
	if log := ask(); !strings.Contains(log, "authy-python") || !strings.Contains(log, "Note") || strings.Contains(log, "None of it") {
		t.Errorf("the log is %q", log)
	}
}

// refusal is what both formats of a refusal say.
type refusal struct {
	Message   string `json:"message"`
	ErrorCode string `json:"error_code"`
}

func refusalOf(t *testing.T, a answer) (r refusal) {
	t.Helper()
	must(t, json.Unmarshal([]byte(a.body), &r))
	return r
}
