package tui_test

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

func TestResize(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	s.ask(1, "Log in?")
	s.press("a")
	s.resize(20, 5)
	s.hides("Log in?")
	s.shows("This window is", "44×12")
	s.resize(120, 40)
	s.shows("Log in?", "Approving…", "u undo")
	s.resize(60, 16)
	s.shows("Log in?", "Approving…", "u undo")
}

func TestLongTextScrolls(t *testing.T) {
	t.Parallel()
	s := open(t)
	long(s)
	s.connect()
	s.shows("lines more, J scrolls")
	s.hides("the end")
	for range 300 {
		s.press("shift+down")
	}
	s.shows("the end")
	s.hides("more, J scrolls")
	for range 300 {
		s.press("K")
	}
	s.hides("the end")
	s.shows(strings.Repeat("Lorem ", 1))
}

func TestJoinedEmojiAreMeasuredAsTheTerminalDoes(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	s.ask(1, "👩‍👩‍👧‍👦 family")
	old := s.text()
	for _, other := range []string{ // another mode, one that the terminal does not know or cannot change, another code
		ansi.ReportMode(ansi.ModeSynchronizedOutput, ansi.ModeReset),
		ansi.ReportMode(ansi.ModeUnicodeCore, ansi.ModeNotRecognized),
		ansi.ReportMode(ansi.ModeUnicodeCore, ansi.ModePermanentlyReset),
		"\x1b[?1;2X",
	} {
		if s.terminalSays(other); s.text() != old {
			t.Errorf("the screen takes %q for Unicode's way to count", other)
		}
	}
	if s.terminalSays("ab" + ansi.ReportMode(ansi.ModeUnicodeCore, ansi.ModeReset) + "\x1b[A"); s.text() == old {
		t.Error("the screen does not follow the terminal's way to count")
	}
}
