package cli

import "github.com/spf13/cobra"

// NewCmdToken returns the commands about one-time passwords.
func NewCmdToken(f *Factory) *cobra.Command {
	return newGroup("token", "Send one-time codes to a user and check what they typed, as a backend does",
		NewCmdTokenSMS(f), NewCmdTokenCall(f), NewCmdTokenEmail(f), NewCmdTokenVerify(f))
}
