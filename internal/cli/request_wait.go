package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

type requestWaitOptions struct {
	tools
	uuid    string
	timeout time.Duration
}

// NewCmdRequestWait returns the command that waits for an answer.
func NewCmdRequestWait(f *Factory) *cobra.Command {
	o := &requestWaitOptions{tools: f.tools()}
	cmd := &cobra.Command{
		Use:   "wait UUID",
		Short: "Wait until a request is answered or expires",
		Long: "Wait until a request is answered or expires. The exit code says how it ended: 0 approved, 4 denied,\n" +
			"5 expired, 3 no such request, 124 still pending when the time was over.",
		Example:           "onetouch request wait $R --timeout 30s && echo \"Welcome!\"",
		Args:              takeUUID(&o.uuid),
		ValidArgsFunction: f.completeFirst(pendingUUIDs),
		RunE:              runOn(o, requestWaitRun),
	}
	cmd.Flags().Var(timeoutFlag(&o.timeout), "timeout", "give up after this `DURATION`, such as 30s (default never)")
	o.answer = addAnswerFlags(cmd, controlapi.ApprovalRequest{}, "the UUID")
	return cmd
}

func requestWaitRun(ctx context.Context, o *requestWaitOptions, c *Connection) error {
	if err := c.hostPhones(ctx); err != nil {
		return err
	}
	request, err := c.await(ctx, o.uuid, o.timeout)
	if err != nil {
		return err
	}
	if err := o.showOutcome(ctx, request); err != nil {
		return err
	}
	return ending(request.Status)
}
