package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
)

// answer is how the user wants a command's answer: for people, as the bare identifiers (-q), or as data (--json, --jq,
// --template).
type answer struct {
	quiet  bool
	format *output.Format
}

// addAnswerFlags gives cmd the flags of an answer. record is an example of what it answers, identifier what -q prints.
func addAnswerFlags(cmd *cobra.Command, record any, identifier string) *answer {
	return addAnswerFlagsOf(cmd, output.FieldsOf(record), identifier)
}

// addAnswerFlagsOf is addAnswerFlags for an answer with some of its record's fields; the others are not shown.
func addAnswerFlagsOf(cmd *cobra.Command, fields []string, identifier string) *answer {
	a := &answer{format: output.AddFormatFlags(cmd, fields)}
	cmd.Flags().BoolVarP(&a.quiet, "quiet", "q", false, "print only "+identifier)
	cmd.PreRunE = func(*cobra.Command, []string) error {
		if a.quiet && a.format.Requested() {
			return usageError("-q cannot be combined with --json, --jq or --template")
		}
		return nil
	}
	return a
}

// forPeople reports whether nothing but text was asked for.
func (a *answer) forPeople() bool { return !a.quiet && !a.format.Requested() }

// shown is an answer in every form that it can be asked for in.
type shown struct {
	data   any         // for programs: a record, or a list of them
	ids    []string    // for -q
	people output.Text // for everybody else
	hint   string      // what only a person at a terminal can use; comes first
}

// display is what the options of a command embed to give its answer.
type display struct {
	streams *output.Streams
	answer  *answer
}

// show gives the answer of a command.
func (d display) show(ctx context.Context, s shown) error {
	switch {
	case d.answer.quiet:
		return output.Lines(s.ids).Write(d.streams)
	case d.answer.format.Requested():
		return d.answer.format.Write(ctx, d.streams, s.data)
	}
	if s.hint != "" {
		hint(d.streams, "%s", s.hint)
	}
	return s.people.Write(d.streams)
}

// sentence is an answer of one line. Text from outside has to be sanitised before.
func sentence(format string, args ...any) output.Lines {
	return output.Lines{fmt.Sprintf(format, args...)}
}

func writeLines(s *output.Streams, lines ...string) error {
	return output.Lines(lines).Write(s)
}

// say tells people something beside the answer.
func say(s *output.Streams, format string, args ...any) {
	_, _ = fmt.Fprintf(s.Err, format+"\n", args...)
}

// hint is say for what only a person at a terminal can use.
func hint(s *output.Streams, format string, args ...any) {
	if s.Terminal.Err {
		say(s, "%s", s.ErrRenderer().NewStyle().Faint(true).Render(fmt.Sprintf(format, args...)))
	}
}
