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
		NewCmdRequestSend(f, nil), NewCmdRequestList(f, nil), NewCmdRequestShow(f, nil),
		NewCmdRequestApprove(f, nil), NewCmdRequestDeny(f, nil), NewCmdRequestWait(f, nil),
		NewCmdRequestEvidence(f, nil))
}

// request returns an approval request as it stands.
func (c *Connection) request(ctx context.Context, uuid string) (controlapi.ApprovalRequest, error) {
	request, err := c.Control.ApprovalRequest(ctx, uuid)
	if errors.Is(err, &onetouch.Error{Code: onetouch.CodeApprovalRequestNotFound}) {
		return request, unknownRequest(uuid)
	}
	return request, err
}

func unknownRequest(uuid string) error {
	return failedWith(ExitNotFound, "there is no approval request %s: 'onetouch request list' shows those there are", uuid)
}
