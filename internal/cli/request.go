package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

// NewCmdRequest returns the commands about approval requests.
func NewCmdRequest(f *Factory) *cobra.Command {
	return newGroup("request", "Send approval requests, answer them and wait for answers",
		NewCmdRequestSend(f), NewCmdRequestList(f), NewCmdRequestShow(f),
		NewCmdRequestApprove(f), NewCmdRequestDeny(f), NewCmdRequestWait(f),
		NewCmdRequestEvidence(f))
}

// request returns an approval request as it stands. A phone answers whichever application asked, so only one that was
// chosen hides the requests of the others.
func (c *Connection) request(ctx context.Context, uuid string) (controlapi.ApprovalRequest, error) {
	request, err := c.Control.ApprovalRequest(ctx, uuid)
	if errors.Is(err, &onetouch.Error{Code: onetouch.CodeApprovalRequestNotFound}) {
		return request, unknownRequest(uuid)
	}
	if err == nil && c.chosen && request.AppID != c.Application.ID {
		return controlapi.ApprovalRequest{}, unknownRequest(uuid)
	}
	return request, err
}

func unknownRequest(uuid string) error {
	return failedWith(ExitNotFound, "there is no approval request %s: 'onetouch request list' shows those there are", uuid)
}
