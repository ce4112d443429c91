//go:build unix

package terminaltest

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
	"github.com/charmbracelet/x/vt"
	"golang.org/x/sys/unix"
)

// IsRestored asserts that the program left the terminal as it was.
func (s *Terminal) IsRestored() {
	s.t.Helper()
	s.See(func(e *vt.Emulator) {
		if e.IsAltScreen() || e.CursorHidden() {
			s.t.Errorf("alternate screen: %t, cursor hidden: %t", e.IsAltScreen(), e.CursorHidden())
		}
	})
	if out := s.Output(); strings.LastIndex(out, ansi.SetModeAutoWrap) < strings.LastIndex(out, ansi.ResetModeAutoWrap) {
		s.t.Error("the terminal does not wrap lines any more")
	}
	modes, err := term.GetState(s.pty.Fd())
	if err != nil {
		s.t.Fatal(err)
	}
	if modes.Lflag&unix.ECHO == 0 || modes.Lflag&unix.ICANON == 0 {
		s.t.Error("the terminal is still in raw mode")
	}
}
