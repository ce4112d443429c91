package output_test

import (
	"io"
	"os"
	"strings"
	"testing"

	"github.com/creack/pty"

	"github.com/onetouchkit/onetouch/internal/cli/output"
)

func TestStreamsOfATestAreNoTerminal(t *testing.T) {
	t.Parallel()
	s, in, out, errs := output.Test()
	in.WriteString("y\n")
	if answer, _ := io.ReadAll(s.In); string(answer) != "y\n" {
		t.Errorf("In gave %q", answer)
	}
	_, _ = io.WriteString(s.Out, "answer")
	_, _ = io.WriteString(s.Err, "progress")
	if out.String() != "answer" || errs.String() != "progress" {
		t.Errorf("Out = %q, Err = %q", out, errs)
	}
	if s.Terminal != (output.Terminal{Width: 80}) {
		t.Errorf("Terminal = %+v, want none", s.Terminal)
	}
	if s.CanPrompt() {
		t.Error("CanPrompt, though nobody is there")
	}
}

// A real terminal behind the standard streams: facts are right, and nothing is written to it to find them out.
//
//nolint:paralleltest // the standard streams are the process's own
func TestSystemOnATerminal(t *testing.T) {
	terminal := standardStreamsOn(t, &pty.Winsize{Rows: 24, Cols: 57})
	for name, test := range map[string]struct {
		env  map[string]string
		want bool
	}{
		"colour terminal":             {map[string]string{"TERM": "xterm-256color"}, true},
		"NO_COLOR":                    {map[string]string{"NO_COLOR": "1"}, false},
		"empty NO_COLOR says nothing": {map[string]string{"NO_COLOR": ""}, true},
		"dumb terminal":               {map[string]string{"TERM": "dumb"}, false},
		"CLICOLOR=0":                  {map[string]string{"CLICOLOR": "0"}, false},
		"NO_COLOR beats force":        {map[string]string{"NO_COLOR": "1", "CLICOLOR_FORCE": "1"}, false},
		"force beats CLICOLOR=0":      {map[string]string{"CLICOLOR": "0", "CLICOLOR_FORCE": "1"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			environment(t, test.env)
			s := output.System()
			want := output.Terminal{In: true, Out: true, Err: true, Width: 57, OutColour: test.want, ErrColour: test.want}
			want.Unicode = test.env["TERM"] != "dumb"
			want.OutEscapes = want.Unicode // whatever colours are wanted
			if s.Terminal != want {
				t.Errorf("Terminal = %+v, want %+v", s.Terminal, want)
			}
			if !s.CanPrompt() {
				t.Error("CanPrompt = false on a terminal")
			}
			_ = s.OutRenderer().NewStyle().Bold(true).Render("x")
		})
	}
	// Everything the process wrote so far would come before this mark.
	_, _ = io.WriteString(os.Stdout, "mark\n")
	if seen := readUntil(t, terminal, "mark"); seen != "" {
		t.Errorf("the terminal was sent %q", seen)
	}
}

// A terminal is believed to show every character unless it says otherwise.
//
//nolint:paralleltest // the standard streams are the process's own
func TestSystemKnowsWhichCharactersATerminalShows(t *testing.T) {
	standardStreamsOn(t, &pty.Winsize{Rows: 24, Cols: 80})
	for name, test := range map[string]struct {
		env  map[string]string
		want bool
	}{
		"nothing said":       {nil, true},
		"UTF-8":              {map[string]string{"LANG": "de_DE.UTF-8"}, true},
		"utf8":               {map[string]string{"LC_CTYPE": "C.utf8"}, true},
		"Latin 1":            {map[string]string{"LANG": "de_DE.ISO-8859-1"}, false},
		"no locale":          {map[string]string{"LANG": "C"}, false},
		"LC_ALL beats LANG":  {map[string]string{"LC_ALL": "C", "LC_CTYPE": "C.UTF-8", "LANG": "C.UTF-8"}, false},
		"LC_CTYPE does too":  {map[string]string{"LC_CTYPE": "C.UTF-8", "LANG": "C"}, true},
		"a dumb terminal":    {map[string]string{"TERM": "dumb", "LANG": "C.UTF-8"}, false},
		"empty says nothing": {map[string]string{"LC_ALL": "", "LANG": "C"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			environment(t, test.env)
			if got := output.System().Terminal.Unicode; got != test.want {
				t.Errorf("Unicode = %t, want %t", got, test.want)
			}
		})
	}
}

//nolint:paralleltest // the standard streams are the process's own
func TestSystemInAPipe(t *testing.T) {
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = reader.Close(); _ = writer.Close() })
	replaceStandardStreams(t, reader, writer)
	for name, test := range map[string]struct {
		env  map[string]string
		want bool
	}{
		"a pipe has no colour":   {nil, false},
		"forced":                 {map[string]string{"CLICOLOR_FORCE": "1"}, true},
		"force of 0 is no force": {map[string]string{"CLICOLOR_FORCE": "0"}, false},
		"forced on a dumb one":   {map[string]string{"CLICOLOR_FORCE": "1", "TERM": "dumb"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			environment(t, test.env)
			want := output.Terminal{Width: 80, OutColour: test.want, ErrColour: test.want}
			if got := output.System().Terminal; got != want {
				t.Errorf("Terminal = %+v, want %+v", got, want)
			}
		})
	}
}

func TestRenderersColourOnlyWhereAllowed(t *testing.T) {
	t.Parallel()
	s, _, _, _ := output.Test()
	s.Terminal.OutColour = true
	if got := s.OutRenderer().NewStyle().Bold(true).Render("x"); !strings.Contains(got, "\x1b[") {
		t.Errorf("Out allows colour, got %q", got)
	}
	if got := s.ErrRenderer().NewStyle().Bold(true).Render("x"); got != "x" {
		t.Errorf("Err allows no colour, got %q", got)
	}
}

// environment sets only the variables that decide about colour and characters; the rest are cleared.
func environment(t *testing.T, values map[string]string) {
	t.Helper()
	for _, name := range []string{"NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TERM", "LC_ALL", "LC_CTYPE", "LANG"} {
		t.Setenv(name, values[name])
	}
}

// standardStreamsOn puts a pseudo-terminal behind the standard streams and returns its other end.
func standardStreamsOn(t *testing.T, size *pty.Winsize) *os.File {
	t.Helper()
	control, terminal, err := pty.Open()
	if err != nil {
		t.Fatalf("opening a pseudo-terminal: %v", err)
	}
	t.Cleanup(func() { _ = control.Close(); _ = terminal.Close() })
	if err := pty.Setsize(control, size); err != nil {
		t.Fatal(err)
	}
	replaceStandardStreams(t, terminal, terminal)
	return control
}

func replaceStandardStreams(t *testing.T, in, out *os.File) {
	t.Helper()
	oldIn, oldOut, oldErr := os.Stdin, os.Stdout, os.Stderr
	os.Stdin, os.Stdout, os.Stderr = in, out, out
	t.Cleanup(func() { os.Stdin, os.Stdout, os.Stderr = oldIn, oldOut, oldErr })
}

// readUntil returns what came before mark.
func readUntil(t *testing.T, r io.Reader, mark string) string {
	t.Helper()
	var seen strings.Builder
	buffer := make([]byte, 256)
	for !strings.Contains(seen.String(), mark) {
		n, err := r.Read(buffer)
		if err != nil {
			t.Fatalf("reading the terminal: %v", err)
		}
		seen.Write(buffer[:n])
	}
	before, _, _ := strings.Cut(seen.String(), mark)
	return before
}
