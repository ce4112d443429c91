package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/server/problem"
)

type trafficShowOptions struct {
	tools
	id int64
}

// NewCmdTrafficShow returns the command that shows one call.
func NewCmdTrafficShow(f *Factory) *cobra.Command {
	o := &trafficShowOptions{tools: f.trafficTools()}
	cmd := &cobra.Command{
		Use:               "show ID",
		Short:             "Show one call: what was asked and what was answered, with headers and bodies",
		Args:              takeID(&o.id, "the ID of the call"),
		ValidArgsFunction: f.completeFirst(callIDs),
		RunE:              runOn(o, trafficShowRun),
	}
	o.answer = addAnswerFlags(cmd, controlapi.Call{}, "the ID")
	return cmd
}

func trafficShowRun(ctx context.Context, o *trafficShowOptions, c *Connection) error {
	call, err := c.Control.Call(ctx, o.id)
	if errors.Is(err, &onetouch.Error{Code: problem.CodeCallNotFound}) {
		return failedWith(ExitNotFound, "the server remembers no call %d: 'onetouch traffic' lists those it does", o.id)
	}
	if err != nil {
		return err
	}
	return o.show(ctx, shown{data: call, ids: []string{idOfCall(call)}, people: textOfCall(o.streams, call)})
}

// textOfCall is a call for people: the facts, and then the exchange as curl -v would show it.
func textOfCall(s *output.Streams, c controlapi.Call) output.TextFunc {
	return func(s2 *output.Streams) error {
		if err := recordOfCall(s, c).Write(s2); err != nil {
			return err
		}
		lines := []string{"", "> " + c.Method + " " + output.Sanitise(c.Path)}
		lines = append(lines, linesOfMessage("> ", c.RequestHeaders, c.RequestBody, c.RequestCut, c.RequestSize)...)
		if c.Status != 0 {
			lines = append(lines, "< "+answerOfCall(c))
		}
		lines = append(lines, linesOfMessage("< ", c.ResponseHeaders, c.ResponseBody, c.ResponseCut, c.ResponseSize)...)
		return output.Lines(lines).Write(s2)
	}
}

func recordOfCall(s *output.Streams, c controlapi.Call) *output.Record {
	record := &output.Record{}
	record.Add("ID", idOfCall(c))
	record.Add("API", string(c.API))
	record.Add("At", moment(s, c.At))
	record.Add("Took", durationOfCall(c))
	record.Add("Answer", answerOfCall(c))
	record.Add("Error code", c.ErrorCode)
	record.Add("Fault", c.Fault)
	record.Add("Application", c.AppID)
	record.Add("User", idOrNone(c.AuthyID))
	record.Add("Device", idOrNone(c.DeviceID))
	record.Add("Request", c.RequestUUID)
	return record
}

func idOrNone(id *int64) string {
	if id == nil {
		return ""
	}
	return idText(*id)
}

func linesOfMessage(prefix string, headers []controlapi.Header, body string, cut bool, size int64) []string {
	var lines []string
	for _, h := range headers {
		lines = append(lines, prefix+output.Sanitise(h.Name+": "+h.Value))
	}
	lines = append(lines, prefixed(prefix, body)...)
	if cut {
		lines = append(lines, fmt.Sprintf("%s… (%d bytes in all)", prefix, size))
	}
	return lines
}

func callIDs(ctx context.Context, c *Connection) ([]string, error) {
	calls, err := c.Control.Calls(ctx, controlapi.CallQuery{Latest: completedEntries})
	var values []string
	for i := len(calls) - 1; i >= 0; i-- { // the newest first
		values = append(values, fmt.Sprintf("%s\t%s %s %s", idOfCall(calls[i]), statusOfCall(calls[i]), calls[i].Method, calls[i].Path))
	}
	return values, err
}
