package tui_test

import (
	"errors"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/tui"
)

func TestServerGoneAndBack(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	s.ask(1, "Log in?")
	s.press("a")
	s.send(tui.Disconnected(errors.New("connection refused"), s.clock.Now().Add(4*time.Second)))
	s.shows("server gone, next try in 0:04", "Log in?")
	s.pass(tui.HoldTime)
	s.gave()
	s.shows("Not sent: the server is gone", "next try in 0:03", "No answers while the server is gone")
	s.press("a")
	s.shows("Nothing can be answered now: the server is gone.")

	s.server.ask(2, "Asked meanwhile")
	s.connect()
	s.shows("● live", "Asked meanwhile", "2 waiting", "a Approve")
	s.cursor(uuid(1))
	s.press("a")
	s.hides("Not sent")
	s.pass(tui.HoldTime)
	s.gave(approved(1))
}

func TestControlTokenIsRefused(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	s.ask(1, "Log in?")
	s.press("a")
	s.send(tui.Disconnected(errToken, s.clock.Now().Add(4*time.Second)))
	s.shows("○ not authorised, next try in 0:04", "The server has another control token now")
	s.pass(tui.HoldTime)
	s.gave()
	s.shows("Not sent: the control token is refused", "No answers while the control token")
	s.press("a")
	s.shows("Nothing can be answered now: the control token is refused.")
	s.pass(time.Minute)
	s.send(tui.Disconnected(errToken, s.clock.Now()))
	s.hides("server gone", "server is gone", "another control token")
}

func TestServersTroubleShowsAndIsNotAskedForAgainAtOnce(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	s.ask(1, "First")
	s.server.down = errStorage
	s.ask(2, "Second")
	s.shows("the database is full")
	calls := s.server.count("show")
	s.pass(time.Second)
	if again := s.server.count("show"); again != calls {
		t.Errorf("the server was asked %d more times within a second", again-calls)
	}
	s.server.down = nil
	described, err := s.server.Server(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.send(tui.ServerRead(described, s.clock.Now()))
	s.shows("Second", "2 waiting")
}

func TestCountdownFollowsTheServersClock(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.server.ask(1, "Log in?")
	behind := s.clock.Now().Add(-time.Hour) // the server's clock is an hour behind this machine's
	server := controlapi.Server{Now: behind, Applications: []controlapi.Application{s.server.app}}
	r := s.server.requests[uuid(1)]
	r.CreatedAt, *r.ExpiresAt = behind, behind.Add(2*time.Minute)
	s.server.requests[uuid(1)] = r
	s.send(tui.Connected(server, s.clock.Now()))
	s.shows("2:00 left")
	s.pass(30 * time.Second)
	s.shows("1:30 left")

	server.Now = behind.Add(90 * time.Second) // it was moved forward
	s.send(tui.ServerRead(server, s.clock.Now()))
	s.shows("0:30 left")
	s.pass(5 * time.Second)
	s.send(tui.ServerRead(server, s.clock.Now())) // and stopped
	s.shows("0:30 left")
	s.pass(time.Minute)
	s.shows("0:30 left")
}
