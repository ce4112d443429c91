package tui_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/tui"
)

func TestCursorStaysOnItsRequest(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	s.ask(1, "First")
	for n := 2; n < 40; n++ {
		s.pass(time.Second)
		s.ask(n, fmt.Sprintf("Question %d", n))
		s.cursor(uuid(1))
	}
	s.press("a")
	s.ask(40, "One more")
	s.pass(tui.HoldTime)
	s.gave(approved(1))
	s.cursor(uuid(1))
	s.shows("39 waiting", "n next")
	s.press("n")
	s.cursor(uuid(40))
	s.press("n")
	s.cursor(uuid(39))
}

func TestCursorGoesToAnArrivalFromADecidedRequest(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	s.ask(1, "First")
	s.press("a")
	s.pass(soon)
	s.press("a")
	s.pass(tui.KeyRepeat)
	s.cursor(uuid(1))
	s.ask(2, "Second")
	s.cursor(uuid(2))
	s.shows("just arrived")
	s.press("a") // meant for the first
	s.shows("just arrived, so that key was ignored")
	s.pass(time.Minute)
	s.gave(approved(1))
	s.shows("a Approve")
	s.press("a")
	s.pass(tui.HoldTime)
	s.gave(approved(1), approved(2))
}

func TestKeysRestOnlyForAMoment(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	s.decide(s.ask(1, "First"), onetouch.StatusDenied, ipadID)
	s.ask(2, "Second")
	s.pass(tui.ArmTime - moment)
	s.shows("just arrived")
	s.pass(moment)
	s.shows("a Approve")
	s.press("a")
	s.shows("Approving…")
}

func TestOwnMoveNeedsNoRest(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	s.decide(s.ask(1, "First"), onetouch.StatusDenied, ipadID)
	s.ask(2, "Second")
	s.press("down", "up", "a")
	s.shows("Approving…")
}

func TestFirstRequestNeedsNoRest(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	s.ask(1, "First")
	s.press("a")
	s.shows("Approving…")
}

func TestArrivalLeavesAReaderOfTheHistoryAlone(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	s.decide(s.ask(1, "First"), onetouch.StatusDenied, ipadID)
	s.ask(2, "Second")
	s.press("down")
	s.cursor(uuid(1))
	s.ask(3, "Third")
	s.cursor(uuid(1))
	s.press("n")
	s.cursor(uuid(3))
}
