package cli

import (
	"github.com/spf13/cobra"
)

// NewCmdInbox returns the commands about what would have left the building.
func NewCmdInbox(f *Factory) *cobra.Command {
	group := newGroup("inbox", "Read the texts, calls, e-mails and pushes that users would have received",
		NewCmdInboxList(f), NewCmdInboxWait(f))
	group.Long = "Read the texts, calls, e-mails and pushes that users would have received. Nothing leaves this machine: it all\n" +
		"goes here, so that you, or a test, can read the code in it."
	return group
}
