package cli

import (
	"context"
	"fmt"

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
func NewCmdUserBan(f *Factory, runF func(context.Context, *userBanOptions) error) *cobra.Command {
	o := &userBanOptions{activity: authy.ActivityBanned}
	return newCmdUserBan(f, o, "ban ID", "Ban a user, who gets no codes and no approval requests until unbanned", runF)
}

// NewCmdUserUnban returns the command that lifts a ban.
func NewCmdUserUnban(f *Factory, runF func(context.Context, *userBanOptions) error) *cobra.Command {
	o := &userBanOptions{activity: authy.ActivityUnbanned}
	return newCmdUserBan(f, o, "unban ID", "Lift the ban of a user", runF)
}

func newCmdUserBan(
	f *Factory, o *userBanOptions, use, short string, runF func(context.Context, *userBanOptions) error,
) *cobra.Command {
	o.tools = f.tools()
	cmd := &cobra.Command{
		Use:               use,
		Short:             short,
		Long:              short + ". A backend does the same with users/register_activity.",
		Args:              takeID(&o.authyID, anAuthyID),
		ValidArgsFunction: f.completeFirst(userIDs),
		RunE:              runWith(o, userBanRun, runF),
	}
	o.answer = addAnswerFlags(cmd, controlapi.User{}, "the Authy ID")
	return cmd
}

func userBanRun(ctx context.Context, o *userBanOptions) error {
	c, err := o.connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	if err := c.Backend.RegisterActivity(ctx, o.authyID, authy.Activity{Type: o.activity}); err != nil {
		return orUnknownUser(err, o.authyID)
	}
	user, err := c.user(ctx, o.authyID)
	if err != nil {
		return err
	}
	return o.answer.write(ctx, o.streams, user, func() error {
		return writeLines(o.streams, fmt.Sprintf("User %d is %s.", o.authyID, o.activity))
	}, idText(o.authyID))
}
