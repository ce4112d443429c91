//go:build unix

package cli_test

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

// home is where the programs of one test keep their files.
type home struct{ variables []string }

func newHome(t *testing.T) home {
	t.Helper()
	dir := t.TempDir()
	return home{variables: []string{
		"HOME=" + dir, "XDG_DATA_HOME=" + filepath.Join(dir, "data"), "XDG_CONFIG_HOME=" + filepath.Join(dir, "config"),
		"PATH=" + os.Getenv("PATH"), "TZ=UTC", "GOCOVERDIR=" + dir,
		"GORACE=" + noSleep,
	}}
}

// runs runs onetouch in a pipe and returns what it printed, without the last newline.
func (h home) runs(t *testing.T, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "onetouch", args...)
	command.Env = h.variables
	out, err := command.Output()
	if err != nil {
		t.Fatalf("onetouch %v: %v", args, err)
	}
	return strings.TrimSuffix(string(out), "\n")
}

// screen is a pseudo-terminal of 80×24 with onetouch on it, and an emulator that draws what it writes.
type screen struct {
	t       *testing.T
	command *exec.Cmd
	pty     *os.File

	mu       sync.Mutex
	emulator *vt.Emulator
	written  []byte        // all of it, with every escape code
	changed  chan struct{} // holds a token when there is something new to see
	ended    chan struct{} // closed when the output has ended
}

// onTerminal runs onetouch on a terminal of the given kind.
func (h home) onTerminal(t *testing.T, kind string, args ...string) *screen {
	t.Helper()
	command := exec.CommandContext(t.Context(), "onetouch", args...)
	command.Env = append([]string{"TERM=" + kind}, h.variables...)
	file, err := pty.StartWithSize(command, &pty.Winsize{Cols: 80, Rows: 24})
	if err != nil {
		t.Fatal(err)
	}
	s := &screen{
		t: t, command: command, pty: file, emulator: vt.NewEmulator(80, 24),
		changed: make(chan struct{}, 1), ended: make(chan struct{}),
	}
	var copying sync.WaitGroup
	copying.Go(s.draw)
	copying.Go(func() { _, _ = io.Copy(file, s.emulator) }) // what the emulator answers to questions
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
		<-s.ended
		_ = s.emulator.InputPipe().(io.Closer).Close()
		_ = file.Close()
		copying.Wait()
	})
	return s
}

func (s *screen) draw() {
	defer close(s.ended)
	buffer := make([]byte, 32<<10)
	for {
		n, err := s.pty.Read(buffer)
		s.mu.Lock()
		s.written = append(s.written, buffer[:n]...)
		_, _ = s.emulator.Write(buffer[:n])
		s.mu.Unlock()
		select {
		case s.changed <- struct{}{}:
		default:
		}
		if err != nil {
			return // the program has ended: Linux says EIO, others EOF
		}
	}
}

func (s *screen) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.emulator.String()
}

// shows reports whether the text is on the screen, be it over the end of a line.
func (s *screen) shows(text string) bool {
	return strings.Contains(strings.ReplaceAll(s.text(), "\n", ""), text)
}

// await waits until the screen shows the text.
func (s *screen) await(text string) {
	s.t.Helper()
	end := time.NewTimer(patience)
	defer end.Stop()
	for !s.shows(text) {
		select {
		case <-s.changed:
		case <-s.ended:
			if !s.shows(text) {
				s.t.Fatalf("the program ended before the screen showed %q:\n%s", text, s.text())
			}
		case <-end.C:
			s.t.Fatalf("the screen never showed %q:\n%s", text, s.text())
		}
	}
}

// answers types the key until the screen shows the text. A key that comes right after the screen has moved by itself is no
// answer, nor is one before a pause of the whole machine; typing it again sends what is held.
func (s *screen) answers(key, text string) {
	s.t.Helper()
	again := time.NewTicker(time.Second)
	defer again.Stop()
	end := time.NewTimer(patience)
	defer end.Stop()
	s.types(key)
	for !s.shows(text) {
		select {
		case <-s.changed:
		case <-again.C:
			s.types(key)
		case <-s.ended:
			s.t.Fatalf("the program ended before the screen showed %q:\n%s", text, s.text())
		case <-end.C:
			s.t.Fatalf("the screen never showed %q:\n%s", text, s.text())
		}
	}
}

