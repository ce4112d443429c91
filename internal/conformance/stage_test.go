package conformance_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/pkg/authy"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// stage is a running server with all that a backend's client does not play: the phones, the clock, the place where
// callbacks go. A suite asks for those over HTTP.
type stage struct {
	server     *server.Server
	clock      *onetouch.ManualClock
	url        string // of the server
	directions string // URL under which a suite gives stage directions

	mu     sync.Mutex
	phones map[int64]*device.Device // by Authy ID
}

func openStage(t *testing.T) *stage {
	t.Helper()
	clock := onetouch.NewManualClock(time.Now())
	s, err := server.Open(t.Context(), server.Options{
		Database: filepath.Join(t.TempDir(), "server.db"), Clock: clock, Version: "conformance",
	})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serving, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	stopped := make(chan error, 1)
	go func() { stopped <- s.Serve(serving, listener) }()
	t.Cleanup(func() {
		stop()
		if err := <-stopped; err != nil {
			t.Errorf("the server ended with: %v", err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	st := &stage{server: s, clock: clock, url: "http://" + listener.Addr().String(), phones: map[int64]*device.Device{}}
	directions := httptest.NewServer(st.handler())
	t.Cleanup(directions.Close)
	st.directions = directions.URL
	return st
}

// direction is what a suite says to the stage. Which fields are set depends on the direction.
type direction struct {
	AuthyID int64  `json:"authy_id"`
	UUID    string `json:"uuid"`
	Status  string `json:"status"`
	URL     string `json:"url"`
	Method  string `json:"method"`
	Seconds int64  `json:"seconds"`
}

func (s *stage) handler() http.Handler {
	mux := http.NewServeMux()
	for name, follow := range map[string]func(context.Context, direction) error{
		"register-device": s.registerDevice,
		"answer":          s.answer,
		"call-back":       s.callBack,
		"advance":         s.advance,
	} {
		mux.HandleFunc("POST /"+name, func(w http.ResponseWriter, r *http.Request) {
			var d direction
			if err := json.NewDecoder(r.Body).Decode(&d); err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			if err := follow(r.Context(), d); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
		})
	}
	return mux
}

// registerDevice gives a user a phone, in the way of an SDK's sample backend.
func (s *stage) registerDevice(ctx context.Context, d direction) error {
	backend := authy.New(s.server.Application().APIKey, authy.WithBaseURL(s.url))
	token, err := backend.StartRegistration(ctx, d.AuthyID)
	if err != nil {
		return err
	}
	phone, err := device.Register(ctx, device.Registration{Server: s.url, Token: token})
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.phones[d.AuthyID] = phone
	return nil
}

func (s *stage) answer(ctx context.Context, d direction) error {
	s.mu.Lock()
	phone := s.phones[d.AuthyID]
	s.mu.Unlock()
	if phone == nil {
		return fmt.Errorf("user %d has no phone", d.AuthyID)
	}
	request, err := phone.ApprovalRequest(ctx, d.UUID)
	if err != nil {
		return err
	}
	if d.Status == "denied" {
		return phone.Deny(ctx, request, "not me")
	}
	return phone.Approve(ctx, request)
}

func (s *stage) callBack(ctx context.Context, d direction) error {
	settings := onetouch.ApplicationSettings{CallbackURL: &d.URL, CallbackMethod: d.Method}
	_, err := s.server.Service().EnsureApplication(ctx, settings)
	return err
}

func (s *stage) advance(_ context.Context, d direction) error {
	s.clock.Advance(time.Duration(d.Seconds) * time.Second)
	return nil
}
