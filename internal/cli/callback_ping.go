package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

type callbackPingOptions struct {
	tools
	to string
}

// NewCmdCallbackPing returns the command that sends a test call.
func NewCmdCallbackPing(f *Factory) *cobra.Command {
	o := &callbackPingOptions{tools: f.tools()}
	cmd := &cobra.Command{
		Use:   "ping",
		Short: "Send a test call to the callback URL, once, and say what is answered",
		Long: "Send a test call to the callback URL, once, and say what is answered. It is signed as every callback and has the\n" +
			"same shape. It says that user 1234 approved a request that no one asked, as the test call of Authy's dashboard\n" +
			"did. The exit code is 1 unless it is taken.",
		Example: "onetouch callback ping --to http://127.0.0.1:3000/callback",
		Args:    noArguments,
		RunE:    runOn(o, callbackPingRun),
	}
	cmd.Flags().StringVar(&o.to, "to", "", "send it to this `URL` instead")
	o.answer = addAnswerFlags(cmd, controlapi.Delivery{}, "the ID of the call")
	return cmd
}

func callbackPingRun(ctx context.Context, o *callbackPingOptions, c *Connection) error {
	d, err := c.Control.Ping(ctx, c.Application.ID, controlapi.Ping{URL: o.to})
	if err != nil {
		return orWrongFlag(err)
	}
	return o.showSent(ctx, c, d.ID)
}