func (s *screen) types(keys string) {
	s.t.Helper()
	if _, err := s.pty.WriteString(keys); err != nil {
		s.t.Fatal(err)
	}
}

// exits waits for the end of the program and compares its exit code.
func (s *screen) exits(want int) {
	s.t.Helper()
	<-s.ended
	var exit *exec.ExitError
	if err := s.command.Wait(); err != nil && !errors.As(err, &exit) {
		s.t.Fatal(err)
	}
	if got := s.command.ProcessState.ExitCode(); got != want {
		s.t.Errorf("exit code %d, want %d; the screen:\n%s", got, want, s.text())
	}
}

const colourTerminal = "xterm-256color"

// One key approves; the screen shows the callback delivered; what is left on the terminal ends with it verified.
func TestDemoOnATerminal(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		key, status string
		exit        int
	}{
		"approved": {"a", "approved", 0},
		"denied":   {"d", "denied", 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newHome(t).onTerminal(t, colourTerminal, "demo")
			s.await("To")
			s.await("ACME Incorporated")
			s.answers(test.key, "delivered")
			s.types("q")
			s.await("and its signature is verified")
			s.exits(test.exit)
			if !s.shows("polls the status: " + test.status) {
				t.Errorf("the story is not on the screen:\n%s", s.text())
			}
		})
	}
}

func TestDemoLeftUnanswered(t *testing.T) {
	t.Parallel()
	s := newHome(t).onTerminal(t, colourTerminal, "demo")
	s.await("ACME Incorporated")
	s.types("q")
	s.await("Nobody has answered, so there is no callback.")
	s.exits(1)
}

func TestDemoInterrupted(t *testing.T) {
	t.Parallel()
	s := newHome(t).onTerminal(t, colourTerminal, "demo")
	s.await("ACME Incorporated")
	s.types("\x03")
	s.await("onetouch demo: interrupted")
	s.exits(130)
	if s.shows("Nobody has answered") {
		t.Errorf("the screen:\n%s", s.text())
	}
}

// With --auto there is nothing to answer, and a terminal that can show no screen is no obstacle.
func TestDemoWithoutAScreen(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		kind string
		args []string
		exit int
	}{
		"--auto":     {colourTerminal, []string{"demo", "--auto", "deny"}, 4},
		"dumb":       {"dumb", []string{"demo"}, 0},
		"-q":         {colourTerminal, []string{"demo", "-q"}, 0},
		"dumb, auto": {"dumb", []string{"demo", "--auto", "deny"}, 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newHome(t).onTerminal(t, test.kind, test.args...)
			s.exits(test.exit)
			if strings.Contains(string(s.written), "\x1b[?1049h") {
				t.Error("a screen was opened")
			}
		})
	}
}

// Commands that show no screen write no question to the terminal, whose answer they would have to wait for.
func TestVersionOnATerminal(t *testing.T) {
	t.Parallel()
	s := newHome(t).onTerminal(t, colourTerminal, "version", "-q")
	s.exits(0)
	if got := string(s.written); got != thisVersion+"\r\n" {
		t.Errorf("the terminal was sent %q", got)
	}
}

