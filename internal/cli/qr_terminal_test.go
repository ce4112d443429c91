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
			s.Exits(0)
			printed := escapes().ReplaceAllString(s.Output(), "")
			text := lastLine(printed)
			if got := scanned(t, codeOf(printed)); got != text || len(text) < 40 {
				t.Errorf("the code says %q, below it stands %q", got, text)
			}
			if name != "registration" && text != uri {
				t.Errorf("the code is for %q, want %q", text, uri)
			}
			if name == "registration" && !strings.Contains(s.Text(), text) {
				t.Errorf("code and token do not fit on the screen:\n%s", s.Text())
			}
		})
	}
	t.Run("NO_COLOR", func(t *testing.T) {
		t.Parallel()
		plain := home{variables: append([]string{"NO_COLOR=1"}, h.variables...)}
		s := plain.onTerminal(t, colourTerminal, "user", "secret", user, "--qr")
		s.Exits(0)
		if !strings.Contains(s.Output(), "\x1b[97;40m") { // or a light terminal would show the negative
			t.Errorf("the code has no colours: %q", s.Output())
		}
	})
	t.Run("dumb", func(t *testing.T) {
		t.Parallel()
		s := h.onTerminal(t, "dumb", "user", "secret", user, "--qr")
		s.Exits(0)
		if codeOf(s.Output()) != nil || !strings.Contains(s.Output(), uri+"\r\n") ||
			!strings.Contains(s.Output(), "shows no block characters") {
			t.Errorf("printed %q", s.Output())
		}
	})
}

func lastLine(text string) string {
	lines := slices.Collect(strings.SplitSeq(strings.TrimRight(text, "\r\n"), "\r\n"))
	return lines[len(lines)-1]
}
