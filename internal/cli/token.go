package cli

import "github.com/spf13/cobra"

// NewCmdToken returns the commands about one-time passwords.
func NewCmdToken(f *Factory) *cobra.Command {
	return newGroup("token", "Send one-time codes to a user and check what they typed, as a backend does",
		NewCmdTokenSMS(f, nil), NewCmdTokenCall(f, nil), NewCmdTokenEmail(f, nil), NewCmdTokenVerify(f, nil))
}