func TestListsOnATerminal(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	s := h.onTerminal(t, colourTerminal, "user", "list")
	s.exits(0)
	if !s.shows("No users yet. Add one: onetouch user create") {
		t.Errorf("no hint:\n%s", s.text())
	}
	user := h.runs(t, "user", "create", "--email", "ada@example.com", "--phone", "202-555-0158", "-q")
	device := h.runs(t, "device", "register", "--user", user, "-q")
	request := h.runs(t, "request", "send", "--user", user, "--message", "Log in?", "-q")
	h.runs(t, "request", "approve", request)
	for name, test := range map[string]struct {
		args []string
		want []string
	}{
		"users":      {[]string{"user", "list"}, []string{"AUTHY ID  E-MAIL ", user + "      ada@example.com  +1 2025550158"}},
		"devices":    {[]string{"device", "list"}, []string{"DEVICE   USER  NAME", device + "  " + user + "  Simulated phone"}},
		"requests":   {[]string{"request", "list"}, []string{"UUID ", request + "  approved  " + user + "  Log in?"}},
		"a user":     {[]string{"user", "show", user}, []string{"Authy ID   " + user, "Device     " + device}},
		"a request":  {[]string{"request", "show", request}, []string{"Status       approved", "Message      Log in?"}},
		"the inbox":  {[]string{"inbox", "list"}, []string{"CHANNEL  TO ", "push     device " + device, "sms      +12025550158"}},
		"the apps":   {[]string{"app", "list"}, []string{"NAME      CALLBACKS ", "OneTouch  none, the backend polls  active"}},
		"the status": {[]string{"status"}, []string{"Server            none runs", "Users             1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := h.onTerminal(t, colourTerminal, test.args...)
			s.exits(0)
			for _, want := range test.want {
				if !s.shows(want) {
					t.Errorf("%q is not on the screen:\n%s", want, s.text())
				}
			}
			if !strings.Contains(string(s.written), "\x1b[1m") {
				t.Errorf("nothing is bold: %q", s.written)
			}
		})
	}
}

func TestWatchAsksOnATerminal(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	user := h.runs(t, "user", "create", "--email", "ada@example.com", "--phone", "202-555-0158", "-q")
	h.runs(t, "device", "register", "--user", user, "-q")
	skipped := h.runs(t, "request", "send", "--user", user, "--message", "First?", "-q")
	approved := h.runs(t, "request", "send", "--user", user, "--message", "Second?", "--detail", "City=Bogotá", "-q")
	denied := h.runs(t, "request", "send", "--user", user, "--message", "Third?", "-q")
	s := h.onTerminal(t, colourTerminal, "device", "watch")
	s.await("First?")
	s.types("s\n")
	s.await("City: Bogotá")
	s.types("yes\n") // that is no answer, so the question comes again
	s.types("approve\n")
	s.await(approved + " approved")
	s.await("Third?")
	s.types("D\n")
	s.await(denied + " denied")
	s.types("\x03")
	s.exits(130)
	if !strings.Contains(string(s.written), "\nonetouch device watch: interrupted") &&
		!strings.Contains(string(s.written), "\r\n\x1b[1monetouch device watch:\x1b[0m interrupted") {
		t.Errorf("the line of the ^C goes on: %q", s.written)
	}
	for uuid, want := range map[string]string{skipped: "pending", approved: "approved", denied: "denied"} {
		if got := h.runs(t, "request", "show", uuid, "--jq", ".status"); got != want {
			t.Errorf("request %s is %s, want %s", uuid, got, want)
		}
	}
}

func TestTUI(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	user := h.runs(t, "user", "create", "--email", "ada@example.com", "--phone", "202-555-0158", "-q")
	h.runs(t, "device", "register", "--user", user, "-q")
	request := h.runs(t, "request", "send", "--user", user, "--message", "Log in from Bogotá?", "-q")
	s := h.onTerminal(t, colourTerminal, "tui")
	s.await("Log in from Bogotá?")
	s.answers("d", "Denied")
	s.types("q")
	s.exits(0)
	if got := h.runs(t, "request", "show", request, "--jq", ".status"); got != "denied" {
		t.Errorf("request is %s, want denied", got)
	}
}

// Ctrl-C is told apart from a failure.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	user := h.runs(t, "user", "create", "--email", "ada@example.com", "--phone", "202-555-0158", "-q")
	s := h.onTerminal(t, colourTerminal, "request", "send", "--user", user, "--message", "Log in?", "--wait")
	s.await("Waiting for the answer")
	s.types("\x03")
	s.exits(130)
	if !s.shows("onetouch request send: interrupted") {
		t.Errorf("the screen:\n%s", s.text())
	}
}
