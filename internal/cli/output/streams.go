package output

import (
	"bytes"
	"io"
	"os"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/term"
	"github.com/muesli/termenv"
)

// fallbackWidth is the width of a terminal that does not tell its size.
const fallbackWidth = 80

// Streams are the standard streams of a command, and what the terminal behind them can do.
type Streams struct {
	In  io.Reader
	Out io.Writer // the answer, and nothing else
	Err io.Writer // progress, hints, logs

	Terminal Terminal
}

// Terminal holds the facts about the terminal. They are plain values, so a test sets the ones it needs.
type Terminal struct {
	In, Out, Err bool // whether each stream is a terminal
	Width        int  // columns of the terminal behind Out, 80 where that is not known
	Unicode      bool // whether the terminal behind Out shows characters beyond ASCII
	OutEscapes   bool // whether the terminal behind Out understands escape codes, wanted or not
	OutColour    bool // whether Out may carry colour
	ErrColour    bool // whether Err may carry colour
}

// System returns the streams of this process. It reads environment variables and asks the operating system, but never
// sends a query to the terminal: no escape code is written and no answer is awaited.
func System() *Streams {
	streams := &Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}
	streams.Terminal = Terminal{
		In:    term.IsTerminal(os.Stdin.Fd()),
		Out:   term.IsTerminal(os.Stdout.Fd()),
		Err:   term.IsTerminal(os.Stderr.Fd()),
		Width: fallbackWidth,
	}
	if streams.Terminal.Out {
		streams.Terminal.Width = widthOf(os.Stdout)
		streams.Terminal.Unicode = unicodeShown(os.Getenv)
		streams.Terminal.OutEscapes = os.Getenv("TERM") != "dumb" && enableColour(os.Stdout)
	}
	streams.Terminal.OutColour = colourAllowed(os.Getenv, streams.Terminal.Out) && enableColour(os.Stdout)
	streams.Terminal.ErrColour = colourAllowed(os.Getenv, streams.Terminal.Err) && enableColour(os.Stderr)
	return streams
}

// Test returns streams over buffers: no terminal, no colour, 80 columns.
func Test() (streams *Streams, in, out, err *bytes.Buffer) {
	in, out, err = &bytes.Buffer{}, &bytes.Buffer{}, &bytes.Buffer{}
	return &Streams{In: in, Out: out, Err: err, Terminal: Terminal{Width: fallbackWidth}}, in, out, err
}

// CanPrompt reports whether a person is there to be asked: both the question (on Err) and the answer go through a
// terminal.
func (s *Streams) CanPrompt() bool { return s.Terminal.In && s.Terminal.Err }

// OutRenderer returns a renderer for styles written to Out: the 16 colours of the user's own theme, or none.
func (s *Streams) OutRenderer() *lipgloss.Renderer { return renderer(s.Out, s.Terminal.OutColour) }

// ErrRenderer is OutRenderer for Err.
func (s *Streams) ErrRenderer() *lipgloss.Renderer { return renderer(s.Err, s.Terminal.ErrColour) }

// renderer states everything that lipgloss would otherwise find out by a query to the terminal.
func renderer(w io.Writer, colour bool) *lipgloss.Renderer {
	r := lipgloss.NewRenderer(w)
	r.SetHasDarkBackground(true)
	r.SetColorProfile(termenv.Ascii)
	if colour {
		r.SetColorProfile(termenv.ANSI)
	}
	return r
}

func widthOf(f *os.File) int {
	width, _, err := term.GetSize(f.Fd())
	if err != nil || width <= 0 {
		return fallbackWidth
	}
	return width
}

// colourAllowed follows no-color.org and the CLICOLOR convention. NO_COLOR wins: it is a person's wish, while
// CLICOLOR_FORCE usually comes from a build script.
func colourAllowed(getenv func(string) string, terminal bool) bool {
	if getenv("NO_COLOR") != "" || getenv("TERM") == "dumb" {
		return false
	}
	if force := getenv("CLICOLOR_FORCE"); force != "" && force != "0" {
		return true
	}
	return terminal && getenv("CLICOLOR") != "0"
}

// unicodeShown reports whether the terminal shows UTF-8. Nearly every terminal does, so only one that says otherwise is
// believed not to. Source of the order of variables: POSIX, section 8.2.
func unicodeShown(getenv func(string) string) bool {
	if getenv("TERM") == "dumb" {
		return false
	}
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale := strings.ToLower(getenv(name)); locale != "" {
			return strings.Contains(locale, "utf-8") || strings.Contains(locale, "utf8")
		}
	}
	return true
}

// enableColour switches a Windows console to escape codes and reports whether that worked. Elsewhere there is nothing
// to switch.
func enableColour(f *os.File) bool {
	_, err := termenv.EnableVirtualTerminalProcessing(termenv.NewOutput(f, termenv.WithProfile(termenv.ANSI)))
	return err == nil
}
