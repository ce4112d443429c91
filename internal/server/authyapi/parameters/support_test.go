package parameters_test

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/authyapi/parameters"
)

const (
	formType = "application/x-www-form-urlencoded"
	jsonType = "application/json"
	xmlType  = "application/xml"
	maxBody  = 1 << 20
)

// request is one with the query, and with the body unless that is empty.
func request(method, query, contentType, body string) *http.Request {
	r := &http.Request{
		Method: method, URL: &url.URL{Path: "/", RawQuery: query}, Header: http.Header{},
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	return r
}

func mustRead(t *testing.T, r *http.Request) *parameters.Parameters {
	t.Helper()
	p, err := parameters.Read(r, maxBody)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// mustRefuse checks the error's code and message.
func mustRefuse(t *testing.T, err error, code onetouch.Code, message string) {
	t.Helper()
	var wrong *onetouch.Error
	if !errors.As(err, &wrong) {
		t.Fatalf("got error %v, want a refusal", err)
	}
	if wrong.Code != code || err.Error() != message {
		t.Errorf("got  %q (%s)\nwant %q (%s)", err, wrong.Code, message, code)
	}
}
