package tui_test

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/server/traffic"
	"github.com/onetouchkit/onetouch/internal/tui"
)

// did asserts what the screen had done beside answers.
func (s *screen) did(want ...string) {
	s.t.Helper()
	if got := strings.Join(s.acted, "; "); got != strings.Join(want, "; ") {
		s.t.Fatalf("the screen did [%s], want [%s]\n%s", got, strings.Join(want, "; "), s.text())
	}
}

// TestNewRequest starts from the request under the cursor.
func TestNewRequest(t *testing.T) {
	t.Parallel()
	s := open(t)
	waiting(s)
	s.connect()
	s.press("N")
	s.shows("New request", "1000", "Send $12,400 to ACME Corporation?", "Amount=$12,400.00", "ip=10.0.0.1")
	s.press("down", "end", " Now")
	for range 5 { // over the four details to the empty field
		s.press("down")
	}
	s.press("Branch=Soho")
	s.shows("Branch=Soho")
	s.press("down", "Till=7", "ctrl+s")
	s.did(`ask 1000 "Send $12,400 to ACME Corporation? Now" ` +
		`[{Amount $12,400.00} {To ACME Corporation} {Reference Invoice 2026-0314, second and last instalment of the delivery ` +
		`of March} {City Bogotá} {Branch Soho} {Till 7}] hidden [{ip 10.0.0.1}] in ""`)
	s.shows("Asked: "+uuid(99), "a Approve")
}

// TestFormKeepsWhatWasWritten when it cannot be done, and says why.
func TestFormKeepsWhatWasWritten(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	s.press("N", "ten", "enter", "Log in?", "ctrl+s")
	s.shows(`Authy ID "ten" is no number`, "Log in?")
	s.did()
	s.press("up", "up", "up", "up", "up", "up") // around to the message and on
	s.shows("ten")
	s.press("esc")
	s.hides("New request")
	s.press("3", "N", "ada@example", "enter", "202-555-0158", "enter", "enter")
	s.did("add ada@example +1 202-555-0158")
	s.refusal = errors.New("User was not valid: email is invalid")
	s.press("N", "x", "ctrl+s")
	s.shows("User was not valid: email is invalid", "x▏")
	s.refusal = nil
	s.press("@")
	s.hides("is invalid") // that was said of what was written before
	s.press("example.com", "ctrl+s")
	s.shows("User 1002 is added.")
}

// TestKeysOfTheScreenAreTextInAForm: none of them answers or quits.
func TestKeysOfTheScreenAreTextInAForm(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	s.ask(1, "Log in?")
	s.press("N", "down", "q", "a", "d", "?", ":", "/", "1")
	s.shows("Log in?qad?:/1▏")
	s.press("esc")
	s.gave()
	if s.quit {
		t.Error("the screen was left")
	}
	s.press("N", "ctrl+c")
	if !s.quit {
		t.Error("Ctrl-C does not leave a form")
	}
}

func TestRegisterAndPolicy(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	s.press("2", "N", "ctrl+s") // for the user of the phone under the cursor
	s.did(`register "Simulated phone" for 1000, android`)
	s.acted = nil
	s.phone.rules, s.phone.auto = []string{`message contains "Log in" = approve`}, "deny"
	s.press("P")
	s.shows("Policy of Ada's Pixel", `message contains "Log in" = approve`, "deny")
	s.press("down", "true = ask", "ctrl+s")
	s.did(`policy of 12: ["message contains \"Log in\" = approve" "true = ask"], otherwise "deny"`)
	s.press("down", "P")
	s.shows("The key of this phone is not on this machine")
}

// TestRegisterForWhom: without a phone under the cursor it is for the only user, or for whom one writes.
func TestRegisterForWhom(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.server.devices = nil
	s.connect()
	s.press("2", "N", "1001", "ctrl+s")
	s.did(`register "Simulated phone" for 1001, android`)
	s.acted, s.server.users = nil, s.server.users[:1]
	s.send(tui.PeopleChanged())
	s.press("N", "ctrl+s")
	s.did(`register "Simulated phone" for 1000, android`)
}

func TestDenyWithAReason(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	s.ask(1, "Log in?")
	s.press("D", "ctrl+s")
	s.shows("write a reason")
	s.gave()
	s.press("Not me", "enter")
	s.gave(denied(1) + " Not me")
	s.send(tui.RequestsChanged(uuid(1)))
	s.shows("✗ Denied", "Denied.")
	s.press("D")
	s.shows("This request is denied already.")
	s.ask(2, "Again?")
	s.pass(tui.ArmTime)
	s.phone.fails = tui.ErrTooLate
	s.press("D", "Nor now", "enter")
	s.shows("Your denial came too late")
	s.gave(denied(1)+" Not me", denied(2)+" Nor now")
}

