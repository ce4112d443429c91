package tui_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/tui"
)

func TestOnlyAPageIsRead(t *testing.T) {
	t.Parallel()
	s := open(t)
	const all = 3*tui.HistoryPage + 7
	for n := range all {
		s.server.clock.Advance(time.Second)
		s.server.decide(s.server.ask(n, fmt.Sprintf("Question %d.", n)), onetouch.StatusApproved, pixelID)
	}
	s.connect()
	s.shows(fmt.Sprintf("Question %d.", all-1))
	if lists := s.server.count("list"); lists != 2 {
		t.Fatalf("%d lists were read for the first screen, want one of each kind", lists)
	}
	s.press("down", "down")
	if lists := s.server.count("list"); lists != 2 {
		t.Fatalf("%d lists were read near the top, want no more", lists)
	}
	for range all {
		s.press("down")
	}
	s.cursor(uuid(0))
	s.shows("Question 0.")
	if lists := s.server.count("list"); lists != 5 {
		t.Errorf("%d lists were read down to the end, want 5", lists)
	}
	for range all {
		s.press("up")
	}
	s.cursor(uuid(all - 1))
	s.press("pgdown", "pgdown", "pgup", "end")
	s.cursor(uuid(0))
	s.press("g")
	s.cursor(uuid(all - 1))
}

func TestBurstIsReadAsAWhole(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	before := s.server.count("list")
	var burst []string
	for n := range 150 {
		burst = append(burst, s.server.ask(n, fmt.Sprintf("Question %d", n)))
	}
	s.send(tui.RequestsChanged(burst...))
	s.shows("150 waiting")
	if shows, lists := s.server.count("show"), s.server.count("list")-before; shows != 0 || lists != 2 {
		t.Errorf("%d single requests and %d lists were read, want 0 and 2", shows, lists)
	}
}

func TestMoreWaitThanOnePage(t *testing.T) {
	t.Parallel()
	s := open(t)
	const all = tui.PendingPage + 60
	for n := range all {
		s.server.clock.Advance(moment)
		s.server.ask(n, "Log in?")
	}
	s.connect()
	s.shows("200+ waiting")
	s.titled("(200+) OneTouch")
	for n := all - 1; n >= all-tui.PendingPage/2-1; n-- {
		s.decide(uuid(n), onetouch.StatusDenied, ipadID)
	}
	s.shows(fmt.Sprintf("%d waiting", all-tui.PendingPage/2-1))
	s.titled(fmt.Sprintf("(%d) OneTouch", all-tui.PendingPage/2-1))
}

func TestRequestThatIsGoneLeavesTheList(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	first := s.ask(1, "First")
	s.ask(2, "Second")
	s.press("a")
	delete(s.server.requests, first)
	s.send(tui.RequestsChanged(first))
	s.hides("First", "Approving")
	s.cursor(uuid(2))
	s.pass(time.Minute)
	s.gave()
}
