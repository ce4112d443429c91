package onetouchtest

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/pkg/authy"
)

// Server is a OneTouch server that lives as long as its test.
type Server struct {
	URL    string // base URL of the Authy API, such as http://127.0.0.1:45123
	APIKey string // of its one application
	Clock  *Clock

	t       testing.TB
	server  *server.Server
	app     onetouch.Application
	control *controlapi.Client
	http    *http.Client
	life    context.Context // ends when the test does
	phones  sync.WaitGroup
	serving []*httptest.Server // receivers of callbacks; belongs to the goroutine of the test
	users   atomic.Int64
}

// Option changes how a server is set up.
type Option struct{ apply func(*server.Options) }

// WithName gives the application a name, which users are shown; otherwise it is Onetouchtest.
func WithName(name string) Option {
	return Option{func(o *server.Options) { o.Application.Name = name }}
}

// WithAPIKey sets the API key of the application; otherwise it is a random one.
func WithAPIKey(apiKey string) Option {
	return Option{func(o *server.Options) { o.Application.APIKey = apiKey }}
}

// WithCallbackMethod has callbacks sent by GET instead of POST.
func WithCallbackMethod(method string) Option {
	return Option{func(o *server.Options) { o.Application.CallbackMethod = method }}
}

// WithDeviceRequired has an approval request to a user without a device refused, with the error code 60050. Otherwise it is
// pending, and a device that is registered later finds it with [Device.Request].
func WithDeviceRequired() Option {
	required := true
	return Option{func(o *server.Options) { o.Application.RequireDevice = &required }}
}

// WithLogger has the server log.
func WithLogger(logger *slog.Logger) Option {
	return Option{func(o *server.Options) { o.Logger = logger }}
}

// New starts a server. Its callbacks go to a receiver that verifies them, and fails the test when a signature is wrong; see
// [Server.SetCallback] and [Server.HandleCallbacks] for your own.
func New(t testing.TB, options ...Option) *Server {
	t.Helper()
	s := &Server{t: t}
	o := server.Options{
		Database: ":memory:", ControlToken: rand.Text(), Version: "test",
		Application: onetouch.ApplicationSettings{Name: "Onetouchtest"},
	}
	for _, option := range options {
		option.apply(&o)
	}
	ctx := context.WithoutCancel(t.Context())
	var err error
	if s.server, err = server.Open(ctx, o); err != nil {
		t.Fatalf("onetouchtest: starting the server: %v", err)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		_ = s.server.Close()
		t.Fatalf("onetouchtest: starting the server: %v", err)
	}
	s.app = s.server.Application()
	s.Clock = &Clock{t: t, service: s.server.Service()}
	s.URL, s.APIKey = "http://"+listener.Addr().String(), s.app.APIKey
	s.http = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8}}
	s.control = controlapi.NewClient(s.URL, o.ControlToken, s.http)
	t.Cleanup(s.serve(ctx, listener))
	s.HandleCallbacks(s.verifying())
	return s
}

// serve answers until stop.
func (s *Server) serve(ctx context.Context, listener net.Listener) (stop func()) {
	life, end := context.WithCancel(ctx)
	serving, cancel := context.WithCancel(ctx)
	s.life = life
	served := make(chan error, 1)
	go func() { served <- s.server.Serve(serving, listener) }()
	return func() {
		if s.t.Failed() {
			s.t.Logf("%s", s.Story())
		}
		end()
		s.phones.Wait()
		s.http.CloseIdleConnections()
		if standard, is := http.DefaultTransport.(*http.Transport); is {
			standard.CloseIdleConnections() // as httptest does: what was dialled and not used would keep the server waiting
		}
		cancel()
		if err := <-served; err != nil {
			s.t.Errorf("onetouchtest: stopping the server: %v", err)
		}
		for _, receiver := range s.serving {
			receiver.Close()
		}
		if err := s.server.Close(); err != nil {
			s.t.Errorf("onetouchtest: stopping the server: %v", err)
		}
	}
}

// Client returns a client of the Authy API for the application.
func (s *Server) Client() *authy.Client {
	return authy.New(s.APIKey, authy.WithBaseURL(s.URL), authy.WithHTTPClient(s.http))
}

func (s *Server) service() *onetouch.Service { return s.server.Service() }

// patience ends what waits for something that never comes.
const patience = time.Minute

// patient is a context for one wait. It leaves a test that has a deadline the time to tell its story.
func (s *Server) patient() (context.Context, context.CancelFunc) {
	until := time.Now().Add(patience)
	if limited, is := s.t.(interface{ Deadline() (time.Time, bool) }); is {
		const toTell = 5 * time.Second
		if deadline, given := limited.Deadline(); given && deadline.Add(-toTell).Before(until) {
			until = deadline.Add(-toTell)
		}
	}
	return context.WithDeadline(s.life, until)
}

// wait looks, and looks again when something has happened, until found says so or fails.
func (s *Server) wait(found func(context.Context) (bool, error)) error {
	ctx, cancel := s.patient()
	defer cancel()
	for {
		changed := s.service().Changed(onetouch.TopicEvents)
		done, err := found(ctx)
		switch {
		case ctx.Err() != nil:
			return errPatience
		case err != nil || done:
			return err
		}
		select {
		case <-ctx.Done():
			return errPatience
		case <-changed:
		}
	}
}

var errPatience = fmt.Errorf("it did not happen within %s, or before the test's own deadline", patience)
