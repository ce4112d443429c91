//go:build unix

package cli_test

import (
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/terminaltest"
)

// What a backend has written does nothing to a terminal, in whatever way it gets there.
func TestForeignTextOnATerminal(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	evil := "\x1b]0;title\x07\x1b[2J\u202e001$\u202c \u009b31m"
	user := h.runs(t, "user", "create", "--email", "ada@example.com", "--phone", "202-555-0158", "-q")
	h.runs(t, "device", "register", "--user", user, "-q")
	request := h.runs(t, "request", "send", "--user", user, "--message", "Pay "+evil, "--detail", "To="+evil, "-q")
	check := func(t *testing.T, s *terminaltest.Terminal) {
		t.Helper()
		for _, code := range []string{"\x1b]0;", "\x1b[2J", "\x07", "\u202e", "\u202c", "\u009b"} {
			if strings.Contains(s.Output(), code) {
				t.Errorf("the terminal got %q: %q", code, s.Output())
			}
		}
	}
	for name, args := range map[string][]string{
		"list":     {"request", "list"},
		"show":     {"request", "show", request},
		"inbox":    {"inbox", "list"},
		"JSON":     {"request", "show", request, "--json", "message,details"},
		"jq":       {"request", "show", request, "--jq", ".details.To"},
		"template": {"request", "show", request, "--template", "{{.message}}"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := h.onTerminal(t, colourTerminal, args...)
			s.Exits(0)
			check(t, s)
			if name != "JSON" && !strings.Contains(s.Output(), "␛]0;title␇") {
				t.Errorf("the text is not there: %q", s.Output())
			}
		})
	}
	t.Run("watch", func(t *testing.T) {
		t.Parallel()
		s := h.onTerminal(t, colourTerminal, "device", "watch")
		s.Await("To: ␛]0;title␇␛[2J<U+202E>001$<U+202C> <U+009B>31m")
		s.Type("\x03")
		s.Exits(130)
		check(t, s)
	})
}
