package conformance_test

import (
	"context"
	"encoding/base32"
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
	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/authy"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// stage is a running server with all that a backend's client does not play: the phones and the clock. A suite asks for
// those over HTTP. The inbox and the application's settings it has from the server's control API.
type stage struct {
	server     *server.Server
	clock      *onetouch.ManualClock
	url        string // of the server
	directions string // URL under which a suite gives stage directions
	follow     map[string]func(context.Context, direction) (any, error)

	mu     sync.Mutex
	phones map[int64]*device.Device // by Authy ID
}

const controlToken = "stage-manager"

func openStage(t *testing.T, settings onetouch.ApplicationSettings) *stage {
	t.Helper()
	return openStageOn(t, listen(t), server.Options{Application: settings, Clock: onetouch.NewManualClock(time.Now())})
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return listener
}

// openStageOn opens a server with options that have a manual clock.
func openStageOn(t *testing.T, listener net.Listener, o server.Options) *stage {
	t.Helper()
	clock, _ := o.Clock.(*onetouch.ManualClock)
	o.Database, o.Version, o.ControlToken = filepath.Join(t.TempDir(), "server.db"), "conformance", controlToken
	s, err := server.Open(t.Context(), o)
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
	st.follow = map[string]func(context.Context, direction) (any, error){
		"register-device": st.registerDevice,
		"answer":          st.answer,
		"soft-token":      st.softToken,
		"advance":         st.advance,
	}
	directions := httptest.NewServer(st.handler())
	t.Cleanup(directions.Close)
	st.directions = directions.URL
	return st
}

// environment tells a suite where everything is.
func (s *stage) environment() []string {
	app := s.server.Application()
	return []string{
		"ONETOUCH_URL=" + s.url, "ONETOUCH_API_KEY=" + app.APIKey, "ONETOUCH_STAGE=" + s.directions,
		"ONETOUCH_APPLICATION=" + app.ID, "ONETOUCH_CONTROL_TOKEN=" + controlToken,
	}
}

// direction is what a suite says to the stage. Which fields are set depends on the direction.
type direction struct {
	AuthyID int64           `json:"authy_id"`
	UUID    string          `json:"uuid"`
	Status  approval.Status `json:"status"`
	Seconds int64           `json:"seconds"`
}

func (s *stage) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /{direction}", func(w http.ResponseWriter, r *http.Request) {
		var d direction
		if err := json.NewDecoder(r.Body).Decode(&d); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		follow := s.follow[r.PathValue("direction")]
		if follow == nil {
			http.NotFound(w, r)
			return
		}
		result, err := follow(r.Context(), d)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_ = json.NewEncoder(w).Encode(result) // a suite that went away does not read it
	})
	return mux
}

// registerDevice gives a user a phone, in the way of an SDK's sample backend.
func (s *stage) registerDevice(ctx context.Context, d direction) (any, error) {
	backend := authy.New(s.server.Application().APIKey, authy.WithBaseURL(s.url))
	token, err := backend.StartRegistration(ctx, d.AuthyID)
	if err != nil {
		return nil, err
	}
	phone, err := device.Register(ctx, device.Registration{Server: s.url, Token: token})
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.phones[d.AuthyID] = phone
	return phone.ID(), nil
}

func (s *stage) phone(authyID int64) (*device.Device, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	phone := s.phones[authyID]
	if phone == nil {
		return nil, fmt.Errorf("user %d has no phone", authyID)
	}
	return phone, nil
}

func (s *stage) answer(ctx context.Context, d direction) (any, error) {
	phone, err := s.phone(d.AuthyID)
	if err != nil {
		return nil, err
	}
	request, err := phone.ApprovalRequest(ctx, d.UUID)
	if err != nil {
		return nil, err
	}
	reason := map[approval.Status]string{approval.Denied: "not me"}[d.Status]
	return nil, phone.Answer(ctx, request, d.Status, reason)
}

// softToken is what the user's phone shows now.
func (s *stage) softToken(_ context.Context, d direction) (any, error) {
	phone, err := s.phone(d.AuthyID)
	if err != nil {
		return nil, err
	}
	shown := phone.Credentials().TOTP
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(shown.Secret)
	if err != nil {
		return nil, fmt.Errorf("reading the secret of the phone of user %d: %w", d.AuthyID, err)
	}
	period := time.Duration(shown.Period) * time.Second
	return onetouch.OneTimeCode(secret, shown.Digits, period, s.clock.Now()), nil
}

func (s *stage) advance(_ context.Context, d direction) (any, error) {
	s.clock.Advance(time.Duration(d.Seconds) * time.Second)
	return s.clock.Now(), nil
}
