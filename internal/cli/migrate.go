package cli

import "github.com/spf13/cobra"

// NewCmdMigrate returns the commands about leaving Authy.
func NewCmdMigrate(f *Factory) *cobra.Command {
	group := newGroup("migrate", "Leave Authy for Twilio's Verify API", NewCmdMigratePlan(f), NewCmdMigrateCheck(f))
	group.Long = "Leave Authy for Twilio's Verify API, which has push approvals too. docs/migrate.md has the steps."
	return group
}