// TestReasonOfAFactor: the Verify API has no reasons, so another phone of the user's gives it, if there is one.
func TestReasonOfAFactor(t *testing.T) {
	t.Parallel()
	s := open(t)
	factor := &fakePhone{server: s.server, id: ipadID, user: adaID, name: "Ada's iPad", fails: tui.ErrNoReason}
	s.phones = []tui.Phone{factor}
	s.connect()
	s.ask(1, "Log in?")
	s.press("D", "Not me", "enter")
	s.shows("gives no reasons, so nothing was sent", "Deny “Log in?”")
	s.press("esc")
	s.phones = []tui.Phone{factor, s.phone}
	s.send(tui.PeopleChanged())
	s.press("D", "Not me", "enter")
	s.gave(denied(1) + " Not me")
}

// TestFormTakesBackWhatWasHeld: while one writes why not, the phone does not say yes behind the form.
func TestFormTakesBackWhatWasHeld(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	s.ask(1, "Log in?")
	s.press("a", "D")
	s.shows("Deny “Log in?”", "Your approval was taken back; nothing was sent.")
	s.press("Not me")
	s.pass(time.Minute)
	s.gave()
	s.press("enter")
	s.gave(denied(1) + " Not me")
}

// TestFormIsRefusedAsTheKeysAre: what keeps the keys from answering keeps the form from opening.
func TestFormIsRefusedAsTheKeysAre(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	refused := func(why string) {
		t.Helper()
		s.press("D")
		s.shows(why)
		s.hides("The backend and the evidence keep it.")
	}
	refused("Nothing to deny yet.")
	s.ask(1, "Log in?")
	s.decide(uuid(1), onetouch.StatusExpired, 0)
	refused("This request is expired already.")
	s.ask(2, "Log in?")
	refused("This request just arrived, so that key was ignored. Press it again to deny.")
	s.pass(tui.ArmTime)
	s.send(tui.Disconnected(errStorage, s.clock.Now().Add(time.Second)))
	refused("Nothing can be answered now: the server is gone.")
	s.connect()
	s.server.users = s.server.users[1:]
	s.send(tui.PeopleChanged())
	refused("The user was removed: nobody can answer.")
}

// TestAnswerOnItsWayIsNotGivenTwice, neither by the keys nor by the form.
func TestAnswerOnItsWayIsNotGivenTwice(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	s.ask(1, "Log in?")
	s.phone.during = func(context.Context) {
		s.phone.during = nil
		s.press("esc", "a")
		s.shows("Your denial is on its way already.")
		s.press("D")
		s.shows("Your denial is on its way already.")
		s.hides("The backend and the evidence keep it.")
	}
	s.press("D", "Not me", "enter")
	s.pass(tui.HoldTime)
	s.gave(denied(1) + " Not me")
	s.shows("✗ Denied")
}

// TestDenialIsFinishedWhenTheScreenIsLeft: Ctrl-C does not cut it off on its way.
func TestDenialIsFinishedWhenTheScreenIsLeft(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	s.ask(1, "Log in?")
	leave := s.model.Leaving()
	s.phone.during = func(ctx context.Context) {
		leave()
		if err := ctx.Err(); err != nil {
			t.Errorf("the denial is cut off: %v", err)
		}
	}
	s.press("D", "Not me", "enter")
	s.gave(denied(1) + " Not me")
}

func TestFaultForm(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	s.press("F", "POST /onetouch/*", "enter", "60050", "ctrl+s")
	s.shows("Fault 1 is in force")
	if f := s.server.faults[0]; f.Match != "POST /onetouch/*" || f.Error != "60050" || f.Times != 1 {
		t.Errorf("the fault is %+v", f)
	}
}

// TestPalette finds a command by its name, and does what its key does.
func TestPalette(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	s.ask(1, "Log in?")
	s.press(":")
	s.shows("Commands", "answer: approve", "tab: phones")
	s.hides("register a phone") // that is of another tab
	s.press("den")
	s.shows("answer: deny", "answer: deny with a reason")
	s.hides("answer: approve")
	s.press("enter")
	s.pass(tui.HoldTime)
	s.gave(denied(1))
	s.press(":", "nosuch")
	s.shows("No command is called that.")
	s.press("enter", ":", "esc")
	s.hides("Commands")
	s.press(":", "new", "down", "up", "enter")
	s.shows("New request")
}

// TestAllOfARequest shows what the phone does not, and the evidence once there is an answer.
func TestAllOfARequest(t *testing.T) {
	t.Parallel()
	s := open(t)
	waiting(s)
	s.connect()
	s.resize(120, 60)
	s.hides("10.0.0.1")
	s.press("x")
	s.shows("Hidden details", "10.0.0.1", "The request as JSON", `"status": "pending"`)
	s.hides("Evidence")
	s.decide(uuid(1), onetouch.StatusApproved, pixelID)
	s.shows("Evidence", "signed.00000001")
	s.press("x")
	s.hides("10.0.0.1")
	s.press("x")
	s.shows("10.0.0.1")
	s.press("esc", "esc")
	s.hides("10.0.0.1", "undo")
}

