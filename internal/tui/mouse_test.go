package tui_test

import (
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/tui"
)

// click presses the left button where the screen shows a text first.
func (s *screen) click(text string) { s.mouse(text, tea.MouseButtonLeft) }

func (s *screen) mouse(text string, button tea.MouseButton) {
	s.t.Helper()
	for y, shown := range strings.Split(s.text(), "\n") {
		if before, _, found := strings.Cut(shown, text); found {
			s.send(tea.MouseMsg{X: ansi.StringWidth(before), Y: y, Button: button, Action: tea.MouseActionPress})
			return
		}
	}
	s.t.Fatalf("%q is nowhere to click on:\n%s", text, s.text())
}

func TestMouse(t *testing.T) {
	t.Parallel()
	for _, size := range sizes[:2] {
		s := open(t)
		waiting(s)
		history(s)
		s.connect()
		s.resize(size[0], size[1])
		s.click("● Keep me signed in")
		s.cursor(uuid(3))
		s.mouse("● Keep me signed in", tea.MouseButtonWheelUp)
		s.cursor(uuid(2))
		s.click("✗ Log in, attempt 2")
		s.cursor(uuid(11))
		s.click("History") // is nothing to choose
		s.cursor(uuid(11))
	}
}

// TestMousePressesButtons: a click on a button is its key, in each layout.
func TestMousePressesButtons(t *testing.T) {
	t.Parallel()
	for _, size := range sizes {
		s := open(t).connect()
		s.resize(size[0], size[1])
		s.ask(1, "Log in?")
		s.click("as Ada's Pixel") // is no button
		s.pass(tui.HoldTime)
		s.gave()
		s.click("d Deny")
		s.shows("Denying…")
		s.press("u")
		s.click("a Approve")
		s.shows("Approving…")
		s.click("Approving") // nor is this
		s.pass(tui.HoldTime)
		s.gave("approved " + uuid(1))
		s.click("Approved")
		s.shows("✓ Approved")
	}
}

func TestMouseChoosesTabs(t *testing.T) {
	t.Parallel()
	s := open(t)
	inbox(s)
	s.connect()
	s.click("5 Inbox")
	s.shows("Your Acme Bank token is")
	s.click("push ")
	s.shows("onetouch_approval_request")
	s.click("3 Users")
	s.click("grace")
	s.shows("No device: onetouch device register")
	s.resize(60, 16)
	s.shows("3 Users")
	s.click("5")
	s.shows("onetouch_approval_request")
	s.press("?")
	s.click("1")
	s.shows("─ Help ") // what covers the panes is for the keyboard
}

// TestClickOnATabEndsTheSearchLine, and what was written in it stays where it was looked for.
func TestClickOnATabEndsTheSearchLine(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	s.press("3", "/", "navy")
	s.click("2 Phones")
	s.hides("enter keep")
	s.press("down") // is a key of the screen again, and no text
	s.shows("Its key is not on this", "Ada's Pixel")
	s.press("3")
	s.shows("/navy", "grace.hopper@navy.example.com")
	s.hides("ada@example.com")
}

func TestWheelScrollsText(t *testing.T) {
	t.Parallel()
	s := open(t)
	long(s)
	s.connect()
	before := s.text()
	s.mouse("Acme Bank", tea.MouseButtonWheelDown)
	s.mouse("ipsum", tea.MouseButtonWheelDown)
	if s.text() == before {
		t.Error("the wheel moves nothing")
	}
}

// TestAlert: the window's title counts those that wait, and the bell rings when one arrives, not when one goes.
// titled checks the title that the window was given last.
func (s *screen) titled(want string) {
	s.t.Helper()
	told := s.terminal.String()
	if last := strings.LastIndex(told, "\x1b]2;"); last < 0 || !strings.HasPrefix(told[last:], ansi.SetWindowTitle(want)) {
		s.t.Errorf("the terminal is told %q, want the title %q last", told, want)
	}
}

func TestAlert(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	s.terminal.Reset()
	s.ask(1, "Log in?")
	if got, want := s.terminal.String(), ansi.SetWindowTitle("(1) OneTouch")+"\a"; got != want {
		t.Errorf("the terminal is told %q when a request arrives, want %q", got, want)
	}
	s.terminal.Reset()
	s.decide(uuid(1), onetouch.StatusDenied, pixelID)
	if got, want := s.terminal.String(), ansi.SetWindowTitle("OneTouch"); got != want {
		t.Errorf("the terminal is told %q when it was answered, want %q", got, want)
	}
	if tui.AlertNone != "none" || len(tui.Alerts()) != 3 {
		t.Errorf("the ways are %v", tui.Alerts())
	}
}
