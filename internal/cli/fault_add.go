package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/server/authyapi/codes"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

type faultAddOptions struct {
	tools
	controlapi.Fault
}

// NewCmdFaultAdd returns the command that makes calls go wrong.
func NewCmdFaultAdd(f *Factory) *cobra.Command {
	o := &faultAddOptions{tools: f.faultTools()}
	cmd := &cobra.Command{
		Use:   "add --error CODE",
		Short: "Answer the next calls with an error code",
		Long: "Answer the next calls with an error code, before anything is done. docs/compatibility.md lists the codes. The\n" +
			"fault that was added first has precedence.",
		Example: "onetouch fault add --match 'POST /onetouch/*' --error 60050 --times 1",
		Args:    noArguments,
		RunE:    runOn(o, faultAddRun),
	}
	flags := cmd.Flags()
	flags.StringVar(&o.Match, "match", "", "only calls that match this `PATTERN`: a method and a path, or a path; * is any text")
	flags.StringVar(&o.Error, "error", "", "error `CODE` of the Authy API, such as 60050")
	flags.IntVar(&o.Status, "status", 0, "HTTP `STATUS` of the answer, 400 to 599 (default the code's own)")
	flags.IntVar(&o.Times, "times", 0, "`NUMBER` of calls that go wrong (default all, until the fault is cleared)")
	o.answer = addAnswerFlags(cmd, controlapi.Fault{}, "the ID of the fault")
	completes(cmd, "error", completeWords(errorCodes()...))
	before := cmd.PreRunE
	cmd.PreRunE = func(cmd *cobra.Command, args []string) error {
		if err := o.checkGiven(flags.Changed); err != nil {
			return err
		}
		return before(cmd, args)
	}
	return cmd
}

// checkGiven refuses flags that a script filled with nothing: left out, they are every call, which nobody means by that.
func (o *faultAddOptions) checkGiven(given func(flag string) bool) error {
	if given("match") && strings.TrimSpace(o.Match) == "" {
		return usageError("--match is empty: say which calls, such as 'POST /onetouch/*', or leave it out for every call")
	}
	if given("times") && o.Times < 1 {
		return usageError("--times must be 1 or more, leave it out for all calls until the fault is cleared")
	}
	return nil
}

// errorCodes are the codes of the Authy API, each with what it means.
func errorCodes() []string {
	var words []string
	for _, row := range codes.Table() {
		words = append(words, row.Number+"\t"+row.Meaning)
	}
	return words
}

func (o *faultAddOptions) check() error {
	if o.Error == "" {
		return usageError("--error is missing: say with which code to answer, such as 60050")
	}
	return nil
}

func faultAddRun(ctx context.Context, o *faultAddOptions, c *Connection) error {
	added, err := c.Control.AddFault(ctx, o.Fault)
	if err != nil {
		return orWrongFlag(err)
	}
	return o.show(ctx, shown{
		data: added, ids: []string{idOfFault(added)},
		people: sentence("Fault %d: %s", added.ID, output.Sanitise(sentenceOf(added))),
		hint:   fmt.Sprintf("End it: onetouch fault clear %d", added.ID),
	})
}

// sentenceOf says what a fault does.
func sentenceOf(fault controlapi.Fault) string {
	calls := map[int]string{0: "every call", 1: "the next call"}[fault.Times]
	if calls == "" {
		calls = fmt.Sprintf("the next %d calls", fault.Times)
	}
	if fault.Match != allCalls {
		calls += " of " + fault.Match
	}
	return fmt.Sprintf("%s answered with %s, HTTP status %d.", calls+isOrAre(fault.Times), fault.Error, fault.Status)
}

// allCalls is the pattern that matches every call.
const allCalls = "*"

func isOrAre(times int) string {
	if times > 1 {
		return " are"
	}
	return " is"
}
