package output_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/charmbracelet/lipgloss"

	"github.com/onetouchkit/onetouch/internal/cli/output"
)

func record() *output.Record {
	r := &output.Record{}
	r.Add("UUID", uuid)
	r.AddColoured("Status", "approved", lipgloss.Color("2"))
	r.Add("Reason", "")
	r.Add("金額", "1\x1b[2J\n2")
	return r
}

func TestRecordForPrograms(t *testing.T) {
	t.Parallel()
	s, _, out, _ := output.Test()
	if err := record().Write(s); err != nil {
		t.Fatal(err)
	}
	want := "UUID\t" + uuid + "\nStatus\tapproved\nReason\t\n金額\t1␛[2J␊2\n"
	if out.String() != want {
		t.Errorf("got %q, want %q", out, want)
	}
}

func TestRecordOnATerminal(t *testing.T) {
	t.Parallel()
	s, written := onTerminal(80)
	if err := record().Write(s); err != nil {
		t.Fatal(err)
	}
	want := "UUID    " + uuid + "\nStatus  approved\n金額    1␛[2J␊2\n"
	if written() != want {
		t.Errorf("got %q, want %q", written(), want)
	}
}

func TestRecordColours(t *testing.T) {
	t.Parallel()
	s, written := onTerminal(80)
	s.Terminal.OutColour = true
	if err := record().Write(s); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(written(), "\n")
	if !strings.Contains(lines[0], "\x1b[1m") || strings.Contains(lines[0], "\x1b[3") {
		t.Errorf("want a bold name and a plain value: %q", lines[0])
	}
	if !strings.Contains(lines[1], "\x1b[32mapproved") {
		t.Errorf("approved is not green: %q", lines[1])
	}
}

func TestRecordPassesOnWriteErrors(t *testing.T) {
	t.Parallel()
	s, _, _, _ := output.Test()
	s.Out = failingWriter{}
	if err := record().Write(s); !errors.Is(err, errBroken) {
		t.Errorf("err = %v, want the writer's own", err)
	}
}
