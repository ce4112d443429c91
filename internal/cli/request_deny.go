package cli

import (
	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// NewCmdRequestDeny returns the command that denies a request.
func NewCmdRequestDeny(f *Factory) *cobra.Command {
	o := &requestAnswerOptions{tools: f.tools(), status: onetouch.StatusDenied}
	cmd := &cobra.Command{
		Use:   "deny UUID",
		Short: "Deny a request on the user's simulated phone",
		RunE:  runOn(o, requestAnswerRun),
	}
	addAnsweringFlags(f, cmd, o)
	cmd.Flags().StringVar(&o.reason, "reason", "", "why, in up to 200 characters of `TEXT`; it is signed with the answer")
	return cmd
}
