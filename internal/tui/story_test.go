//go:build unix

package tui_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	realserver "github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/pkg/details"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// stage is a real server with a user, her device and a backend that takes callbacks.
type stage struct {
	t         *testing.T
	database  string
	address   string
	token     string // the server's control token
	devices   string // folder
	callbacks *httptest.Server
	refusals  atomic.Int64 // callbacks that the backend still refuses
	server    *realserver.Server
	user      onetouch.User
	stop      func()
}

func setStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{
		t: t, database: filepath.Join(t.TempDir(), "server.db"), address: "127.0.0.1:0", token: controlToken,
		devices: filepath.Join(t.TempDir(), "devices"),
	}
	s.callbacks = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if s.refusals.Add(-1) >= 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(s.callbacks.Close)
	s.startServer()
	t.Cleanup(func() { s.stop() })
	s.addUser()
	return s
}

// startServer starts the server, again at the same address and on the same database.
func (s *stage) startServer() {
	s.t.Helper()
	opened, err := realserver.Open(s.t.Context(), realserver.Options{
		Database: s.database, ControlToken: s.token, Version: "test",
		Application: onetouch.ApplicationSettings{Name: "Acme Bank", APIKey: "key", CallbackURL: &s.callbacks.URL},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	listener, err := net.Listen("tcp", s.address)
	if err != nil {
		s.t.Fatal(err)
	}
	s.server, s.address = opened, listener.Addr().String()
	ctx, cancel := context.WithCancel(context.WithoutCancel(s.t.Context()))
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := opened.Serve(ctx, listener); err != nil {
			s.t.Error(err)
		}
	})
	s.stop = sync.OnceFunc(func() {
		cancel()
		serving.Wait()
		if err := opened.Close(); err != nil {
			s.t.Error(err)
		}
	})
}

func (s *stage) base() string { return "http://" + s.address }

