package authy_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"

	"github.com/onetouchkit/onetouch/pkg/authy"
)

// recorder is a service that gives one answer and keeps what it was asked.
type recorder struct {
	status        int
	contentType   string // "" is JSON
	body          string
	request, host string
	header        http.Header
}

func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	body := []byte{}
	if request.Body != nil {
		var err error
		if body, err = io.ReadAll(request.Body); err != nil {
			return nil, err
		}
	}
	r.request = fmt.Sprintf("%s %s %s", request.Method, request.URL.RequestURI(), body)
	r.host, r.header = request.URL.Scheme+"://"+request.URL.Host, request.Header
	contentType := r.contentType
	if contentType == "" {
		contentType = "application/json; charset=utf-8"
	}
	return &http.Response{
		StatusCode: r.status, Status: fmt.Sprintf("%d %s", r.status, http.StatusText(r.status)),
		Header: http.Header{"Content-Type": {contentType}}, Body: io.NopCloser(strings.NewReader(r.body)), Request: request,
	}, nil
}

func (r *recorder) client() *authy.Client {
	return authy.New("the-secret-key", authy.WithHTTPClient(&http.Client{Transport: r}))
}

// Answers that Authy gave in other times and places.
func TestAnswersOfOtherServices(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		kind   error
		text   string
		code   string
	}{
		"success as a text":    {200, `{"success":"true"}`, nil, "", ""},
		"a refusal with 200":   {200, `{"success":false,"message":"no","error_code":"60026"}`, authy.ErrUserNotFound, "no", "60026"},
		"no success":           {200, `{"message":"odd"}`, nil, "odd", ""},
		"a code as a number":   {404, `{"success":false,"message":"no","error_code":60026}`, authy.ErrUserNotFound, "no", "60026"},
		"no code":              {401, `{"success":false,"message":"Invalid API key."}`, nil, "Invalid API key.", ""},
		"null for a code":      {500, `{"success":false,"message":"no","error_code":null,"errors":null}`, nil, "no", ""},
		"errors that are deep": {400, `{"success":false,"message":"no","errors":{"message":"no","a":"is bad","b":{"c":1}}}`, nil, "no: a is bad", ""},
		"errors that are text": {400, `{"success":false,"message":"no","errors":"no"}`, nil, "no", ""},
		"no message":           {503, `{"success":false}`, nil, "the service answered 503 Service Unavailable without a reason", ""},
		"an unknown code":      {429, `{"success":false,"message":"slow down","error_code":"60003"}`, nil, "slow down", "60003"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := (&recorder{status: c.status, body: c.body}).client().DeleteUser(t.Context(), 7)
			if c.text == "" {
				must(t, err)
				return
			}
			var refusal *authy.Error
			if !errors.As(err, &refusal) || err.Error() != c.text || refusal.StatusCode != c.status || refusal.ErrorCode != c.code {
				t.Fatalf("got %v", err)
			}
			if c.kind != nil && !errors.Is(err, c.kind) {
				t.Errorf("%v is no %v", err, c.kind)
			}
		})
	}
}

func TestUnexpectedAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		recorder
		text string
	}{
		"a web page":    {recorder{502, "text/html", "<h1>Bad Gateway</h1>", "", "", nil}, "502 Bad Gateway with no JSON of the Authy API"},
		"XML":           {recorder{200, "application/xml", "<hash/>", "", "", nil}, "200 OK with no JSON of the Authy API"},
		"nothing":       {recorder{200, "", "", "", "", nil}, "200 OK with no JSON of the Authy API"},
		"a list":        {recorder{200, "", "[]", "", "", nil}, "200 OK with no JSON of the Authy API"},
		"half":          {recorder{200, "", `{"success":true`, "", "", nil}, "200 OK with no JSON of the Authy API"},
		"two":           {recorder{200, "", `{"success":true}{}`, "", "", nil}, "200 OK with no JSON of the Authy API"},
		"a redirect":    {recorder{302, "text/html", "", "", "", nil}, "302 Found with no JSON of the Authy API"},
		"other kinds":   {recorder{200, "", `{"success":true,"approval_request":{"uuid":7}}`, "", "", nil}, "200 OK with other members than the Authy API's"},
		"no members":    {recorder{200, "", `{"success":true}`, "", "", nil}, "200 OK with other members than the Authy API's"},
		"a broken time": {recorder{200, "", `{"success":true,"approval_request":{"uuid":"u","created_at":"soon"}}`, "", "", nil}, "200 OK with other members than the Authy API's"},
		"too much": {recorder{200, "", `{"success":true,"message":"` + strings.Repeat("m", 16<<20) + `"}`, "", "", nil},
			"200 OK with more than 16777216 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := c.client().ApprovalRequest(t.Context(), "u")
			want := "unexpected answer: https://api.authy.com answered " + c.text
			if !errors.Is(err, authy.ErrUnexpectedAnswer) || err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
	empty := &recorder{status: 200, body: `{"success":true}`}
	for name, call := range map[string]func() error{
		"CreateUser":        func() error { _, err := empty.client().CreateUser(t.Context(), newUser()); return err },
		"UserStatus":        func() error { _, err := empty.client().UserStatus(t.Context(), 7); return err },
		"StartRegistration": func() error { _, err := empty.client().StartRegistration(t.Context(), 7); return err },
		"CreateApprovalRequest": func() error {
			_, err := empty.client().CreateApprovalRequest(t.Context(), 7, authy.NewApprovalRequest{})
			return err
		},
	} {
		if err := call(); !errors.Is(err, authy.ErrUnexpectedAnswer) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A time that is null is zero, as is a number.
func TestNulls(t *testing.T) {
	t.Parallel()
	r := &recorder{status: 200, body: `{"success":true,"approval_request":{"uuid":"u","status":"denied","processed_at":null,"seconds_to_expire":null,` +
		`"hidden_details":null,"device":{"id":null,"ip":null,"last_account_recovery_at":null,"registration_date":"1505418165"}}}`}
	got, err := r.client().ApprovalRequest(t.Context(), "u")
	must(t, err)
	if !got.ProcessedAt.IsZero() || got.SecondsToExpire != 0 || len(got.HiddenDetails) != 0 || got.Device == nil ||
		!got.Device.LastAccountRecoveryAt.IsZero() || got.Device.RegisteredAt.Unix() != 1505418165 {
		t.Errorf("got %+v, %+v", got, got.Device)
	}
}

type failing struct{ err error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }

type timedOut struct{ error }

func (timedOut) Timeout() bool   { return true }
func (timedOut) Temporary() bool { return true }

func TestUnreachable(t *testing.T) {
	t.Parallel()
	lookup := &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "nowhere.test", IsNotFound: true}}
	for name, c := range map[string]struct {
		err  error
		text string
	}{
		"no such host": {lookup, "looking up nowhere.test: no such host"},
		"a time-out":   {&net.OpError{Op: "dial", Net: "tcp", Err: timedOut{errors.New("i/o timeout")}}, "it took too long"},
		"an early end": {io.ErrUnexpectedEOF, "the connection was closed"},
		"anything":     {fmt.Errorf("tls: %w", errors.New("certificate is not trusted")), "certificate is not trusted"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := authy.New("the-secret-key", authy.WithBaseURL("https://user:pass@x.test/y"), authy.WithHTTPClient(&http.Client{Transport: failing{c.err}}))
			err := client.DeleteUser(t.Context(), 7)
			if !errors.Is(err, authy.ErrUnreachable) || !errors.Is(err, c.err) || err.Error() != "no server answers at https://x.test: "+c.text {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestConnectionRefused(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	base := "http://" + listener.Addr().String()
	must(t, listener.Close())
	err = authy.New("k", authy.WithBaseURL(base)).DeleteUser(t.Context(), 7)
	if !errors.Is(err, authy.ErrUnreachable) || !errors.Is(err, syscall.ECONNREFUSED) ||
		err.Error() != "no server answers at "+base+": connection refused" {
		t.Errorf("got %v", err)
	}
}

func TestConnectionThatBreaksOff(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", "100")
		_, _ = w.Write([]byte(`{"success":true}`))
	}))
	t.Cleanup(server.Close)
	err := authy.New("k", authy.WithBaseURL(server.URL)).DeleteUser(t.Context(), 7)
	if !errors.Is(err, authy.ErrUnreachable) || err.Error() != "no server answers at "+server.URL+": the connection was closed" {
		t.Errorf("got %v", err)
	}
}

func TestCallerGivesUp(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(asked)
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	err := authy.New("k", authy.WithBaseURL(server.URL)).DeleteUser(ctx, 7)
	if !errors.Is(err, context.Canceled) || errors.Is(err, authy.ErrUnreachable) {
		t.Errorf("got %v", err)
	}
}

// A redirect would carry the key to whoever is named in it.
func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the key went to %s: %v", r.Host, r.Header)
	}))
	t.Cleanup(elsewhere.Close)
	server := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	t.Cleanup(server.Close)
	own := &http.Client{}
	err := authy.New("k", authy.WithBaseURL(server.URL), authy.WithHTTPClient(own)).DeleteUser(t.Context(), 7)
	if !errors.Is(err, authy.ErrUnexpectedAnswer) {
		t.Errorf("got %v", err)
	}
	if own.CheckRedirect != nil {
		t.Error("the caller's own client was changed")
	}
}

func TestNothingIsAskedTwice(t *testing.T) {
	t.Parallel()
	asked := 0
	client := authy.New("k", authy.WithHTTPClient(&http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
		asked++
		return nil, io.EOF
	})}))
	if err := client.DeleteUser(t.Context(), 7); !errors.Is(err, authy.ErrUnreachable) || asked != 1 {
		t.Errorf("asked %d times, %v", asked, err)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestKeyIsNeverShown(t *testing.T) {
	t.Parallel()
	const key = "the-secret-key"
	client := authy.New(key, authy.WithBaseURL("http://user:pass@x.test/"), authy.WithHTTPClient(&http.Client{Transport: failing{io.EOF}}))
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("text", "client", client, "value", *client)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("JSON", "client", client, "value", *client)
	err := client.DeleteUser(t.Context(), 7)
	broken := authy.New(key+"\n").DeleteUser(t.Context(), 7)
	for name, text := range map[string]string{
		"verbs": fmt.Sprintf("%v %+v %#v %s %q %d %v %+v %#v", client, client, client, client, client, client, *client, *client, *client),
		"log":   log.String(),
		"error": fmt.Sprintf("%v %+v %#v", err, err, err),
		"wrong": fmt.Sprintf("%v %+v %#v", broken, broken, broken),
	} {
		if strings.Contains(text, key) || strings.Contains(text, "pass@") {
			t.Errorf("%s: %s", name, text)
		}
	}
	if text := fmt.Sprint(client); text != "authy.Client(http://x.test)" {
		t.Errorf("it is printed as %s", text)
	}
	if !errors.Is(broken, authy.ErrInvalidAPIKey) || broken.Error() != "API key is invalid: it is empty or has a line break" {
		t.Errorf("got %v", broken)
	}
	if err := authy.New("").DeleteUser(t.Context(), 7); !errors.Is(err, authy.ErrInvalidAPIKey) {
		t.Errorf("got %v", err)
	}
}
