package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/pkg/authy"
)

type userBanOptions struct {
	tools
	authyID  int64
	activity authy.ActivityType
}

// NewCmdUserBan returns the command that bans a user.
func NewCmdUserBan(f *Factory) *cobra.Command {
	o := &userBanOptions{activity: authy.ActivityBanned}
	return newCmdUserBan(f, o, "ban ID", "Ban a user, who gets no codes and no approval requests until unbanned")
}

// NewCmdUserUnban returns the command that lifts a ban.
func NewCmdUserUnban(f *Factory) *cobra.Command {
	o := &userBanOptions{activity: authy.ActivityUnbanned}
	return newCmdUserBan(f, o, "unban ID", "Lift the ban of a user")
}

func newCmdUserBan(f *Factory, o *userBanOptions, use, short string) *cobra.Command {
	o.tools = f.tools()
	cmd := &cobra.Command{
		Use:               use,
		Short:             short,
		Long:              short + ". A backend does the same with users/register_activity.",
		Args:              takeID(&o.authyID, anAuthyID),
		ValidArgsFunction: f.completeFirst(userIDs),
		RunE:              runOn(o, userBanRun),
	}
	o.answer = addAnswerFlags(cmd, controlapi.User{}, "the Authy ID")
	return cmd
}

func userBanRun(ctx context.Context, o *userBanOptions, c *Connection) error {
	if err := c.Backend.RegisterActivity(ctx, o.authyID, authy.Activity{Type: o.activity}); err != nil {
		return orUnknownUser(err, o.authyID)
	}
	user, err := c.user(ctx, o.authyID)
	if err != nil {
		return err
	}
	return o.show(ctx, shown{
		data: user, ids: []string{idText(o.authyID)}, people: sentence("User %d is %s.", o.authyID, o.activity),
	})
}
