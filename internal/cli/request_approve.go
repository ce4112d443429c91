package cli

import (
	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// NewCmdRequestApprove returns the command that approves a request.
func NewCmdRequestApprove(f *Factory) *cobra.Command {
	o := &requestAnswerOptions{tools: f.tools(), status: onetouch.StatusApproved}
	cmd := &cobra.Command{
		Use:   "approve UUID",
		Short: "Approve a request on the user's simulated phone",
		RunE:  runOn(o, requestAnswerRun),
	}
	addAnsweringFlags(f, cmd, o)
	return cmd
}