// TestCopy hands identifiers to the terminal's clipboard.
func TestCopy(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	s.press("y") // there is nothing yet
	s.ask(1, "Log in?")
	s.press("y")
	s.shows("UUID copied: " + uuid(1))
	s.press("3", "y")
	s.shows("User ID copied: 1000")
	want := base64.StdEncoding.EncodeToString([]byte(uuid(1)))
	if got := s.terminal.String(); !strings.Contains(got, "52;c;"+want) {
		t.Errorf("the terminal was told %q", got)
	}
}

func TestClockForm(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	s.press("T", "ctrl+s")
	s.shows("The server's clock shows 2026-03-14T14:13:20Z.")
	s.press("T", "enter", "2027-01-01T00:00:00Z", "ctrl+s")
	s.shows("one of them")
	s.press("up", "end")
	for range len("10m") {
		s.send(backspace())
	}
	s.press("ctrl+s")
	s.shows("The server's clock shows 2027-01-01T00:00:00Z.")
	s.press("T", "x", "ctrl+s")
	s.shows(`"10mx" is no duration`)
	if s.server.count("advance 10m0s") != 1 || s.server.count("set 2027-01-01T00:00:00Z") != 1 {
		t.Errorf("the server was told %v", s.server.calls)
	}
}

// TestActingAsOnePhone: of several phones only the chosen one answers, and for other users nobody does.
func TestActingAsOnePhone(t *testing.T) {
	t.Parallel()
	s := open(t)
	pad := &fakePhone{server: s.server, id: ipadID, user: adaID, name: "Ada's iPad"}
	s.phones = append(s.phones, pad)
	s.connect()
	s.ask(1, "Log in?")
	s.shows("as Ada's Pixel")
	s.press("2", "down", "A")
	s.shows("This screen answers as Ada's iPad (device 13) only.")
	s.press("1")
	s.send(tui.PeopleChanged()) // nothing in that
	s.shows("as Ada's iPad")
	s.press("a")
	s.pass(tui.HoldTime)
	s.gave()
	if len(pad.gave) != 1 {
		t.Errorf("the chosen phone gave %v", pad.gave)
	}
	s.phones = s.phones[:1]
	s.send(tui.PeopleChanged())
	s.shows("Ada's iPad (device 13) is gone from this machine")
	s.ask(2, "Again?")
	s.pass(tui.ArmTime)
	s.shows("as Ada's Pixel")
	s.press("a")
	s.pass(tui.HoldTime)
	s.gave(approved(2))
	s.server.ask(3, "For Grace?", func(r *controlapi.ApprovalRequest) { r.AuthyID = graceID })
	s.send(tui.RequestsChanged(uuid(2), uuid(3)))
	s.pass(tui.ArmTime)
	s.press("2", "up", "A", "1", "a")
	s.shows("This screen answers as Ada's Pixel (device 12)")
	s.gave(approved(2))
	s.press("2", "A", "down", "A")
	s.shows("The key of this phone is not on this machine")
	s.press("up", "A")
	s.shows("This screen answers as Ada's Pixel (device 12) only.")
	s.press("A")
	s.shows("This screen answers as whichever phone the user has.")
}

// TestFactor: a phone that speaks the Verify API was seen when it called that, and has no codes.
func TestFactor(t *testing.T) {
	t.Parallel()
	s := open(t)
	calls(s)
	pixel := s.server.heard[2]
	pixel.ID, pixel.API, pixel.Path, pixel.Open = 9, traffic.Verify, "/v2/Services/VA1", false
	pixel.At = pixel.At.Add(20 * time.Second)
	s.server.heard[2].Open = false
	s.server.heard = append([]controlapi.Call{pixel}, s.server.heard...)
	for i := range s.server.devices {
		s.server.devices[i].API = onetouch.APIVerify.String()
	}
	s.connect()
	s.press("2")
	s.shows("Seen        20s ago", "API         Verify", "no one-time codes")
}

// TestSeen: who holds the stream of pushes open is online, others were seen when they called.
func TestSeen(t *testing.T) {
	t.Parallel()
	s := open(t)
	calls(s)
	s.connect()
	s.press("2")
	s.shows("Seen        online")
	s.press("down")
	s.shows("Seen        not lately")
	s.server.heard[2].Open = false
	read := s.server.count("calls")
	s.send(tui.Happened(onetouch.EventRequestCreated, uuid(1)))
	if again := s.server.count("calls"); again != read {
		t.Errorf("an event has the calls read %d times", again-read)
	}
	s.serverRead()
	s.press("up")
	s.shows("Seen        40s ago")
	s.server.down = errStorage
	s.serverRead()
	s.shows(errStorage.Error(), "Seen        40s ago")
}
