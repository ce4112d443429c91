package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/migrate"
)

type migratePlanOptions struct {
	tools
	file string // a recording; "-" is the standard input, "" the traffic of the running server
}

// NewCmdMigratePlan returns the command that says what a backend's calls become.
func NewCmdMigratePlan(f *Factory) *cobra.Command {
	o := &migratePlanOptions{tools: f.trafficTools()}
	cmd := &cobra.Command{
		Use:   "plan [RECORDING]",
		Short: "Say what each call of your backend becomes in Verify",
		Long: "Say what each call of your backend becomes in Verify: method, path and parameters, what has no counterpart, and what\n" +
			"behaves differently. The calls are those that the running server remembers, of a run of your own test suite, or\n" +
			recordingHelp + " No value of a call is printed.\n\n" +
			"The answer is a page in Markdown; at a terminal it is a table. What your test suite does not exercise is not\n" +
			"planned: the page lists the calls that were not seen.",
		Example: "onetouch exec --report run.json -- npm test; onetouch migrate plan run.json >plan.md",
		Args:    takeOptionalText(&o.file, "the recording"),
		RunE: func(cmd *cobra.Command, arguments []string) error {
			if o.file != "" {
				return runWith(o, migratePlanOfRecording)(cmd, arguments)
			}
			return runOn(o, migratePlanOfTraffic)(cmd, arguments)
		},
	}
	o.answer = addAnswerFlags(cmd, migrate.Plan{}, "the calls that have no counterpart")
	return cmd
}

func (o *migratePlanOptions) check() error { return nil }

// migratePlanOfTraffic plans for what the running server remembers.
func migratePlanOfTraffic(ctx context.Context, o *migratePlanOptions, c *Connection) error {
	r, err := migrate.Remembered(ctx, c.Control, chosenApp(c))
	if err != nil {
		return err
	}
	plan := migrate.Of(r.Calls)
	plan.Forgotten = r.Forgotten
	return o.tell(ctx, plan, noCallsOfServer)
}

// migratePlanOfRecording plans for what a file has.
func migratePlanOfRecording(ctx context.Context, o *migratePlanOptions) error {
	r, err := o.recordingOf(o.file)
	if err != nil {
		return err
	}
	return o.tell(ctx, migrate.Of(r.Calls), noCallsOfRecording)
}

func (o *migratePlanOptions) tell(ctx context.Context, plan migrate.Plan, none string) error {
	if plan.Calls == 0 {
		return failedWith(ExitNotFound, "%s", none)
	}
	var lost []string
	for _, s := range plan.Steps {
		if s.Fate == migrate.Nobody {
			lost = append(lost, s.Method+" "+s.Path)
		}
	}
	answer := shown{data: plan, ids: lost, people: pageOf(plan.Markdown())}
	if o.streams.Terminal.Out {
		answer.people = output.TextFunc(func(s *output.Streams) error { return writePlan(s, plan) })
		answer.hint = fmt.Sprintf("All of it, as a page: onetouch migrate plan %s>plan.md.", recordingWord(o.file))
	}
	return o.show(ctx, answer)
}

// writePlan writes a table, in which paths are without what each of them has, and what it does not show.
func writePlan(s *output.Streams, plan migrate.Plan) error {
	table := output.TableOf(plan.Steps,
		output.Whole("Calls", func(s migrate.Step) string { return fmt.Sprint(s.Times) }),
		output.Short("Authy", func(s migrate.Step) string { return s.Method + " " + strings.Replace(s.Path, "/{format}", "", 1) }),
		output.Whole("Becomes", func(s migrate.Step) string { return string(s.Fate) }),
		output.Short("Verify", func(s migrate.Step) string {
			var calls []string
			for _, c := range s.Verify {
				calls = append(calls, c.Method+" "+strings.TrimPrefix(c.Path, "/v2/Services/{ServiceSid}"))
			}
			return strings.Join(calls, ", ")
		}),
		output.Whole("Findings", func(s migrate.Step) string { return fmt.Sprint(len(s.Findings)) }),
	)
	if err := table.Write(s); err != nil {
		return err
	}
	notSeen := fmt.Sprintf("Calls not seen: %d, which is no proof that your backend never makes them.", len(plan.NotSeen))
	return writeLines(s, append([]string{""}, wrapped(s, "", "", notSeen)...)...)
}
