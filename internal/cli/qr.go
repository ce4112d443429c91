package cli

import (
	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
)

// writeQR writes text as a QR code where that can be scanned, and as a line in any case.
func writeQR(s *output.Streams, text string) error {
	shown, err := output.WriteQR(s, text)
	if err != nil {
		return err
	}
	if s.Terminal.Out && !shown {
		say(s, "This terminal is too narrow for the QR code, or shows no block characters. What it says is:")
	}
	return writeLines(s, output.Sanitise(text))
}

// refuseWithQR makes flags that a QR code has no use for a mistake beside --qr.
func refuseWithQR(cmd *cobra.Command, qr *bool, flags ...string) {
	before := cmd.PreRunE
	cmd.PreRunE = func(cmd *cobra.Command, args []string) error {
		for _, name := range flags {
			if *qr && cmd.Flags().Changed(name) {
				return usageError("--%s cannot be combined with --qr", name)
			}
		}
		return before(cmd, args)
	}
}
