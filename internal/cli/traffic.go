package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/lipgloss"
	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/server/traffic"
)

type trafficOptions struct {
	tools
	path    string
	status  string
	api     traffic.API
	request string
	faults  bool
	after   int64
	limit   int
	follow  bool
	timeout time.Duration

	given func(flag string) bool
}

const defaultCallLimit = 50

// trafficTools are those of a command about traffic, which a running server remembers.
func (f *Factory) trafficTools() tools {
	return f.tools().onServer("calls are remembered by a running server, and none runs in this workspace: start one with " +
		"'onetouch serve'")
}

// NewCmdTraffic returns the command about the calls that the server answered.
func NewCmdTraffic(f *Factory) *cobra.Command {
	o := &trafficOptions{tools: f.trafficTools(), limit: defaultCallLimit}
	cmd := &cobra.Command{
		Use:   "traffic",
		Short: "List the calls that the server answered, or follow them",
		Long: "List the calls of the Authy API, the Verify API and the device API that the server answered, the last ones, oldest\n" +
			"first.\n" +
			"--follow tells of each as it is answered, with --after from that call on, and ends after as many as --limit says;\n" +
			"when the time of --timeout is over the exit code is 124. 'onetouch traffic show ID' shows all of one call:\n" +
			"headers and bodies.\n\n" +
			"What a fault did to a call is said with it, and so is a push or a callback that a fault struck. Keys, tokens and\n" +
			"codes are left out. The server remembers the last " + strconv.Itoa(traffic.Kept) + " calls, until it ends.",
		Example: "onetouch traffic --path 'POST /onetouch/*' --status 4xx\n" +
			"onetouch traffic --follow --json method,path,status,error_code\n" +
			"onetouch traffic --follow --path '*/approval_requests' --limit 1 --timeout 30s",
		Args: noSuchCommand,
		RunE: runOn(o, trafficRun),
	}
	flags := cmd.Flags()
	flags.StringVar(&o.path, "path", "", "only calls that match this `PATTERN`: a path, or a method and a path; * is any text")
	flags.StringVar(&o.status, "status", "", "only calls with this HTTP `STATUS`, or class: 404, 4xx; 0: those without an answer")
	addWordFlag(cmd, &o.api, "api", traffic.APIs(), "only calls of this `API`: "+joined(traffic.APIs()))
	flags.StringVar(&o.request, "request", "", "only calls about the approval request with this `UUID`")
	flags.BoolVar(&o.faults, "faults", false, "only what a fault struck")
	flags.Var(sequenceFlag{&o.after, "a call"}, "after", "only calls that came after the one with this `NUMBER`")
	flags.Var(limitFlag{&o.limit}, "limit", "at most this `NUMBER` of calls, the last, 0 for all")
	flags.BoolVarP(&o.follow, "follow", "f", false, "go on, and tell of each call as it is answered")
	flags.Var(timeoutFlag(&o.timeout), "timeout", "follow no longer than this `DURATION`, such as 30s (default for ever)")
	o.answer = addAnswerFlags(cmd, controlapi.Call{}, "the IDs")
	o.given = flags.Changed
	completes(cmd, "status", completeWords("2xx", "4xx", "5xx", "0\tno answer"))
	completes(cmd, "request", f.completeFlag(requestUUIDs))
	cmd.AddCommand(NewCmdTrafficShow(f))
	return cmd
}

func (o *trafficOptions) check() error {
	if !o.follow && o.timeout > 0 {
		return usageError("--timeout is of use with --follow only")
	}
	for _, flag := range []struct{ name, text string }{{"path", o.path}, {"status", o.status}, {"request", o.request}} {
		if o.given(flag.name) && strings.TrimSpace(flag.text) == "" {
			return usageError("--%s is empty: leave it out for all calls", flag.name)
		}
	}
	return nil
}

