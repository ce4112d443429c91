package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

type requestListOptions struct {
	tools
	statuses []onetouch.Status
	authyID  int64
	limit    int
}

const defaultRequestLimit = 50

// NewCmdRequestList returns the command that lists approval requests.
func NewCmdRequestList(f *Factory) *cobra.Command {
	o := &requestListOptions{tools: f.tools(), limit: defaultRequestLimit}
	cmd := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List the approval requests of the application, newest first",
		Args:    noArguments,
		RunE:    runOn(o, requestListRun),
	}
	flags := cmd.Flags()
	addWordsFlag(cmd, &o.statuses, "status", onetouch.Statuses(),
		"only requests in this `STATUS`: "+joined(onetouch.Statuses())+"; several joined by commas")
	addUserFlag(f, cmd, &o.authyID, "only requests to the user with this Authy `ID`")
	flags.Var(limitFlag{&o.limit}, "limit", "at most this `NUMBER` of requests, 0 for all")
	o.answer = addAnswerFlags(cmd, controlapi.ApprovalRequest{}, "the UUIDs")
	return cmd
}

func requestListRun(ctx context.Context, o *requestListOptions, c *Connection) error {
	requests, err := c.Control.ApprovalRequests(ctx, controlapi.ApprovalRequestQuery{
		AppID: c.Application.ID, AuthyID: o.authyID, Statuses: textsOf(o.statuses), Limit: o.limit,
	})
	if err != nil {
		return err
	}
	if o.authyID != 0 && len(requests) == 0 { // of a user who was removed there may be some
		if _, err := c.user(ctx, o.authyID); err != nil {
			return err
		}
	}
	return showList(ctx, o.display, requests, list[controlapi.ApprovalRequest]{
		id: uuidOf,
		columns: []output.ColumnOf[controlapi.ApprovalRequest]{
			output.Whole("UUID", uuidOf),
			output.Whole("Status", statusOf).Coloured(statusColour),
			output.Whole("User", func(r controlapi.ApprovalRequest) string { return idText(r.AuthyID) }),
			output.Short("Message", func(r controlapi.ApprovalRequest) string { return r.Message }),
			ageColumn(o.streams, c.Server.Now, func(r controlapi.ApprovalRequest) time.Time { return r.CreatedAt }),
		},
	})
}

func uuidOf(r controlapi.ApprovalRequest) string { return r.UUID }

func statusOf(r controlapi.ApprovalRequest) string { return string(r.Status) }
