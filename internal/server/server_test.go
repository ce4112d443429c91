package server_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/pkg/authy"
	"github.com/onetouchkit/onetouch/pkg/device"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	apiKey       = "the-API-key"
	controlToken = "operators-only-5f2c"
	patience     = 20 * time.Second // ends what hangs, asserts nothing
)

// running is a server on a free port.
type running struct {
	*server.Server
	url  string
	stop func() error // tells it to stop, and waits until it has
}

func run(t *testing.T, o server.Options) running {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return runOn(t, listener, o)
}

func runOn(t *testing.T, listener net.Listener, o server.Options) running {
	t.Helper()
	o.ControlToken, o.Version = controlToken, "test"
	o.Application.APIKey = apiKey
	s, err := server.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, listener) }()
	stopped := false
	stop := func() error {
		if stopped {
			return nil
		}
		stopped = true
		cancel()
		if err := <-served; err != nil {
			return err
		}
		return s.Close()
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	return running{Server: s, url: "http://" + listener.Addr().String(), stop: stop}
}

// client is an HTTP client that leaves no connection behind.
func client(t *testing.T) *http.Client {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// phone adds a user with a registered device.
func phone(t *testing.T, url string, http *http.Client) (*authy.Client, int64, *device.Device) {
	t.Helper()
	backend := authy.New(apiKey, authy.WithBaseURL(url), authy.WithHTTPClient(http))
	id, err := backend.CreateUser(t.Context(), authy.NewUser{Email: "a@b.co", Cellphone: "202-555-0158"})
	if err != nil {
		t.Fatal(err)
	}
	token, err := backend.StartRegistration(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	d, err := device.Register(t.Context(), device.Registration{Server: url, HTTPClient: http, Token: token})
	if err != nil {
		t.Fatal(err)
	}
	return backend, id, d
}

// TestHosts: a web page can make a browser call this server under a name of its own (DNS rebinding), but not under an
// address, localhost or one of Authy's names.
func TestHosts(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{Database: ":memory:", Hosts: []string{"Dev.Example.test"}})
	for _, c := range []struct {
		host   string
		served bool
	}{
		{"127.0.0.1:8181", true}, {"[::1]:8181", true}, {"localhost", true}, {"LOCALHOST.:80", true},
		{"api.authy.com", true}, {"sandbox-api.authy.com:80", true}, {"dev.example.test", true}, {"ada.localhost:8181", true},
		{"evil.example", false}, {"localhost.evil.example", false}, {"evillocalhost", false}, {"127.0.0.1.evil.example:8181", false},
		{"api.authy.com.evil.example", false},
	} {
		t.Run(c.host, func(t *testing.T) {
			t.Parallel()
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/healthz", nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Host = c.host
			answer, err := client(t).Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = answer.Body.Close() }()
			want := map[bool]int{true: http.StatusOK, false: http.StatusMisdirectedRequest}[c.served]
			if answer.StatusCode != want {
				t.Errorf("answers %s, want %d", answer.Status, want)
			}
		})
	}
}

// TestAbsoluteForm: a client behind HTTP_PROXY names the whole URL in its request line.
func TestAbsoluteForm(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{Database: ":memory:"})
	connection, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	_, err = fmt.Fprintf(connection, "GET http://sandbox-api.authy.com/protected/json/users/1/status?api_key=wrong HTTP/1.1\r\n"+
		"Host: sandbox-api.authy.com\r\nConnection: close\r\n\r\n")
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusUnauthorized || !strings.Contains(string(body), "Invalid API key") {
		t.Errorf("answers %s: %s, error %v", answer.Status, body, err)
	}
}

// TestRefusalsBesideTheRoutes: what no route takes is refused in the shape of the API that was asked.
func TestRefusalsBesideTheRoutes(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{Database: ":memory:"})
	for _, c := range []struct {
		method, path string
		status       int
		contains     string
	}{
		{"GET", "/device/v1/nothing", http.StatusNotFound, `"code":"not_found"`},
		{"PATCH", "/device/v1/push", http.StatusMethodNotAllowed, `"code":"method_not_allowed"`},
		{"GET", "/protected/json/nothing", http.StatusNotFound, `"error_code":"60002"`},
		{"GET", "/protected/xml/nothing", http.StatusNotFound, `<error-code>60002</error-code>`},
		{"PUT", "/protected/json/users/new", http.StatusMethodNotAllowed, "use POST"},
		{"GET", "/", http.StatusNotFound, `"success":false`},
		{"GET", "/control/v1/nothing", http.StatusNotFound, `"code":"not_found"`},
		{"GET", "//control//v1/nothing/", http.StatusNotFound, `"code":"not_found"`},
		{"PUT", "/control/v1/users", http.StatusMethodNotAllowed, `"code":"method_not_allowed"`},
		{"GET", "/control/v10", http.StatusNotFound, `"success":false`},
		{"GET", "/control/v1/users", http.StatusUnauthorized, "control token"},
	} {
		t.Run(c.method+" "+c.path, func(t *testing.T) {
			t.Parallel()
			request, err := http.NewRequestWithContext(t.Context(), c.method, s.url+c.path, nil)
			if err != nil {
				t.Fatal(err)
			}
			answer, err := client(t).Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = answer.Body.Close() }()
			body, err := io.ReadAll(answer.Body)
			if err != nil {
				t.Fatal(err)
			}
			if answer.StatusCode != c.status || !strings.Contains(string(body), c.contains) {
				t.Errorf("answers %s: %s", answer.Status, body)
			}
		})
	}
}

