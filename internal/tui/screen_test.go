package tui_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/tui"
)

// screen drives a model as the program would: commands run at once, and time passes only when the test says so.
type screen struct {
	t       testing.TB
	server  *server
	clock   *onetouch.ManualClock
	phone   *fakePhone
	phones  []tui.Phone
	model   *tui.Model
	quit    bool
	profile colorprofile.Profile
	// terminal is what the screen writes to it beside its pictures.
	terminal bytes.Buffer
	acted    []string // what the screen had done beside answers
	refusal  error    // what that fails with
}

// open returns a screen of 80×24 that is not connected yet.
func open(t *testing.T) *screen {
	t.Helper()
	server := newServer()
	return openOn(t, server, &fakePhone{server: server, id: pixelID, user: adaID, name: "Ada's Pixel"}, colorprofile.TrueColor)
}

func openOn(t testing.TB, server *server, phone *fakePhone, profile colorprofile.Profile) *screen {
	t.Helper()
	s := &screen{t: t, server: server, clock: server.clock, phone: phone, profile: profile}
	s.phones = []tui.Phone{phone}
	s.model = tui.NewScreen(server, func(context.Context) ([]tui.Phone, error) { return s.phones, nil }, s.clock, profile, s,
		&s.terminal)
	s.resize(80, 24)
	return s
}

// act is what a screen may do beside answering.
func (s *screen) act(what string, values ...any) error {
	s.acted = append(s.acted, fmt.Sprintf(what, values...))
	return s.refusal
}

func (s *screen) Ask(_ context.Context, n tui.NewRequest) (string, error) {
	return uuid(99), s.act("ask %d %q %v hidden %v in %q", n.AuthyID, n.Message, n.Details, n.Hidden, n.ExpiresIn)
}

func (s *screen) AddUser(_ context.Context, n tui.NewUser) (int64, error) {
	return 1002, s.act("add %s +%s %s", n.Email, n.CountryCode, n.Phone)
}

func (s *screen) Register(_ context.Context, authyID int64, name, platform string) (int64, error) {
	return 14, s.act("register %q for %d, %s", name, authyID, platform)
}

func (s *screen) SetPolicy(_ context.Context, deviceID int64, when []string, auto string) error {
	return s.act("policy of %d: %q, otherwise %q", deviceID, when, auto)
}

// connect is the feed's word that the stream stands.
func (s *screen) connect() *screen {
	s.t.Helper()
	described, err := s.server.Server(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	s.send(tui.Connected(described, s.clock.Now()))
	return s
}

// serverRead is the feed's word of how the server describes itself now; whatever else is asked may fail.
func (s *screen) serverRead() {
	s.t.Helper()
	described, _ := s.server.Server(s.t.Context())
	s.send(tui.ServerRead(described, s.clock.Now()))
}

func (s *screen) resize(width, height int) { s.send(tea.WindowSizeMsg{Width: width, Height: height}) }

// send hands a message to the model and runs what follows from it.
func (s *screen) send(msg tea.Msg) {
	switch msg := tui.Translate(msg).(type) {
	case nil:
	case tea.QuitMsg:
		s.quit = true
	case tea.BatchMsg:
		for _, command := range msg {
			s.run(command)
		}
	default:
		_, command := s.model.Update(msg)
		s.run(command)
	}
}

func (s *screen) run(command tea.Cmd) {
	if command != nil {
		s.send(command())
	}
}

// press presses keys one after another: single characters, or names such as "up".
func (s *screen) press(keys ...string) {
	named := map[string]tea.KeyType{
		"up": tea.KeyUp, "down": tea.KeyDown, "pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "tab": tea.KeyTab,
		"esc": tea.KeyEsc, "home": tea.KeyHome, "end": tea.KeyEnd, "shift+down": tea.KeyShiftDown, "shift+up": tea.KeyShiftUp,
		"ctrl+c": tea.KeyCtrlC, "enter": tea.KeyEnter, "ctrl+s": tea.KeyCtrlS, "left": tea.KeyLeft, "right": tea.KeyRight,
	}
	for _, name := range keys {
		if key, known := named[name]; known {
			s.send(tea.KeyMsg{Type: key})
			continue
		}
		s.typeAtOnce(name)
	}
}

// backspace is the key that takes back a character.
func backspace() tea.Msg { return tea.KeyMsg{Type: tea.KeyBackspace} }

// typeAtOnce presses keys so fast that they come as one message.
func (s *screen) typeAtOnce(keys string) { s.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(keys)}) }

// terminalSays has bubbletea read this; the screen hears what the terminal answered.
func (s *screen) terminalSays(codes string) {
	s.t.Helper()
	read := make([]byte, 256)
	n, err := tui.Keyboard(&typed{codes: codes}, s.send).Read(read)
	if got := string(read[:n]); err != nil || got != codes {
		s.t.Errorf("bubbletea reads %q, %v, want %q", got, err, codes)
	}
}

// typed is a file that holds what was typed, or answered.
type typed struct {
	*os.File
	codes string
}

func (t *typed) Read(b []byte) (int, error) { return copy(b, t.codes), nil }

// pass lets time pass, tick by tick.
func (s *screen) pass(d time.Duration) {
	s.t.Helper()
	end := s.clock.Now().Add(d)
	for {
		at, tick := s.model.NextTick()
		if at.After(end) {
			break
		}
		if at.After(s.clock.Now()) {
			s.clock.Advance(at.Sub(s.clock.Now()))
		}
		s.send(tick)
		if again, _ := s.model.NextTick(); !again.After(at) {
			s.t.Fatalf("the tick of %s asked for another one at %s", at, again)
		}
	}
	s.clock.Advance(end.Sub(s.clock.Now()))
}

// ask has the server ask Ada, and tells the screen.
func (s *screen) ask(n int, message string) string {
	s.t.Helper()
	s.clock.Advance(time.Millisecond) // so that no two requests are of the same age
	uuid := s.server.ask(n, message)
	s.send(tui.RequestsChanged(uuid))
	return uuid
}

// decide has somebody else answer, and tells the screen.
func (s *screen) decide(uuid string, status onetouch.Status, deviceID int64) {
	s.t.Helper()
	s.server.decide(uuid, status, deviceID)
	s.send(tui.RequestsChanged(uuid))
}

// picture is the screen with its colours.
func (s *screen) picture() string { return s.model.View() }

// text is the screen without colours.
func (s *screen) text() string { return ansi.Strip(s.picture()) }

func (s *screen) shows(texts ...string) {
	s.t.Helper()
	for _, text := range texts {
		if !strings.Contains(s.text(), text) {
			s.t.Fatalf("the screen does not show %q:\n%s", text, s.text())
		}
	}
}

func (s *screen) hides(texts ...string) {
	s.t.Helper()
	for _, text := range texts {
		if strings.Contains(s.text(), text) {
			s.t.Fatalf("the screen shows %q:\n%s", text, s.text())
		}
	}
}

// gave asserts which answers the phone was told to give.
func (s *screen) gave(want ...string) {
	s.t.Helper()
	if got := strings.Join(s.phone.gave, ", "); got != strings.Join(want, ", ") {
		s.t.Fatalf("the phone gave the answers [%s], want [%s]\n%s", got, strings.Join(want, ", "), s.text())
	}
}

// cursor asserts which request is in the detail pane.
func (s *screen) cursor(uuid string) {
	s.t.Helper()
	s.shows(uuid)
}
