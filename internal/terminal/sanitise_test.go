package terminal_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/onetouchkit/onetouch/internal/terminal"
)

func TestSanitise(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ in, want string }{
		"plain text":              {"Log in from Bogotá?", "Log in from Bogotá?"},
		"nothing":                 {"", ""},
		"clear the screen":        {"\x1b[2Jgone", "␛[2Jgone"},
		"set the window's title":  {"\x1b]0;root\x07", "␛]0;root␇"},
		"one-byte CSI in UTF-8":   {"\u009b31mred", "<U+009B>31mred"},
		"one-byte CSI, broken":    {"\x9b31mred", "\uFFFD31mred"},
		"a forged second line":    {"ok\napproved", "ok␊approved"},
		"overwrite the line":      {"deny\rapprove", "deny␍approve"},
		"Unicode line separator":  {"a\u2028b\u2029c", "a<U+2028>b<U+2029>c"},
		"rub out":                 {"deny\b\b\b\b\x7f", "deny␈␈␈␈␡"},
		"tab splits a cell":       {"a\tb", "a␉b"},
		"NUL":                     {"\x00", "␀"},
		"reversed amount":         {"pay \u202e001$\u202c", "pay <U+202E>001$<U+202C>"},
		"isolates":                {"\u2066a\u2069", "<U+2066>a<U+2069>"},
		"hidden joiners":          {"pay\u200bpal\ufeff", "pay<U+200B>pal<U+FEFF>"},
		"text hidden in tags":     {"hi\U000E0041\U000E0042", "hi<U+E0041><U+E0042>"},
		"a flag spelt with tags":  {"🏴\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F!", "🏴\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F!"},
		"joined emoji":            {"👩‍💻 👍🏽 ❤️ 🇨🇴", "👩‍💻 👍🏽 ❤️ 🇨🇴"},
		"right-to-left letters":   {"אישור כניסה؟ تأكيد", "אישור כניסה؟ تأكيد"},
		"right-to-left mark":      {"א\u200f!", "א\u200f!"},
		"zero-width non-joiner":   {"می\u200cخواهم", "می\u200cخواهم"},
		"combining marks":         {"e\u0301", "e\u0301"},
		"replacement as it came":  {"a\uFFFDb", "a\uFFFDb"},
		"broken UTF-8":            {"a\xffb\xc3", "a\uFFFDb\uFFFD"},
		"broken and controls":     {"\xff\x1b\xfe", "\uFFFD␛\uFFFD"},
		"escape at the very end":  {"a\x1b", "a␛"},
		"our own output is final": {"␛[2J<U+202E>", "␛[2J<U+202E>"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := terminal.Sanitise(test.in); got != test.want {
				t.Errorf("Sanitise(%+q) = %+q, want %+q", test.in, got, test.want)
			}
		})
	}
}

func TestSanitiseBlock(t *testing.T) {
	t.Parallel()
	const in, want = "one\n\ttwo\r\x1b[2J\u2028", "one\n\ttwo␍␛[2J<U+2028>"
	if got := terminal.SanitiseBlock(in); got != want {
		t.Errorf("SanitiseBlock(%+q) = %+q, want %+q", in, got, want)
	}
}

func TestSanitiseWith(t *testing.T) {
	t.Parallel()
	escape := func(r rune) string { return fmt.Sprintf("{%X}", r) }
	if got, want := terminal.SanitiseWith("a\x1b[2Jé\u202e", escape), "a{1B}[2Jé{202E}"; got != want {
		t.Errorf("SanitiseWith: %+q, want %+q", got, want)
	}
}

// FuzzSanitise holds what every caller relies on: one line, nothing that acts on a terminal, nothing else lost.
func FuzzSanitise(f *testing.F) {
	for _, seed := range []string{
		"plain", "\x1b[31m", "a\nb\tc\r", "\u202eabc", "👩‍💻", "🏴\U000E0067\U000E007F", "\xff\xfe", "\u009b", "שלום",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		out := terminal.Sanitise(in)
		if !utf8.ValidString(out) {
			t.Fatalf("Sanitise(%+q) = %+q is not valid UTF-8", in, out)
		}
		for _, r := range out {
			if unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp) || isDirectional(r) {
				t.Fatalf("Sanitise(%+q) = %+q still holds %U", in, out, r)
			}
		}
		if again := terminal.Sanitise(out); again != out {
			t.Fatalf("Sanitise is not final: %+q became %+q", out, again)
		}
		if letters(in) != letters(out) {
			t.Fatalf("Sanitise(%+q) = %+q lost or changed letters", in, out)
		}
	})
}

// isDirectional knows the characters by their Unicode property, not by our own list.
func isDirectional(r rune) bool {
	return unicode.Is(unicode.Bidi_Control, r) && r != '\u200e' && r != '\u200f' && r != '\u061c'
}

// letters keeps the letters and symbols beyond ASCII, which no replacement adds.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		picture := r >= 0x2400 && r <= 0x2421
		if r > 0x7F && r != utf8.RuneError && !picture && unicode.In(r, unicode.L, unicode.S) {
			return r
		}
		return -1
	}, s)
}
