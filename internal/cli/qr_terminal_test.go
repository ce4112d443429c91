//go:build unix

package cli_test

import (
	"slices"
	"strings"
	"testing"
)

// What a phone scans from the screen is what stands below the code.
func TestQRCodesOnATerminal(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	user := h.runs(t, "user", "create", "--email", "ada@example.com", "--phone", "202-555-0158", "-q")
	uri := h.runs(t, "user", "secret", user, "-q")
	for name, args := range map[string][]string{
		"registration":  {"device", "register", "--user", user, "--qr"},
		"authenticator": {"user", "secret", user, "--qr"},
		"shown":         {"user", "show", user, "--qr"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := h.onTerminal(t, colourTerminal, args...)
			s.exits(0)
			printed := escapes().ReplaceAllString(string(s.written), "")
			text := lastLine(printed)
			if got := scanned(t, codeOf(printed)); got != text || len(text) < 40 {
				t.Errorf("the code says %q, below it stands %q", got, text)
			}
			if name != "registration" && text != uri {
				t.Errorf("the code is for %q, want %q", text, uri)
			}
			if name == "registration" && !strings.Contains(s.text(), text) {
				t.Errorf("code and token do not fit on the screen:\n%s", s.text())
			}
		})
	}
	t.Run("dumb", func(t *testing.T) {
		t.Parallel()
		s := h.onTerminal(t, "dumb", "user", "secret", user, "--qr")
		s.exits(0)
		if codeOf(string(s.written)) != nil || !strings.Contains(string(s.written), uri+"\r\n") ||
			!strings.Contains(string(s.written), "shows no block characters") {
			t.Errorf("printed %q", s.written)
		}
	})
}

func lastLine(text string) string {
	lines := slices.Collect(strings.SplitSeq(strings.TrimRight(text, "\r\n"), "\r\n"))
	return lines[len(lines)-1]
}
