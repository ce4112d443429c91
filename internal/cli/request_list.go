package cli

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

type requestListOptions struct {
	tools
	statuses []string
	authyID  int64
	limit    int
}

const defaultRequestLimit = 50

// NewCmdRequestList returns the command that lists approval requests.
func NewCmdRequestList(f *Factory, runF func(context.Context, *requestListOptions) error) *cobra.Command {
	o := &requestListOptions{tools: f.tools()}
	cmd := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List the approval requests of the application, newest first",
		Args:    noArguments,
		RunE:    runWith(o, requestListRun, runF),
	}
	flags := cmd.Flags()
	flags.StringSliceVar(&o.statuses, "status", nil, "only requests in this `STATUS`: "+strings.Join(statusWords(), ", ")+
		"; several joined by commas")
	flags.Var(idFlag{&o.authyID, anAuthyID}, "user", "only requests to the user with this Authy `ID`")
	flags.IntVar(&o.limit, "limit", defaultRequestLimit, "at most this `NUMBER` of requests, 0 for all")
	o.answer = addAnswerFlags(cmd, controlapi.ApprovalRequest{}, "the UUIDs")
	completes(cmd, "status", completeWords(statusWords()...))
	completes(cmd, "user", f.completeFlag(userIDs))
	return cmd
}

func statusWords() []string {
	var words []string
	for _, status := range onetouch.Statuses() {
		words = append(words, string(status))
	}
	return words
}

func requestListRun(ctx context.Context, o *requestListOptions) error {
	for _, status := range o.statuses {
		if !slices.Contains(statusWords(), status) {
			return usageError("--status %q is none: choose from %s", status, strings.Join(statusWords(), ", "))
		}
	}
	if o.limit < 0 {
		return usageError("--limit %d is below 0", o.limit)
	}
	c, err := o.connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	requests, err := c.Control.ApprovalRequests(ctx, controlapi.ApprovalRequestQuery{
		AppID: c.Application.ID, AuthyID: o.authyID, Statuses: o.statuses, Limit: o.limit,
	})
	if err != nil {
		return err
	}
	if o.authyID != 0 && len(requests) == 0 { // of a user who was removed there may be some
		if _, err := c.user(ctx, o.authyID); err != nil {
			return err
		}
	}
	var uuids []string
	for _, request := range requests {
		uuids = append(uuids, request.UUID)
	}
	return o.answer.write(ctx, o.streams, requests, func() error {
		return tableOfRequests(o.streams, requests, c.Server.Now).Write(o.streams)
	}, uuids...)
}

func tableOfRequests(s *output.Streams, requests []controlapi.ApprovalRequest, now time.Time) *output.Table {
	table := output.NewTable(
		output.Column{Title: "UUID", Whole: true},
		output.Column{Title: "Status", Whole: true, Colour: statusColour},
		output.Column{Title: "User", Whole: true},
		output.Column{Title: "Message"},
		output.Column{Title: "Age", Whole: true},
	)
	for _, request := range requests {
		table.AddRow(request.UUID, string(request.Status), idText(request.AuthyID), request.Message,
			age(s, now, request.CreatedAt))
	}
	return table
}
