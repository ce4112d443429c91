package tui_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/colorprofile"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/tui"
)

const (
	moment = time.Millisecond
	// soon is a press that is meant, yet well within the hold.
	soon = tui.KeyRepeat + 50*moment
)

func approved(n int) string { return "approved " + uuid(n) }
func denied(n int) string   { return "denied " + uuid(n) }

func TestOneKeyAnswers(t *testing.T) {
	t.Parallel()
	for key, test := range map[string]struct{ doing, answer, outcome string }{
		"a": {"Approving…", approved(1), "✓ Approved 14:03:21"},
		"d": {"Denying…", denied(1), "✗ Denied 14:03:21"},
	} {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			s := open(t).connect()
			s.ask(1, "Log in?")
			s.shows("1 waiting", "Log in?", "a Approve", "d Deny")
			s.press(key)
			s.shows(test.doing, "u undo", key+" send now", "1.5 s")
			s.pass(tui.HoldTime - moment)
			s.gave()
			s.pass(moment)
			s.gave(test.answer)
			s.shows(test.outcome, "by Ada's Pixel (device 12)", "0 waiting")
			s.hides("undo", "a Approve")
		})
	}
}

func TestUndo(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"u", "esc"} {
		s := open(t).connect()
		s.ask(1, "Log in?")
		s.press("a")
		s.pass(tui.HoldTime - moment)
		s.press(key)
		s.shows("Your approval was taken back; nothing was sent.", "a Approve")
		s.pass(time.Minute)
		s.gave()
		s.press("esc")
		s.hides("Nothing to undo")
		s.press("u")
		s.shows("Nothing to undo")
	}
}

func TestUndoTakesTheAnswerUnderTheCursorFirst(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	for n := range 3 {
		s.ask(n, fmt.Sprintf("Question %d", n))
	}
	s.press("home", "a", "n", "a", "n", "a", "home")
	s.press("u") // that of the first
	s.shows("a Approve")
	s.press("u") // then the last given
	s.pass(time.Minute)
	s.gave(approved(1))
}

func TestSecondPressSendsAtOnce(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	s.ask(1, "Log in?")
	s.press("a")
	s.pass(soon)
	s.press("a")
	s.pass(tui.KeyRepeat)
	s.gave(approved(1))
	s.shows("✓ Approved")
	s.press("a", "a")
	s.shows("This request is approved already.")
	s.pass(time.Minute)
	s.gave(approved(1))
}

func TestKeyHeldDownDoesNotSend(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ delay, rate time.Duration }{
		"usual":             {500 * moment, 33 * moment},
		"slow":              {660 * moment, 100 * moment},
		"bounce":            {20 * moment, 20 * moment},
		"longer than hold?": {1400 * moment, 33 * moment},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t).connect()
			s.ask(1, "Log in?")
			s.press("a")
			s.pass(test.delay)
			for range 200 {
				s.press("a")
				s.pass(test.rate)
			}
			s.gave()
			s.shows("Approving…")
			s.press("u")
			s.pass(time.Minute)
			s.gave()
		})
	}
}

func TestOtherKeyChangesTheAnswer(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	s.ask(1, "Log in?")
	s.press("a")
	s.pass(tui.HoldTime - moment)
	s.press("d")
	s.shows("Denying…")
	s.pass(tui.HoldTime - moment)
	s.gave()
	s.pass(moment)
	s.gave(denied(1))
}

func TestPasteAndUnknownKeysAreNoAnswer(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	s.ask(1, "Log in?")
	s.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("a"), Paste: true})
	s.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("aaaddd"), Paste: true})
	s.press("x", "A", "D")
	s.pass(time.Minute)
	s.gave()
}

// TestKeysThatComeAtOnce: a slow line brings several keys in one message. All count or none.
func TestKeysThatComeAtOnce(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string][]string{
		"na":   {approved(1)}, // to the older one, and yes
		"nda":  {approved(1)},
		"aaa":  {approved(2)}, // within the time of a key that repeats, so not at once
		"[a":   nil,           // the rest of shift+up on rxvt
		"Od":   nil,           // and of ctrl+left
		"1;2a": nil, "add it": nil, "up": nil, "": nil,
	} {
		t.Run(typed, func(t *testing.T) {
			t.Parallel()
			s := open(t).connect()
			s.ask(1, "First")
			s.ask(2, "Second")
			s.press("home")
			s.typeAtOnce(typed)
			s.pass(tui.KeyRepeat)
			s.gave()
			s.pass(tui.HoldTime)
			s.gave(want...)
		})
	}
}

