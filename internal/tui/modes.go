package tui

import (
	"bytes"
	"io"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
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

// The terminal's own title is kept on its stack meanwhile (xterm; others take no notice).
const pushTitle, popTitle = "\x1b[22;2t", "\x1b[23;2t"

func (m *modes) enter() {
	m.write(pushTitle + ansi.ResetModeAutoWrap)
	if m.joins {
		m.write(ansi.SetModeUnicodeCore)
	}
}

// leave gives the terminal back as it was.
func (m *modes) leave() {
	if m.joins {
		m.write(ansi.ResetModeUnicodeCore)
	}
	m.write(ansi.SetModeAutoWrap + popTitle)
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

// mayBeAsked reports whether a terminal takes a question well. Apple's writes part of it on the screen, over a slow line
// the answer may come when nobody reads it any more, and on Windows it comes as if somebody had typed it.
func mayBeAsked(system string, getenv func(string) string) bool {
	return system != "windows" && getenv("SSH_TTY") == "" && !strings.Contains(getenv("TERM_PROGRAM"), "Apple")
}

// translate tells the screen the size of the window in its own words, before bubbletea's renderer hears of it.
func translate(_ tea.Model, msg tea.Msg) tea.Msg {
	if size, is := msg.(tea.WindowSizeMsg); is {
		return resized{width: size.Width, height: size.Height}
	}
	return msg
}

// keyboard is the terminal's input, and hears what the terminal answers. bubbletea would hand that on in the memory that
// it reads into again at the same time.
type keyboard struct {
	file
	send func(tea.Msg)
}

// file is what bubbletea wants an input to be, to wait for it and to stop waiting.
type file interface {
	term.File
	Name() string
}

// Read reads as the file does. It keeps nothing back; bubbletea makes nothing of an answer.
func (k *keyboard) Read(b []byte) (n int, err error) {
	n, err = k.file.Read(b)
	for _, setting := range []ansi.ModeSetting{ansi.ModeReset, ansi.ModeSet, ansi.ModePermanentlySet} {
		if bytes.Contains(b[:max(0, n)], []byte(ansi.ReportMode(ansi.ModeUnicodeCore, setting))) {
			k.send(joinsReported{setting})
		}
	}
	return n, err
}
