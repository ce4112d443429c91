package cli

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/migrate"
)

type migrateCheckOptions struct {
	tools
	file  string // a recording; "-" is the standard input, "" the traffic of the running server
	junit string
}

// NewCmdMigrateCheck returns the command that replays approval flows through both APIs.
func NewCmdMigrateCheck(f *Factory) *cobra.Command {
	o := &migrateCheckOptions{tools: f.trafficTools()}
	cmd := &cobra.Command{
		Use:   "check [RECORDING]",
		Short: "Replay your approval flows through both APIs, and compare how they come out",
		Long: "Replay your approval flows through both APIs, and compare how they come out. The flows are those of the calls that\n" +
			"the running server remembers, of a run of your own test suite, or\n" + recordingHelp + "\n\n" +
			"Each flow is made again through Authy's API and through Verify's, on servers of its own in memory, with a simulated\n" +
			"phone that answers as it did and a clock that is moved as far as it went: whether the question is taken, what the\n" +
			"phone shows, when its time is over, how it ends, and what the backend is told. Nothing else is touched.\n\n" +
			"A flow is the same; or explained: it ends the same, and what is otherwise is a known difference of 'onetouch migrate\n" +
			"plan'; or it differs. One that cannot be made again is not replayed, and says why. The exit code is 1 when a flow\n" +
			"differs or was not replayed. The answer is a page in Markdown; at a terminal it is a table.",
		Example: "onetouch exec --auto approve --report run.json -- npm test; onetouch migrate check run.json >check.md",
		Args:    takeOptionalText(&o.file, "the recording"),
		RunE: func(cmd *cobra.Command, arguments []string) error {
			if o.file != "" {
				return runWith(o, migrateCheckOfRecording)(cmd, arguments)
			}
			return runOn(o, migrateCheckOfTraffic)(cmd, arguments)
		},
	}
	cmd.Flags().StringVar(&o.junit, "junit", "", "write the report to this `FILE` too, as JUnit's XML")
	o.answer = addAnswerFlags(cmd, migrate.Report{}, "the numbers of the flows that differ or were not replayed")
	return cmd
}

func (o *migrateCheckOptions) check() error { return nil }

func migrateCheckOfTraffic(ctx context.Context, o *migrateCheckOptions, c *Connection) error {
	r, err := migrate.RememberedFlows(ctx, c.Control, chosenApp(c))
	if err != nil {
		return err
	}
	return o.run(ctx, r, noCallsOfServer)
}

func migrateCheckOfRecording(ctx context.Context, o *migrateCheckOptions) error {
	r, err := o.recordingOf(o.file)
	if err != nil {
		return err
	}
	return o.run(ctx, r, noCallsOfRecording)
}

func (o *migrateCheckOptions) run(ctx context.Context, r migrate.Recording, none string) error {
	progress := newProgress(o.streams, "Replayed %d of %d approval flows")
	report, err := migrate.Check(ctx, r, migrate.CheckOptions{Progress: progress.tell})
	progress.end()
	switch {
	case err != nil:
		return err
	case report.Calls == 0:
		return failedWith(ExitNotFound, "%s", none)
	case len(report.Flows) == 0:
		return failedWith(ExitNotFound, "nobody is asked for approval: there is %s of the Authy API, none of which is "+
			"POST /onetouch/{format}/users/{id}/approval_requests", counted(report.Calls, "call"))
	}
	if err := o.show(ctx, o.answerOf(report)); err != nil {
		return err
	}
	if err := o.writeJUnit(report); err != nil { // after what was found: a file that cannot be written loses nothing
		return err
	}
	if !report.Passed() {
		return &exitError{code: ExitFailed}
	}
	return nil
}

func (o *migrateCheckOptions) answerOf(report migrate.Report) shown {
	var wrong []string
	for _, f := range report.Flows {
		if f.Verdict == migrate.Differs || f.Verdict == migrate.NotReplayed {
			wrong = append(wrong, strconv.Itoa(f.Number))
		}
	}
	answer := shown{data: report, ids: wrong, people: pageOf(report.Markdown())}
	if o.streams.Terminal.Out {
		answer.people = output.TextFunc(func(s *output.Streams) error { return writeCheck(s, report) })
		answer.hint = fmt.Sprintf("All of it, as a page: onetouch migrate check %s>check.md.", recordingWord(o.file))
	}
	return answer
}

// pageOf are the lines of a page with text from outside in it.
func pageOf(page string) output.Lines {
	lines := output.Lines(strings.Split(strings.TrimSuffix(page, "\n"), "\n"))
	for i, line := range lines {
		lines[i] = output.Sanitise(line)
	}
	return lines
}

// writeCheck writes the table and what there is to say of its rows.
func writeCheck(s *output.Streams, report migrate.Report) error {
	table := output.TableOf(report.Flows,
		output.Whole("Flow", func(f migrate.Checked) string { return strconv.Itoa(f.Number) }),
		output.Short("Asked", migrate.Checked.Title),
		output.Whole("Recorded", func(f migrate.Checked) string { return string(f.Recorded) }),
		output.Whole("Authy", func(f migrate.Checked) string { return cmp.Or(string(f.Authy), "-") }),
		output.Whole("Verify", func(f migrate.Checked) string { return cmp.Or(string(f.Verify), "-") }),
		output.Whole("Result", func(f migrate.Checked) string { return string(f.Verdict) }).Coloured(verdictColour),
	)
	if err := table.Write(s); err != nil {
		return err
	}
	var lines []string
	for _, f := range report.Flows {
		if f.Verdict == migrate.Same || f.Verdict == migrate.Explained {
			continue
		}
		for _, line := range f.Lines() {
			lines = append(lines, wrapped(s, fmt.Sprintf("%d: ", f.Number), "   ", line)...)
		}
	}
	for _, k := range report.Known() {
		flows := fmt.Sprintf("%s: ", counted(len(k.Flows), "flow"))
		lines = append(lines, wrapped(s, flows, "   ", k.Why)...)
	}
	if len(lines) > 0 {
		lines = append([]string{""}, lines...)
	}
	err := writeLines(s, append(lines, "")...)
	say(s, "%s: %s.", counted(len(report.Flows), "approval flow"), report.Summary())
	return err
}

// verdictColour is the colour of a verdict, from the user's own theme.
func verdictColour(word string) lipgloss.TerminalColor {
	return map[string]lipgloss.TerminalColor{
		string(migrate.Same):        lipgloss.Color("2"), // green
		string(migrate.Explained):   lipgloss.Color("4"), // blue
		string(migrate.NotReplayed): lipgloss.Color("3"), // yellow
		string(migrate.Differs):     lipgloss.Color("1"), // red
	}[word]
}

func (o *migrateCheckOptions) writeJUnit(report migrate.Report) error {
	if o.junit == "" {
		return nil
	}
	var text bytes.Buffer
	if err := report.WriteJUnit(&text); err != nil {
		return err
	}
	if err := os.WriteFile(o.junit, text.Bytes(), readable); err != nil {
		return fmt.Errorf("writing --junit: %w", err)
	}
	return nil
}
