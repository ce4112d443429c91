package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/server/authyapi/codes"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/server/fault"
)

type faultAddOptions struct {
	tools
	controlapi.Fault
	latency, delay time.Duration
}

// NewCmdFaultAdd returns the command that makes calls go wrong.
func NewCmdFaultAdd(f *Factory) *cobra.Command {
	o := &faultAddOptions{tools: f.faultTools(), Fault: controlapi.Fault{Probability: 1}}
	cmd := &cobra.Command{
		Use:   "add",
		Short: "Have calls, pushes or callbacks go wrong from now on",
		Long: "Have calls of the Authy API go wrong from now on, before anything is done: with an error code (docs/compatibility.md\n" +
			"lists them), with the page of a gateway (--status alone), with a reset of the connection, or only late. Calls of\n" +
			"the device API are struck by a --match that begins with /device.\n\n" +
			"Or have pushes or callbacks go wrong. What is lost never comes; the phone finds the request when it looks. What is\n" +
			"doubled comes twice. A callback that is late comes after --delay, by the server's clock. One that is reordered\n" +
			"waits until that of a later request of the same application was taken, no longer than --delay.\n\n" +
			"The fault that was added first has precedence. 'onetouch traffic --faults' shows what was struck.",
		Example: "onetouch fault add --match 'POST /onetouch/*' --error 60050 --times 1\n" +
			"onetouch fault add --latency 2s --status 503 --probability 0.2 --seed 7\n" +
			"onetouch fault add --callback reordered --times 1",
		Args: noArguments,
		RunE: runOn(o, faultAddRun),
	}
	flags := cmd.Flags()
	flags.StringVar(&o.Match, "match", "", "only calls that match this `PATTERN`: a method and a path, or a path; * is any text")
	flags.StringVar(&o.Error, "error", "", "answer with this error `CODE` of the Authy API, such as 60050")
	flags.IntVar(&o.Status, "status", 0, "answer with this HTTP `STATUS`, 400 to 599 (default the code's own)")
	flags.Var(spanFlag{&o.latency, "is in the past"}, "latency", "begin with the call only after this `DURATION`, such as 2s")
	flags.BoolVar(&o.Reset, "reset", false, "reset the connection, without an answer")
	addWordFlag(cmd, &o.Push, "push", fault.PushMishaps(), "what goes wrong with a `PUSH`: "+joined(fault.PushMishaps()))
	addWordFlag(cmd, &o.Callback, "callback", fault.CallbackMishaps(), "what goes wrong with a `CALLBACK`: "+
		joined(fault.CallbackMishaps()))
	flags.Var(spanFlag{&o.delay, "is in the past"}, "delay", "`DURATION` that a callback is late, or waits for a later one "+
		"(default "+fault.DefaultDelay.String()+")")
	flags.Float64Var(&o.Probability, "probability", o.Probability, "how often it strikes: a `NUMBER` above 0, and 1 for each")
	flags.Int64Var(&o.Seed, "seed", 0, "a `NUMBER` that makes the same choices each time, with --probability (default none)")
	flags.IntVar(&o.Times, "times", 0, "`NUMBER` of times that it strikes (default always, until the fault is cleared)")
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
	if !(o.Probability > 0 && o.Probability <= 1) { // what is no number is neither
		return usageError("--probability must be above 0 and at most 1, not %v", o.Probability)
	}
	if given("seed") && (o.Seed == 0 || o.Probability == 1) {
		return usageError("--seed must not be 0, and is of use with a --probability below 1 only")
	}
	if given("latency") && o.latency == 0 || given("delay") && o.delay == 0 {
		return usageError("--latency and --delay must be above 0: leave them out for none")
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
	lengths := controlapi.FaultOf(fault.Rule{Latency: o.latency, Delay: o.delay})
	o.LatencyMS, o.DelayMS = lengths.LatencyMS, lengths.DelayMS
	if o.Error == "" && o.Status == 0 && o.LatencyMS == 0 && !o.Reset && o.Push == "" && o.Callback == "" {
		return usageError("say what goes wrong: --error, --status, --latency, --reset, --push or --callback")
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
		hint:   fmt.Sprintf("See what it strikes: onetouch traffic --faults. End it: onetouch fault clear %d", added.ID),
	})
}

// sentenceOf says what a fault does.
func sentenceOf(f controlapi.Fault) string {
	subject, subjects := "call", "calls"
	switch {
	case f.Push != "":
		subject, subjects = "push", "pushes"
	case f.Callback != "":
		subject, subjects = "callback", "callbacks"
	}
	which := map[int]string{0: "every " + subject, 1: "the next " + subject}[f.Times]
	if which == "" {
		which = fmt.Sprintf("the next %d %s", f.Times, subjects)
	}
	if f.Match != "" && f.Match != allCalls {
		which += " of " + f.Match
	}
	if f.Probability < 1 {
		which = fmt.Sprintf("with a probability of %v, %s", f.Probability, which)
	}
	return which + isOrAre(f.Times) + " " + consequenceOf(f) + "."
}

// consequenceOf says what becomes of what a fault strikes.
func consequenceOf(f controlapi.Fault) string {
	latency := time.Duration(f.LatencyMS) * time.Millisecond
	delay := time.Duration(f.DelayMS) * time.Millisecond
	var does string
	switch {
	case f.Push != "":
		return string(f.Push)
	case f.Callback == fault.Late:
		return "late by " + delay.String()
	case f.Callback == fault.Reordered:
		return "held until that of a later request was taken, for " + delay.String() + " at most"
	case f.Callback != "":
		return string(f.Callback)
	case f.Reset:
		does = "cut off by a reset of the connection"
	case f.Error != "":
		does = fmt.Sprintf("answered with %s, HTTP status %d", f.Error, f.Status)
	case f.Status != 0:
		does = fmt.Sprintf("answered with a page of HTTP status %d", f.Status)
	default:
		return "late by " + latency.String()
	}
	if latency > 0 {
		does += ", after " + latency.String()
	}
	return does
}

// allCalls is the pattern that matches every call.
const allCalls = "*"

func isOrAre(times int) string {
	if times > 1 {
		return " are"
	}
	return " is"
}