func TestNothingHeldIsSentAfterQuitting(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"q", "ctrl+c"} {
		s := open(t).connect()
		s.ask(1, "Log in?")
		s.press("a", key)
		if !s.quit {
			t.Errorf("%s does not quit", key)
		}
		s.gave()
	}
}

func TestNothingIsSentThatNobodySaw(t *testing.T) {
	t.Parallel()
	for late, want := range map[time.Duration][]string{tui.MissedTime: {approved(1)}, tui.MissedTime + moment: nil} {
		s := open(t).connect()
		s.ask(1, "Log in?")
		s.press("a")
		_, tick := s.model.NextTick()
		s.clock.Advance(tui.HoldTime + late) // the process was stopped
		s.send(tick)
		s.gave(want...)
		if want == nil {
			s.shows("Not sent: the screen stood still", "a Approve")
		}
	}
}

func TestTwoScreensAnswerTheSameRequest(t *testing.T) {
	t.Parallel()
	ada := open(t).connect()
	ipad := &fakePhone{server: ada.server, id: ipadID, user: adaID, name: "Ada's iPad"}
	other := openOn(t, ada.server, ipad, colorprofile.TrueColor).connect()
	request := ada.ask(1, "Log in?")
	other.send(tui.RequestsChanged(request))
	ada.press("a")
	other.press("d")
	ada.pass(tui.HoldTime)
	ada.shows("✓ Approved", "by Ada's Pixel (device 12)")

	other.pass(0) // its moment is over too, and the event has not come yet
	other.gave(denied(1))
	other.shows("Your denial came too late", "✓ Approved", "by Ada's Pixel (device 12)")
	other.send(tui.RequestsChanged(request))
	other.shows("Your denial came too late", "✓ Approved", "by Ada's Pixel (device 12)")
	ada.hides("too late")
}

func TestHeldAnswerEndsWithTheRequest(t *testing.T) {
	t.Parallel()
	for status, outcome := range map[onetouch.Status][]string{
		onetouch.StatusDenied:  {"✗ Denied", "by Ada's iPad (device 13)"},
		onetouch.StatusExpired: {"○ Expired", "nobody answered"},
	} {
		s := open(t).connect()
		request := s.ask(1, "Log in?")
		s.press("a")
		device := int64(0)
		if status == onetouch.StatusDenied {
			device = ipadID
		}
		s.decide(request, status, device)
		s.shows(append(outcome, "Your approval came too late")...)
		s.pass(time.Minute)
		s.gave()
	}
}

func TestAnswerThatFailsCanBeGivenAgain(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	s.ask(1, "Log in?")
	s.phone.fails = errStorage
	s.press("a")
	s.pass(tui.HoldTime)
	s.shows("Your approval does not count: the database", "is full", "a Approve", "1 waiting")
	s.phone.fails = nil
	s.press("a")
	s.pass(tui.HoldTime)
	s.gave(approved(1), approved(1))
	s.shows("✓ Approved")
	s.hides("does not count")
}

func TestAnswerToAnotherQuestionIsNotSent(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	s.ask(1, "Log in?")
	s.phone.fails = tui.ErrOtherQuestion
	s.press("a")
	s.pass(tui.HoldTime)
	s.shows("Your approval does not count: the server", "asked something else than this screen")
}

func TestAnswerThatMayHaveArrived(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	s.ask(1, "Log in?")
	s.phone.fails = tui.ErrNoWord
	s.press("a")
	s.pass(tui.HoldTime)
	s.shows("whether your", "approval arrived is not known yet")
	s.server.decide(uuid(1), onetouch.StatusApproved, pixelID) // it did
	s.send(tui.Disconnected(errors.New("connection refused"), s.clock.Now()))
	s.connect()
	s.shows("✓ Approved", "by Ada's Pixel")
	s.hides("not known yet", "too late")
}
