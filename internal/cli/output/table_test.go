package output_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/charmbracelet/lipgloss"

	"github.com/onetouchkit/onetouch/internal/cli/output"
)

const uuid = "dda2c400-bc43-4135-97be-1285ca17e122"

func requests() *output.Table {
	table := output.NewTable(
		output.Column{Title: "uuid", Whole: true},
		output.Column{Title: "message"},
		output.Column{Title: "status", Colour: statusColour},
	)
	table.AddRow(uuid, "Log in from 東京 👩‍💻?", "approved")
	table.AddRow(uuid, "Send $12,400 to ACME Incorporated of Springfield?", "denied")
	return table
}

func statusColour(status string) lipgloss.TerminalColor {
	if status == "approved" {
		return lipgloss.Color("2")
	}
	return nil
}

func onTerminal(width int) (*output.Streams, func() string) {
	s, _, out, _ := output.Test()
	s.Terminal = output.Terminal{Out: true, Width: width}
	return s, out.String
}

func TestTableForPrograms(t *testing.T) {
	t.Parallel()
	s, _, out, _ := output.Test()
	table := requests()
	table.AddRow("x\ty", "two\nlines", "\x1b[2J")
	if err := table.Write(s); err != nil {
		t.Fatal(err)
	}
	want := uuid + "\tLog in from 東京 👩‍💻?\tapproved\n" +
		uuid + "\tSend $12,400 to ACME Incorporated of Springfield?\tdenied\n" +
		"x␉y\ttwo␊lines\t␛[2J\n"
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out, want)
	}
}

func TestTableOnAWideTerminal(t *testing.T) {
	t.Parallel()
	s, written := onTerminal(120)
	if err := requests().Write(s); err != nil {
		t.Fatal(err)
	}
	want := "" +
		"UUID                                  MESSAGE                                            STATUS\n" +
		uuid + "  Log in from 東京 👩‍💻?                               approved\n" +
		uuid + "  Send $12,400 to ACME Incorporated of Springfield?  denied\n"
	if written() != want {
		t.Errorf("got\n%s\nwant\n%s", written(), want)
	}
}

// At every width the lines fit, and down to the width of the identifier it stays whole.
func TestTableFitsTheTerminal(t *testing.T) {
	t.Parallel()
	for width := 1; width <= 120; width++ {
		s, written := onTerminal(width)
		if err := requests().Write(s); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(written(), "\n"), "\n")
		if len(lines) != 3 {
			t.Fatalf("at width %d the table has %d lines:\n%s", width, len(lines), written())
		}
		for _, line := range lines {
			if lipgloss.Width(line) > width {
				t.Errorf("at width %d a line is %d wide: %q", width, lipgloss.Width(line), line)
			}
			if strings.HasSuffix(line, " ") {
				t.Errorf("at width %d a line ends in blanks: %q", width, line)
			}
		}
		if width >= len(uuid) && strings.Count(written(), uuid) != 2 {
			t.Errorf("at width %d the identifier was cut:\n%s", width, written())
		}
	}
}

func TestTableShowsWhereItWasCut(t *testing.T) {
	t.Parallel()
	s, written := onTerminal(80)
	if err := requests().Write(s); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(written(), "…") || strings.Contains(written(), "Springfield") {
		t.Errorf("no mark of the cut in\n%s", written())
	}
	if !strings.Contains(written(), "approved\n") {
		t.Errorf("the short column was cut:\n%s", written())
	}
}

func TestTableColours(t *testing.T) {
	t.Parallel()
	s, written := onTerminal(120)
	s.Terminal.OutColour = true
	if err := requests().Write(s); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(written(), "\n")
	if !strings.Contains(lines[0], "\x1b[1m") {
		t.Errorf("heading is not bold: %q", lines[0])
	}
	if !strings.Contains(lines[1], "\x1b[32mapproved") {
		t.Errorf("approved is not green: %q", lines[1])
	}
	if strings.Contains(lines[2], "\x1b[3") {
		t.Errorf("denied was given a colour: %q", lines[2])
	}
}

func TestTableWithoutRowsWritesNothing(t *testing.T) {
	t.Parallel()
	s, written := onTerminal(80)
	if err := output.NewTable(output.Column{Title: "id"}).Write(s); err != nil {
		t.Fatal(err)
	}
	if written() != "" {
		t.Errorf("wrote %q", written())
	}
}

func TestTableErrors(t *testing.T) {
	t.Parallel()
	table := output.NewTable(output.Column{Title: "id"}, output.Column{Title: "name"})
	table.AddRow("1000")
	s, written := onTerminal(80)
	err := table.Write(s)
	if err == nil || !strings.Contains(err.Error(), "row 1 has 1 cells, the table has 2 columns") || written() != "" {
		t.Errorf("err = %v, wrote %q", err, written())
	}

	s.Out = failingWriter{}
	if err := requests().Write(s); !errors.Is(err, errBroken) {
		t.Errorf("err = %v, want the writer's own", err)
	}
}

var errBroken = errors.New("broken pipe")

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, errBroken }

// A column of a list says what its cells are, so a row cannot have more cells than the table has columns.
func TestTableOf(t *testing.T) {
	t.Parallel()
	s, _, out, _ := output.Test()
	table := output.TableOf([]string{"ada", "bob"},
		output.Whole("Name", func(name string) string { return name }),
		output.Short("Loud", strings.ToUpper).Coloured(func(string) lipgloss.TerminalColor { return lipgloss.Color("1") }))
	if err := table.Write(s); err != nil {
		t.Fatal(err)
	}
	if want := "ada\tADA\nbob\tBOB\n"; out.String() != want {
		t.Errorf("off a terminal: %q, want %q", out, want)
	}
	out.Reset()
	s.Terminal.Out, s.Terminal.Width = true, 80
	if err := table.Write(s); err != nil {
		t.Fatal(err)
	}
	if want := "NAME  LOUD\nada   ADA\nbob   BOB\n"; out.String() != want {
		t.Errorf("on a terminal: %q, want %q", out, want)
	}
}
