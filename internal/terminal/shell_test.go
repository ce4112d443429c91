package terminal_test

import (
	"testing"

	"github.com/onetouchkit/onetouch/internal/terminal"
)

func TestShellWord(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":             `''`,
		"POST":         `'POST'`,
		"A&reboot&":    `'A&reboot&'`,
		"it's $HOME":   `'it'\''s $HOME'`,
		"''":           `''\'''\'''`,
		"a\\b\n\"`c`!": "'a\\b\n\"`c`!'",
	} {
		if got := terminal.ShellWord(text); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}
