package tui_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
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
		s.press(key)
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

func TestUserWithoutDevice(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.phones = nil
	s.connect()
	s.ask(1, "Log in?")
	s.shows("No device of this user here", "onetouch device register --user 1000")
	s.hides("a Approve")
	s.press("a")
	s.pass(tui.HoldTime)
	s.shows("Make one: onetouch device register --user 1000")
	s.gave()

	s.phones = []tui.Phone{s.phone}
	s.send(tui.PeopleChanged())
	s.shows("a Approve", "as Ada's Pixel")
	s.press("a")
	s.pass(tui.HoldTime)
	s.gave(approved(1))
}

func TestRemovedUser(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	s.ask(1, "Log in?")
	s.server.users = s.server.users[1:]
	s.send(tui.PeopleChanged())
	s.shows("The user was removed: nobody can answer.")
	s.hides("device register", "a Approve")
	s.press("a")
	s.pass(tui.HoldTime)
	s.hides("device register")
	s.gave()
}

func TestDeviceMadeWithoutTheServersWord(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.phones = nil
	s.connect()
	s.ask(1, "Log in?")
	s.phones = []tui.Phone{s.phone}
	s.press("a") // finds none, and looks again
	s.shows("a Approve")
}

func TestRemovedDevice(t *testing.T) {
	t.Parallel()
	s := open(t)
	gone := &fakePhone{server: s.server, id: ipadID, user: adaID, name: "Ada's iPad", fails: tui.ErrRemoved}
	s.phones = []tui.Phone{gone, s.phone}
	s.connect()
	s.ask(1, "First")
	s.press("a")
	s.pass(tui.HoldTime)
	s.gave(approved(1))
	s.phones = []tui.Phone{gone}
	s.send(tui.PeopleChanged())
	s.ask(2, "Second")
	s.pass(tui.ArmTime)
	s.press("a")
	s.pass(tui.HoldTime)
	s.shows("Your approval does not count: this", "machine's device was removed on the")
}

func TestDeviceThatTheServerDoesNotHave(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	s.ask(1, "Log in?")
	s.server.devices = s.server.devices[1:]
	s.send(tui.PeopleChanged())
	s.shows("No device of this user here")
	s.press("a")
	s.pass(tui.HoldTime)
	s.gave()
}

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
	for n := all - 1; n >= all-tui.PendingPage/2-1; n-- {
		s.decide(uuid(n), onetouch.StatusDenied, ipadID)
	}
	s.shows(fmt.Sprintf("%d waiting", all-tui.PendingPage/2-1))
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

func TestCallbacksFate(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	request := s.ask(1, "Log in?")
	s.shows("Follows the answer.", "POST http://127.0.0.1:3000/callback")
	s.press("a")
	s.server.deliver(request, onetouch.DeliveryPending)
	s.pass(tui.HoldTime)
	s.shows("● on its way")

	s.server.deliver(request, onetouch.DeliveryPending, s.server.attempt(1, 0, "connection refused"))
	s.send(tui.CallbacksChanged("another", request))
	s.shows("✗ try 1 failed · next in 0:03", "connection refused", "no answer")
	s.pass(2 * time.Second)
	s.shows("next in 0:01")

	s.server.deliver(request, onetouch.DeliverySent,
		s.server.attempt(1, 0, "connection refused"), s.server.attempt(2, 204, ""))
	s.send(tui.CallbacksChanged(request))
	s.shows("✓ delivered · try 2 · 204 No Content · 12", "try 1  ", "try 2  ")
}

func TestNoCallback(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.server.app.CallbackURL = ""
	s.connect()
	request := s.ask(1, "Log in?")
	s.shows("No callback URL is set; the backend polls.")
	s.press("a")
	s.pass(tui.HoldTime)
	s.shows("None: no callback URL was set")
	s.decide(s.ask(2, "Again?"), onetouch.StatusExpired, 0)
	s.shows("None: only an answer is called back.")
	s.press("G")
	s.cursor(request)
	s.shows("None: no callback URL was set")
}

func TestHelp(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	s.ask(1, "Log in?")
	s.press("?")
	s.shows("An answer cannot be taken back", "approve", "scroll text")
	s.hides("Log in?")
	s.press("a") // closes the help and does nothing else
	s.shows("Log in?", "a Approve")
	s.press("?", "?")
	s.shows("Log in?")
	s.pass(time.Minute)
	s.gave()
	s.resize(44, 12)
	s.press("?")
	s.hides("keys that answer then rest")
	for range 40 {
		s.press("down")
	}
	s.shows("answer then rest")
	s.press("up", "up")
	s.hides("answer then rest")
}

// TestHelpKnowsEveryKey: a command has its own entry, or stands right after the one that speaks for both.
func TestHelpKnowsEveryKey(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	spoken := false
	for _, c := range tui.Commands() {
		for _, key := range c.Keys() {
			if seen[key] {
				t.Errorf("%s has two meanings", key)
			}
			seen[key] = true
		}
		if c.Help().Key == "" && !spoken {
			t.Errorf("the help says nothing of %v", c.Keys())
		}
		spoken = c.Help().Key != ""
	}
}

func TestResize(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	s.ask(1, "Log in?")
	s.press("a")
	s.resize(20, 5)
	s.hides("Log in?")
	s.shows("This window is", "44×12")
	s.resize(120, 40)
	s.shows("Log in?", "Approving…", "u undo")
	s.resize(60, 16)
	s.shows("Log in?", "Approving…", "u undo")
}

func TestLongTextScrolls(t *testing.T) {
	t.Parallel()
	s := open(t)
	long(s)
	s.connect()
	s.shows("lines more, J scrolls")
	s.hides("the end")
	for range 300 {
		s.press("shift+down")
	}
	s.shows("the end")
	s.hides("more, J scrolls")
	for range 300 {
		s.press("K")
	}
	s.hides("the end")
	s.shows(strings.Repeat("Lorem ", 1))
}

func TestJoinedEmojiAreMeasuredAsTheTerminalDoes(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	s.ask(1, "👩‍👩‍👧‍👦 family")
	old := s.text()
	for _, other := range []string{ // another mode, one that the terminal does not know or cannot change, another code
		ansi.ReportMode(ansi.ModeSynchronizedOutput, ansi.ModeReset),
		ansi.ReportMode(ansi.ModeUnicodeCore, ansi.ModeNotRecognized),
		ansi.ReportMode(ansi.ModeUnicodeCore, ansi.ModePermanentlyReset),
		"\x1b[?1;2X",
	} {
		if s.terminalSays(other); s.text() != old {
			t.Errorf("the screen takes %q for Unicode's way to count", other)
		}
	}
	if s.terminalSays("ab" + ansi.ReportMode(ansi.ModeUnicodeCore, ansi.ModeReset) + "\x1b[A"); s.text() == old {
		t.Error("the screen does not follow the terminal's way to count")
	}
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