func (s *stage) addUser() {
	s.t.Helper()
	ctx, service, app := s.t.Context(), s.server.Service(), s.server.Application()
	user, err := service.AddUser(ctx, app.ID, onetouch.NewUser{
		Email: "ada@example.com", CountryCode: "1", Cellphone: "202-555-0158",
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.user = user
	token, err := service.StartRegistration(ctx, app.ID, user.AuthyID)
	if err != nil {
		s.t.Fatal(err)
	}
	phone, err := device.Register(ctx, device.Registration{Server: s.base(), Token: token, Name: "Ada's Pixel"})
	if err != nil {
		s.t.Fatal(err)
	}
	if err := device.NewStore(s.devices).Save(phone.Credentials()); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) ask(message string) (uuid string) {
	s.t.Helper()
	request, err := s.server.Service().CreateApprovalRequest(s.t.Context(), s.server.Application(), s.user.AuthyID,
		onetouch.NewApprovalRequest{Message: message, Details: details.List{{Name: "City", Value: "Bogotá"}}})
	if err != nil {
		s.t.Fatal(err)
	}
	return request.UUID
}

// status is what the server holds a request for.
func (s *stage) status(uuid string) onetouch.Status {
	s.t.Helper()
	request, err := s.server.Service().AnyApprovalRequest(s.t.Context(), uuid)
	if err != nil {
		s.t.Fatal(err)
	}
	return request.Status
}

// show starts the screen on a terminal.
func (s *stage) show(variables ...string) *terminal {
	s.t.Helper()
	return startProgram(s.t, append(variables, serverVariable+"="+s.base(), devicesVariable+"="+s.devices)...)
}

// TestStory: a request appears, one key approves it, and the screen shows the callback delivered.
func TestStory(t *testing.T) {
	t.Parallel()
	s := setStage(t)
	screen := s.show()
	screen.await("● live", "Nothing waits.")
	uuid := s.ask("Log in from Bogotá?")
	screen.await("Log in from Bogotá?", "City  Bogotá", "1 waiting", "a Approve", "as Ada's Pixel")
	s.refusals.Store(1)
	screen.typeKeys("a")
	screen.await("Approving…", "u undo")
	screen.await("✓ Approved", "by Ada's Pixel", "✓ delivered · try 2 · 200 OK", "0 waiting")
	if status := s.status(uuid); status != onetouch.StatusApproved {
		t.Errorf("the server holds it for %s", status)
	}
	screen.typeKeys("q")
	screen.leaves()
}

func TestUndoOnATerminal(t *testing.T) {
	t.Parallel()
	s := setStage(t)
	uuid := s.ask("Log in?")
	screen := s.show()
	screen.await("a Approve")
	screen.typeKeys("a")
	screen.await("Approving…")
	screen.typeKeys("u")
	screen.await("taken back", "a Approve")
	screen.typeKeys("d")
	screen.await("✗ Denied", "✓ delivered · 200 OK")
	if status := s.status(uuid); status != onetouch.StatusDenied {
		t.Errorf("the server holds it for %s", status)
	}
	screen.typeKeys("\x03")
	screen.leaves()
}

func TestPasteOnATerminal(t *testing.T) {
	t.Parallel()
	s := setStage(t)
	s.ask("Log in?")
	screen := s.show()
	screen.await("a Approve")
	screen.typeKeys("\x1b[200~aaaa\x1b[201~?")
	screen.await("An answer cannot be taken back")
	screen.typeKeys("?")
	screen.await("a Approve")
	screen.typeKeys("q")
	screen.leaves()
}

// TestTwoTerminals: both answer at the same time. One wins, and the other says so.
func TestTwoTerminals(t *testing.T) {
	t.Parallel()
	s := setStage(t)
	approver, denier := s.show(), s.show()
	approver.await("● live")
	denier.await("● live")
	uuid := s.ask("Log in?")
	approver.await("a Approve")
	denier.await("a Approve")
	approver.typeKeys("a")
	denier.typeKeys("d")

	approver.await("by Ada's Pixel")
	denier.await("by Ada's Pixel")
	outcome, loser, remark := "✓ Approved", denier, "Your denial came too late"
	if s.status(uuid) == onetouch.StatusDenied {
		outcome, loser, remark = "✗ Denied", approver, "Your approval came too late"
	}
	loser.await(outcome, remark)
	for _, screen := range []*terminal{approver, denier} {
		screen.await(outcome)
		screen.typeKeys("q")
		screen.leaves()
	}
}

func TestResizeOnATerminal(t *testing.T) {
	t.Parallel()
	s := setStage(t)
	s.ask("Log in?")
	screen := s.show()
	screen.await("╭─ Requests", "Log in?")
	screen.resize(60, 16)
	screen.await("── Acme Bank asks ada@example.com", "Log in?", "a Approve", "Callback Follows the answer.")
	screen.resize(20, 5)
	screen.await("This window is 20×5.", "44×12")
	screen.resize(120, 40)
	screen.await("╭─ Requests", "Log in?", "UUID", "╭─ Callback")
	screen.typeKeys("q")
	screen.leaves()
}

const joinedCharacters = "👩‍👩‍👧‍👦 👍🏽 ❤️ क्षत्रिय 🇨🇴 family"

// TestJoinedCharactersOnATerminal: a terminal that can be asked counts their cells as the screen does, so the frame around
// them stays whole. It gets back the way of counting that it had.
func TestJoinedCharactersOnATerminal(t *testing.T) {
	t.Parallel()
	s := setStage(t)
	s.ask(joinedCharacters)
	screen := s.show()
	screen.await("● live", "family", "a Approve")
	screen.awaitThat("a whole frame", func() bool {
		edge := screen.edge()
		return edge == "╮"+strings.Repeat("│", 14)+"╯╮││││╯"
	})
	screen.typeKeys("q")
	screen.leaves()
	on, off := strings.Index(screen.output(), ansi.SetModeUnicodeCore), strings.Index(screen.output(), ansi.ResetModeUnicodeCore)
	if on < 0 || off < on {
		t.Errorf("Unicode's way was switched on at %d and off at %d", on, off)
	}
}

// TestJoinedCharactersOnAnOldTerminal: no line is cut or erased by another way of counting than the screen's own.
func TestJoinedCharactersOnAnOldTerminal(t *testing.T) {
	t.Parallel()
	s := setStage(t)
	s.ask(joinedCharacters)
	screen := s.show("SSH_TTY=/dev/pts/0")
	screen.await("● live", "family", "a Approve")
	screen.typeKeys("q")
	screen.leaves()
	if strings.Contains(screen.output(), ansi.RequestModeUnicodeCore) {
		t.Error("the terminal was asked over a slow line")
	}
	lines := 0
	for text := range strings.SplitSeq(screen.output(), "\r\n") {
		if strings.Contains(text, "family") {
			if lines++; ansi.WcWidth.StringWidth(text) != 80 || !strings.HasSuffix(text, "│\x1b[0m") {
				t.Errorf("this line does not end as it was drawn: %q", text)
			}
		}
	}
	if lines == 0 {
		t.Errorf("no line was written: %q", screen.output())
	}
}

func TestServerRestartsUnderTheScreen(t *testing.T) {
	t.Parallel()
	s := setStage(t)
	s.ask("Asked before")
	screen := s.show()
	screen.await("● live", "Asked before")
	s.stop()
	screen.await("server gone", "Asked before", "No answers while")
	s.startServer()
	uuid := s.ask("Asked after")
	screen.await("● live", "Asked before", "Asked after", "a Approve")
	screen.typeKeys("na") // to the next that waits, and yes
	screen.await("✓ Approved")
	if status := s.status(uuid); status != onetouch.StatusApproved {
		t.Errorf("the server holds it for %s", status)
	}
	screen.typeKeys("q")
	screen.leaves()
}

// TestServerWithAnotherToken: it answers, so it is not gone.
func TestServerWithAnotherToken(t *testing.T) {
	t.Parallel()
	s := setStage(t)
	before := s.show()
	before.await("● live")
	s.stop()
	s.token = "another token"
	s.startServer()
	before.await("○ not authorised")
	after := s.show()
	after.await("○ not authorised", "The control token is refused.", "start again: with its --workspace")
	for _, screen := range []*terminal{before, after} {
		screen.typeKeys("q")
		screen.leaves()
	}
}

func TestScreenWaitsForItsServer(t *testing.T) {
	t.Parallel()
	s := setStage(t)
	s.stop()
	screen := s.show()
	screen.await("Waiting for the server.", "onetouch serve")
	s.startServer()
	screen.await("● live", "Nothing waits.")
	screen.signal(syscall.SIGTERM)
	screen.leaves()
}

func TestNoColourOnATerminal(t *testing.T) {
	t.Parallel()
	s := setStage(t)
	s.ask("Log in?")
	screen := s.show("NO_COLOR=please")
	screen.await("a Approve")
	screen.typeKeys("q")
	screen.leaves()
	if coloured := regexp.MustCompile(`\x1b\[[0-9;]*\b(3[0-8]|4[0-8]|9[0-7])\b[0-9;]*m`).FindString(screen.output()); coloured != "" {
		t.Errorf("the program wrote the colour %q", coloured)
	}
}
