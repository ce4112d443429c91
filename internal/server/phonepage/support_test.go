package phonepage_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/internal/testneeds/browser"
	"github.com/onetouchkit/onetouch/pkg/authy"
	"github.com/onetouchkit/onetouch/pkg/callback"
	"github.com/onetouchkit/onetouch/pkg/details"
)

const (
	apiKey   = "the-API-key"
	patience = time.Minute // ends what hangs, asserts nothing
)

// world is a server on a clock that stands still, with a user and a backend that takes callbacks.
type world struct {
	*testing.T
	*server.Server
	clock     *onetouch.ManualClock
	options   server.Options
	address   string // host:port
	backend   *authy.Client
	user      int64
	callbacks chan *callback.Callback
	stop      func()
}

// newWorld starts a server whose database is a file, so that it can come back.
func newWorld(t *testing.T, change ...func(*server.Options)) *world {
	t.Helper()
	w := &world{T: t, clock: onetouch.NewManualClock(time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC))}
	w.callbacks = make(chan *callback.Callback, 16)
	url := w.receiver()
	w.options = server.Options{
		Database: t.TempDir() + "/server.db", Clock: w.clock, ControlToken: "control", Version: "test",
		Application: onetouch.ApplicationSettings{Name: "Acme Bank", APIKey: apiKey, CallbackURL: &url},
	}
	for _, c := range change {
		c(&w.options)
	}
	w.start("127.0.0.1:0")
	t.Cleanup(func() { w.stop() })
	w.backend = authy.New(apiKey, authy.WithBaseURL("http://"+w.address), authy.WithHTTPClient(newClient(t)))
	var err error
	w.user, err = w.backend.CreateUser(t.Context(), authy.NewUser{Email: "ada@example.com", Cellphone: "202-555-0158"})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func newClient(t *testing.T) *http.Client {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// receiver takes callbacks that are signed with the application's key.
func (w *world) receiver() (url string) {
	verifier := &callback.Verifier{APIKey: apiKey, MaxAge: -1, Logger: slog.New(slog.DiscardHandler)}
	receiver := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		c, err := verifier.Verify(r)
		if err != nil {
			w.Errorf("a callback does not verify: %v", err)
			http.Error(out, "refused", http.StatusForbidden)
			return
		}
		w.callbacks <- c
	}))
	w.Cleanup(receiver.Close)
	return receiver.URL + "/callback"
}

// start starts the server, on the database as it is.
func (w *world) start(address string) {
	w.Helper()
	s, err := server.Open(w.Context(), w.options)
	if err != nil {
		w.Fatal(err)
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		w.Fatal(err)
	}
	w.Server, w.address = s, listener.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, listener) }()
	w.stop = func() {
		cancel()
		if err := <-served; err != nil {
			w.Error(err)
		}
		if err := s.Close(); err != nil {
			w.Error(err)
		}
		w.stop = func() {}
	}
}

// base is where browsers on this machine find the server.
func (w *world) base() string {
	return "http://localhost" + w.address[strings.LastIndex(w.address, ":"):]
}

// link is one that pairs a phone.
func (w *world) link() string {
	w.Helper()
	pairing, err := w.Service().StartPairing(w.Context(), w.Application().ID, w.user)
	if err != nil {
		w.Fatal(err)
	}
	return w.base() + "/phone/#" + pairing.Token
}

// paired is a tab of a browser that is a phone.
func (w *world) paired(b *browser.Browser) *browser.Tab {
	w.Helper()
	tab := b.Open(w.link() + "&name=Ada%27s+Pixel")
	tab.Sees("Make this browser a phone")
	tab.Press("#pair-button")
	tab.Sees("Connected")
	return tab
}

// ask asks the user something.
func (w *world) ask(message string, rows ...details.Detail) (uuid string) {
	w.Helper()
	return w.askMore(authy.NewApprovalRequest{Message: message, Details: rows})
}

func (w *world) askMore(n authy.NewApprovalRequest) (uuid string) {
	w.Helper()
	uuid, err := w.backend.CreateApprovalRequest(w.Context(), w.user, n)
	if err != nil {
		w.Fatal(err)
	}
	return uuid
}

// called takes the next callback, which has to be for that request.
func (w *world) called(uuid string, status callback.Status) {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), patience)
	defer cancel()
	select {
	case c := <-w.callbacks:
		if c.UUID != uuid || c.Status != status {
			w.Errorf("the callback says %s of %s, want %s of %s", c.Status, c.UUID, status, uuid)
		}
	case <-ctx.Done():
		w.Fatalf("no callback for %s", uuid)
	}
}

// evidence checks the evidence of an answer as anybody could, and returns what was signed.
func (w *world) evidence(uuid, status string) (reason string) {
	w.Helper()
	record, err := w.Service().Evidence(w.Context(), uuid)
	if err != nil {
		w.Fatal(err)
	}
	if err := record.Verify(); err != nil {
		w.Errorf("the evidence of %s: %v", uuid, err)
	}
	if record.Statement.Status != status {
		w.Errorf("the evidence says %s, want %s", record.Statement.Status, status)
	}
	return record.Statement.Reason
}

// devices are those of the user that are registered.
func (w *world) devices() []onetouch.Device {
	w.Helper()
	status, err := w.Service().UserStatus(w.Context(), w.Application().ID, w.user)
	if err != nil {
		w.Fatal(err)
	}
	return status.Devices
}

// card is the selector of something in the card of a request.
func card(uuid, part string) string {
	return `.card:not(.arming):has([id="message-` + uuid + `"]) ` + part
}