// TestStop: calls in flight end, streams end, and what is owed stays owed and is delivered by the next server.
func TestStop(t *testing.T) {
	t.Parallel()
	called := make(chan string, 10)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var body struct{ UUID string }
		_ = json.NewDecoder(r.Body).Decode(&body)
		called <- body.UUID
	}))
	defer receiver.Close()
	refusing := "http://127.0.0.1:1/callback" // nobody listens on port 1
	database := filepath.Join(t.TempDir(), "server.db")
	s := run(t, server.Options{Database: database, Application: onetouch.ApplicationSettings{CallbackURL: &refusing}})
	backend, id, d := phone(t, s.url, client(t))
	listening, streamEnded := make(chan struct{}), make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		streamEnded <- d.Pushes(ctx, func(context.Context, device.Push) error { return nil },
			device.OnConnect(func() { close(listening) }))
	}()
	<-listening
	uuid, err := backend.CreateApprovalRequest(t.Context(), id, authy.NewApprovalRequest{Message: "Log in?"})
	if err != nil {
		t.Fatal(err)
	}
	approve(t, d, uuid)
	if err := s.stop(); err != nil {
		t.Fatalf("a stop with an open stream and an owed callback: %v", err)
	}
	cancel()
	if err := <-streamEnded; !errors.Is(err, context.Canceled) {
		t.Errorf("the stream ended with %v", err)
	}

	again := run(t, server.Options{Database: database, Application: onetouch.ApplicationSettings{CallbackURL: &receiver.URL}})
	second, err := authy.New(apiKey, authy.WithBaseURL(again.url), authy.WithHTTPClient(client(t))).
		ApprovalRequest(t.Context(), uuid)
	if err != nil || second.Status != "approved" {
		t.Errorf("after the restart the status is %q, error %v", second.Status, err)
	}
	due, later, err := again.Service().OwedDeliveries(t.Context(), 0)
	if err != nil || due+later != 1 {
		t.Errorf("%d deliveries are owed after the restart, want the callback; error %v", due+later, err)
	}
}

func approve(t *testing.T, d *device.Device, uuid string) {
	t.Helper()
	request, err := d.ApprovalRequest(t.Context(), uuid)
	if err == nil {
		err = d.Approve(t.Context(), request)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestExpiryNobodyLooksAt: a request expires by the server's clock, and everybody who follows the events hears of it.
func TestExpiryNobodyLooksAt(t *testing.T) {
	t.Parallel()
	clock := onetouch.NewManualClock(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	s := run(t, server.Options{Database: ":memory:", Clock: clock})
	backend, id, _ := phone(t, s.url, client(t))
	seconds := int64(60)
	uuid, err := backend.CreateApprovalRequest(t.Context(), id,
		authy.NewApprovalRequest{Message: "Log in?", SecondsToExpire: &seconds})
	if err != nil {
		t.Fatal(err)
	}
	clock.Advance(time.Minute)
	expired := waitForEvent(t, s, onetouch.EventRequestExpired)
	if expired.RequestUUID != uuid || !expired.At.Equal(clock.Now()) {
		t.Errorf("expired: %+v", expired)
	}
}

func waitForEvent(t *testing.T, s running, kind onetouch.EventType) onetouch.Event {
	t.Helper()
	end := time.After(patience)
	for {
		grown := s.Service().Changed(onetouch.TopicEvents)
		events, err := s.Service().Events(t.Context(), onetouch.EventFilter{})
		if err != nil {
			t.Fatal(err)
		}
		for _, event := range events {
			if event.Type == kind {
				return event
			}
		}
		select {
		case <-grown:
		case <-end:
			t.Fatalf("no event %s", kind)
		}
	}
}