func trafficRun(ctx context.Context, o *trafficOptions, c *Connection) error {
	query := controlapi.CallQuery{
		Match: o.path, Status: o.status, API: o.api, RequestUUID: o.request, Faults: o.faults, After: o.after,
		Latest: o.limit,
	}
	if c.chosen {
		query.AppID = c.Application.ID
	}
	if o.follow {
		return o.tell(ctx, c, query)
	}
	calls, err := c.Control.Calls(ctx, query)
	if err != nil {
		return wrongCallFlag(err)
	}
	return showList(ctx, o.display, calls, list[controlapi.Call]{
		id: idOfCall, columns: columnsOfCalls(o.streams, c.Server.Now),
		none: "No calls. Make one: onetouch user create --email ada@example.com --phone 202-555-0158",
	})
}

// wrongCallFlag words a refusal of what the control API calls by other names than the flags.
func wrongCallFlag(err error) error { return parameterFlags{"match": "path"}.orWrong(err) }

func idOfCall(c controlapi.Call) string { return idText(c.ID) }

func columnsOfCalls(s *output.Streams, now time.Time) []output.ColumnOf[controlapi.Call] {
	return []output.ColumnOf[controlapi.Call]{
		output.Whole("ID", idOfCall),
		output.Whole("Status", statusOfCall).Coloured(colourOfCall),
		output.Whole("Error", func(c controlapi.Call) string { return c.ErrorCode }),
		output.Whole("Method", func(c controlapi.Call) string { return c.Method }),
		output.Short("Path", func(c controlapi.Call) string { return c.Path }),
		output.Whole("Took", durationOfCall),
		output.Short("Fault", func(c controlapi.Call) string { return c.Fault }),
		ageColumn(s, now, func(c controlapi.Call) time.Time { return c.At }),
	}
}

func statusOfCall(c controlapi.Call) string {
	switch {
	case c.API == traffic.Pushes, c.API == traffic.Callbacks:
		return string(c.API)
	case c.Status == 0:
		return "none"
	default:
		return strconv.Itoa(c.Status)
	}
}

func colourOfCall(status string) lipgloss.TerminalColor {
	colours := map[string]lipgloss.TerminalColor{
		"2": lipgloss.Color("2"), // green
		"4": lipgloss.Color("3"), // yellow
		"5": lipgloss.Color("1"), // red
		"n": lipgloss.Color("1"),
	}
	return colours[status[:1]]
}

func durationOfCall(c controlapi.Call) string {
	if c.Open {
		return "open"
	}
	return strconv.FormatFloat(c.DurationMS, 'f', 1, 64) + " ms"
}

// tell gives one answer for each call, as it is answered.
func (o *trafficOptions) tell(ctx context.Context, c *Connection, query controlapi.CallQuery) error {
	query.Latest = 0
	if !o.given("after") {
		query.After = controlapi.FromNow
	}
	left := 0
	if o.given("limit") {
		left = o.limit
	}
	following, cancel := within(ctx, o.timeout)
	defer cancel()
	err := c.Control.FollowCalls(following, query, func() { hint(o.streams, "Waiting for calls; Ctrl-C ends.") },
		func(call controlapi.Call) error {
			err := o.show(ctx, shown{data: call, ids: []string{idOfCall(call)}, people: lineOfCall(o.streams, call)})
			if left--; left == 0 && err == nil {
				err = errSeen
			}
			return err
		})
	if errors.Is(err, errSeen) {
		return nil
	}
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return &exitError{code: ExitTimedOut}
	}
	return wrongCallFlag(err)
}

// lineOfCall tells of a call in one line.
func lineOfCall(s *output.Streams, c controlapi.Call) output.Lines {
	parts := []string{
		moment(s, c.At), idOfCall(c), statusOfCall(c), c.Method + " " + output.Sanitise(c.Path), durationOfCall(c),
	}
	for _, part := range []string{c.ErrorCode, c.Fault} {
		if part != "" {
			parts = append(parts, output.Sanitise(part))
		}
	}
	return sentence("%s", strings.Join(parts, "  "))
}

// answerOfCall is what was answered, in words.
func answerOfCall(c controlapi.Call) string {
	switch {
	case c.Status != 0:
		return fmt.Sprintf("%d %s", c.Status, http.StatusText(c.Status))
	case c.API == traffic.Authy, c.API == traffic.Device:
		return "none"
	default:
		return ""
	}
}
