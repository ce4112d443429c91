package tui

import (
	"io"
	"reflect"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// modes are what the screen needs of the terminal beyond what bubbletea looks after.
//
//   - Terminals disagree on how many cells joined characters take, such as a family of emoji. [ruler] counts as the older
//     ones do, until the terminal says that it knows Unicode's way (mode 2027); then both take that.
//   - Where they disagree all the same, a line that the terminal finds too long must not go on in the next, which would
//     move the whole screen. So wrapping is off, and such a line loses its end.
//   - bubbletea itself counts in Unicode's way always, and would cut lines by that, or erase their last cell. So it never
//     hears the window's width, and does neither: every line is exactly that wide anyway; see [translate].
type modes struct {
	out   io.Writer
	joins bool // the terminal was switched to Unicode's way
}

func (m *modes) enter() {
	m.write(ansi.ResetModeAutoWrap)
	if m.joins {
		m.write(ansi.SetModeUnicodeCore)
	}
}

// leave gives the terminal back as it was.
func (m *modes) leave() {
	if m.joins {
		m.write(ansi.ResetModeUnicodeCore)
	}
	m.write(ansi.SetModeAutoWrap)
}

// ask asks whether the terminal knows Unicode's way. Its answer, if one comes, is a [joinsReported].
func (m *modes) ask() { m.write(ansi.RequestModeUnicodeCore) }

// join switches the terminal to Unicode's way, if it is not in it.
func (m *modes) join(report joinsReported) {
	if report.setting == ansi.ModeReset {
		m.joins = true
		m.write(ansi.SetModeUnicodeCore)
	}
}

func (m *modes) write(codes string) { _, _ = io.WriteString(m.out, codes) }

// mayBeAsked reports whether a terminal takes a question well. Apple's writes part of it on the screen, and over a slow
// line the answer may come when nobody reads it any more.
func mayBeAsked(getenv func(string) string) bool {
	return getenv("SSH_TTY") == "" && !strings.Contains(getenv("TERM_PROGRAM"), "Apple")
}

// translate makes the screen's own words of what bubbletea says, before anything else hears it.
func translate(_ tea.Model, msg tea.Msg) tea.Msg {
	if size, is := msg.(tea.WindowSizeMsg); is {
		return resized{width: size.Width, height: size.Height}
	}
	code, is := escapeCode(msg)
	if !is {
		return msg
	}
	for _, setting := range []ansi.ModeSetting{ansi.ModeReset, ansi.ModeSet, ansi.ModePermanentlySet} {
		if code == ansi.ReportMode(ansi.ModeUnicodeCore, setting) {
			return joinsReported{setting}
		}
	}
	return nil // nothing else that a terminal may say is of use
}

// escapeCode is one that bubbletea does not know. It hands those on as bytes, in a type that it does not export.
func escapeCode(msg tea.Msg) (code string, is bool) {
	v := reflect.ValueOf(msg)
	if !v.IsValid() || v.Kind() != reflect.Slice || v.Type().Elem().Kind() != reflect.Uint8 {
		return "", false
	}
	return string(v.Bytes()), true
}
