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
	"github.com/onetouchkit/onetouch/internal/terminaltest"
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

// call has the server answer a call.
func (s *stage) call(path string) {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.base()+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	response, err := s.callbacks.Client().Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil {
		s.t.Fatal(err)
	}
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
func (s *stage) show(variables ...string) *terminaltest.Terminal {
	s.t.Helper()
	return startProgram(s.t, append(variables, serverVariable+"="+s.base(), devicesVariable+"="+s.devices)...)
}

// TestStory: a request appears, one key approves it, the screen shows the callback delivered, and another one sends it again.
func TestStory(t *testing.T) {
	t.Parallel()
	s := setStage(t)
	screen := s.show()
	screen.Await("● live", "Nothing waits.")
	uuid := s.ask("Log in from Bogotá?")
	screen.Await("Log in from Bogotá?", "City  Bogotá", "1 waiting", "a Approve", "as Ada's Pixel")
	s.refusals.Store(1)
	screen.Type("a")
	screen.Await("Approving…", "u undo")
	screen.Await("✓ Approved", "by Ada's Pixel", "✓ delivered · try 2 · 200 OK", "0 waiting")
	if status := s.status(uuid); status != onetouch.StatusApproved {
		t.Errorf("the server holds it for %s", status)
	}
	screen.Type("4")
	screen.Await("Attempt 2", "→ POST", "X-Authy-Signature:", "r send again")
	screen.Type("r")
	screen.Await("is sent again, as delivery", "✓ replay")
	screen.Type("6")
	screen.Await("POST   /device")
	for _, path := range []string{"/first", "/second"} { // while it is looked at
		s.call(path)
		screen.Await("GET    " + path)
	}
	screen.Type("q")
	leaves(screen)
}

func TestUndoOnATerminal(t *testing.T) {
	t.Parallel()
	s := setStage(t)
	uuid := s.ask("Log in?")
	screen := s.show()
	screen.Await("a Approve")
	screen.Type("a")
	screen.Await("Approving…")
	screen.Type("u")
	screen.Await("taken back", "a Approve")
	screen.Type("d")
	screen.Await("✗ Denied", "✓ delivered · 200 OK")
	if status := s.status(uuid); status != onetouch.StatusDenied {
		t.Errorf("the server holds it for %s", status)
	}
	screen.Type("\x03")
	leaves(screen)
}

func TestPasteOnATerminal(t *testing.T) {
	t.Parallel()
	s := setStage(t)
	s.ask("Log in?")
	screen := s.show()
	screen.Await("a Approve")
	screen.Type("\x1b[200~aaaa\x1b[201~?")
	screen.Await("An answer cannot be taken back")
	screen.Type("?")
	screen.Await("a Approve")
	screen.Type("q")
	leaves(screen)
}

// TestTwoTerminals: both answer at the same time. One wins, and the other says so.
func TestTwoTerminals(t *testing.T) {
	t.Parallel()
	s := setStage(t)
	approver, denier := s.show(), s.show()
	approver.Await("● live")
	denier.Await("● live")
	uuid := s.ask("Log in?")
	approver.Await("a Approve")
	denier.Await("a Approve")
	approver.Type("a")
	denier.Type("d")

	approver.Await("by Ada's Pixel")
	denier.Await("by Ada's Pixel")
	outcome, loser, remark := "✓ Approved", denier, "Your denial came too late"
	if s.status(uuid) == onetouch.StatusDenied {
		outcome, loser, remark = "✗ Denied", approver, "Your approval came too late"
	}
	loser.Await(outcome, remark)
	for _, screen := range []*terminaltest.Terminal{approver, denier} {
		screen.Await(outcome)
		screen.Type("q")
		leaves(screen)
	}
}

func TestResizeOnATerminal(t *testing.T) {
	t.Parallel()
	s := setStage(t)
	s.ask("Log in?")
	screen := s.show()
	screen.Await("╭─ Requests", "Log in?")
	screen.Resize(60, 16)
	screen.Await("── Acme Bank asks ada@example.com", "Log in?", "a Approve", "Callback Follows the answer.")
	screen.Resize(20, 5)
	screen.Await("This window is 20×5.", "44×12")
	screen.Resize(120, 40)
	screen.Await("╭─ Requests", "Log in?", "UUID", "╭─ Callback")
	screen.Type("q")
	leaves(screen)
}

const joinedCharacters = "👩‍👩‍👧‍👦 👍🏽 ❤️ क्षत्रिय 🇨🇴 family"

// TestJoinedCharactersOnATerminal: a terminal that can be asked counts their cells as the screen does, so the frame around
// them stays whole. It gets back the way of counting that it had.
func TestJoinedCharactersOnATerminal(t *testing.T) {
	t.Parallel()
	s := setStage(t)
	s.ask(joinedCharacters)
	screen := s.show()
	screen.Await("● live", "family", "a Approve")
	screen.AwaitThat("a whole frame", func() bool {
		return edge(screen) == "╮"+strings.Repeat("│", 14)+"╯╮││││╯"
	})
	screen.Type("q")
	leaves(screen)
	on, off := strings.Index(screen.Output(), ansi.SetModeUnicodeCore), strings.Index(screen.Output(), ansi.ResetModeUnicodeCore)
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
	screen.Await("● live", "family", "a Approve")
	screen.Type("q")
	leaves(screen)
	if strings.Contains(screen.Output(), ansi.RequestModeUnicodeCore) {
		t.Error("the terminal was asked over a slow line")
	}
	lines := 0
	for text := range strings.SplitSeq(screen.Output(), "\r\n") {
		if strings.Contains(text, "family") {
			if lines++; ansi.WcWidth.StringWidth(text) != 80 || !strings.HasSuffix(text, "│\x1b[0m") {
				t.Errorf("this line does not end as it was drawn: %q", text)
			}
		}
	}
	if lines == 0 {
		t.Errorf("no line was written: %q", screen.Output())
	}
}

func TestServerRestartsUnderTheScreen(t *testing.T) {
	t.Parallel()
	s := setStage(t)
	s.ask("Asked before")
	screen := s.show()
	screen.Await("● live", "Asked before")
	s.stop()
	screen.Await("server gone", "Asked before", "No answers while")
	s.startServer()
	uuid := s.ask("Asked after")
	screen.Await("● live", "Asked before", "Asked after", "a Approve")
	screen.Type("na") // to the next that waits, and yes
	screen.Await("✓ Approved")
	if status := s.status(uuid); status != onetouch.StatusApproved {
		t.Errorf("the server holds it for %s", status)
	}
	screen.Type("q")
	leaves(screen)
}

// TestServerWithAnotherToken: it answers, so it is not gone.
func TestServerWithAnotherToken(t *testing.T) {
	t.Parallel()
	s := setStage(t)
	before := s.show()
	before.Await("● live")
	s.stop()
	s.token = "another token"
	s.startServer()
	before.Await("○ not authorised")
	after := s.show()
	after.Await("○ not authorised", "The control token is refused.", "start again: with its --workspace")
	for _, screen := range []*terminaltest.Terminal{before, after} {
		screen.Type("q")
		leaves(screen)
	}
}

func TestScreenWaitsForItsServer(t *testing.T) {
	t.Parallel()
	s := setStage(t)
	s.stop()
	screen := s.show()
	screen.Await("Waiting for the server.", "onetouch serve")
	s.startServer()
	screen.Await("● live", "Nothing waits.")
	screen.Signal(syscall.SIGTERM)
	leaves(screen)
}

func TestNoColourOnATerminal(t *testing.T) {
	t.Parallel()
	s := setStage(t)
	s.ask("Log in?")
	screen := s.show("NO_COLOR=please")
	screen.Await("a Approve")
	screen.Type("q")
	leaves(screen)
	if coloured := regexp.MustCompile(`\x1b\[[0-9;]*\b(3[0-8]|4[0-8]|9[0-7])\b[0-9;]*m`).FindString(screen.Output()); coloured != "" {
		t.Errorf("the program wrote the colour %q", coloured)
	}
}
