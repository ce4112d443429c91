package terminal_test

import (
	"testing"

	"github.com/onetouchkit/onetouch/internal/terminal"
)

func TestURL(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"":                                 "",
		"http://127.0.0.1:3000/callback":   "http://127.0.0.1:3000/callback",
		"https://ada:secret@host/path":     "https://ada:xxxxx@host/path",
		"https://ghp_secret@host/path":     "https://xxxxx@host/path",
		"https://host/path?tok=secret":     "https://host/path?tok=…",
		"https://host/?a=1&b=2&secret":     "https://host/?a=…&b=…&…",
		"https://host/?a=&=secret":         "https://host/?a=…&=…",
		"https://a:b@host/?tok=x%26y%3Dz":  "https://a:xxxxx@host/?tok=…",
		"https://host/%zz?tok=secret":      "https://host/%zz",
		"postgres://ada:se%zzcret@host/db": "postgres://…@host/db",
		"postgres://ada:se/cret@host/db?x": "postgres://…@host/db",
		"postgres://ada:s@cret@[::bad/db":  "postgres://…@[::bad/db",
		"secret%zz@host":                   "…@host",
		"https://host/a?tok=secret&b#part": "https://host/a?tok=…&…#part",
		"https://host/?a=secret=secret":    "https://host/?a=…",
	} {
		if got := terminal.URL(address); got != want {
			t.Errorf("%s is shown as %s, want %s", address, got, want)
		}
	}
}
