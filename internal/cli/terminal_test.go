//go:build unix

package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/terminaltest"
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

// onTerminal runs onetouch on a terminal of the given kind.
func (h home) onTerminal(t *testing.T, kind string, args ...string) *terminaltest.Terminal {
	t.Helper()
	command := exec.CommandContext(t.Context(), "onetouch", args...)
	command.Env = append([]string{"TERM=" + kind}, h.variables...)
	return terminaltest.Start(t, command)
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
			s.Await("To")
			s.Await("ACME Incorporated")
			s.TypeUntil(test.key, "delivered")
			s.Type("q")
			s.Await("and its signature is verified")
			s.Exits(test.exit)
			if !s.Shows("polls the status: " + test.status) {
				t.Errorf("the story is not on the screen:\n%s", s.Text())
			}
		})
	}
}

func TestDemoLeftUnanswered(t *testing.T) {
	t.Parallel()
	s := newHome(t).onTerminal(t, colourTerminal, "demo")
	s.Await("ACME Incorporated")
	s.Type("q")
	s.Await("Nobody has answered, so there is no callback.")
	s.Exits(1)
}

func TestDemoInterrupted(t *testing.T) {
	t.Parallel()
	s := newHome(t).onTerminal(t, colourTerminal, "demo")
	s.Await("ACME Incorporated")
	s.Type("\x03")
	s.Await("onetouch demo: interrupted")
	s.Exits(130)
	if s.Shows("Nobody has answered") {
		t.Errorf("the screen:\n%s", s.Text())
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
			s.Exits(test.exit)
			if strings.Contains(s.Output(), "\x1b[?1049h") {
				t.Error("a screen was opened")
			}
		})
	}
}

// Commands that show no screen write no question to the terminal, whose answer they would have to wait for.
func TestVersionOnATerminal(t *testing.T) {
	t.Parallel()
	s := newHome(t).onTerminal(t, colourTerminal, "version", "-q")
	s.Exits(0)
	if got := s.Output(); got != thisVersion+"\r\n" {
		t.Errorf("the terminal was sent %q", got)
	}
}

func TestListsOnATerminal(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	s := h.onTerminal(t, colourTerminal, "user", "list")
	s.Exits(0)
	if !s.Shows("No users yet. Add one: onetouch user create") {
		t.Errorf("no hint:\n%s", s.Text())
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
			s.Exits(0)
			for _, want := range test.want {
				if !s.Shows(want) {
					t.Errorf("%q is not on the screen:\n%s", want, s.Text())
				}
			}
			if !strings.Contains(s.Output(), "\x1b[1m") {
				t.Errorf("nothing is bold: %q", s.Output())
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
	s.Await("First?")
	s.Type("s\n")
	s.Await("City: Bogotá")
	s.Type("yes\n") // that is no answer, so the question comes again
	s.Type("approve\n")
	s.Await(approved + " approved")
	s.Await("Third?")
	s.Type("D\n")
	s.Await(denied + " denied")
	s.Type("\x03")
	s.Exits(130)
	if !strings.Contains(s.Output(), "\nonetouch device watch: interrupted") &&
		!strings.Contains(s.Output(), "\r\n\x1b[1monetouch device watch:\x1b[0m interrupted") {
		t.Errorf("the line of the ^C goes on: %q", s.Output())
	}
	for uuid, want := range map[string]string{skipped: "pending", approved: "approved", denied: "denied"} {
		if got := h.runs(t, "request", "show", uuid, "--jq", ".status"); got != want {
			t.Errorf("request %s is %s, want %s", uuid, got, want)
		}
	}
}

// A question that was answered elsewhere, or has expired, is one no more.
func TestWatchNoticesAnAnswerElsewhere(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	user := h.runs(t, "user", "create", "--email", "ada@example.com", "--phone", "202-555-0158", "-q")
	h.runs(t, "device", "register", "--user", user, "-q")
	elsewhere := h.runs(t, "request", "send", "--user", user, "--message", "First?", "-q")
	s := h.onTerminal(t, colourTerminal, "device", "watch")
	s.Await("First?")
	h.runs(t, "request", "approve", elsewhere)
	s.Await("any more: it is approved")
	h.runs(t, "request", "send", "--user", user, "--message", "Second?", "--expires-in", "1s", "-q")
	s.Await("any more: it is expired")
	denied := h.runs(t, "request", "send", "--user", user, "--message", "Third?", "-q")
	s.Await("Third?")
	s.Type("d\n")
	s.Await(denied + " denied")
	s.Type("\x03")
	s.Exits(130)
}

func TestTUI(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	user := h.runs(t, "user", "create", "--email", "ada@example.com", "--phone", "202-555-0158", "-q")
	h.runs(t, "device", "register", "--user", user, "-q")
	request := h.runs(t, "request", "send", "--user", user, "--message", "Log in from Bogotá?", "-q")
	s := h.onTerminal(t, colourTerminal, "tui")
	s.Await("Log in from Bogotá?")
	s.TypeUntil("d", "Denied")
	s.Type("q")
	s.Exits(0)
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
	s.Await("Waiting for the answer")
	s.Type("\x03")
	s.Exits(130)
	if !s.Shows("onetouch request send: interrupted") {
		t.Errorf("the screen:\n%s", s.Text())
	}
}

// The first Ctrl-C ends a question as well, and nothing is done.
func TestInterruptedQuestions(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	user := h.runs(t, "user", "create", "--email", "ada@example.com", "--phone", "202-555-0158", "-q")
	s := h.onTerminal(t, colourTerminal, "reset")
	s.Await("[y/N]")
	s.Type("\x03")
	s.Exits(130)
	if !s.Shows("onetouch reset: interrupted") {
		t.Errorf("the screen:\n%s", s.Text())
	}
	if left := h.runs(t, "user", "list", "-q"); left != user {
		t.Errorf("there are the users %q, want %s", left, user)
	}

	s = h.onTerminal(t, colourTerminal, "config", "set", "log-level", "-")
	s.Await("Type the value of log-level")
	s.Type("debug\x03")
	s.Exits(130)
	if kept := h.runs(t, "config", "get", "log-level"); kept != "info" {
		t.Errorf("the setting is %q", kept)
	}
}
