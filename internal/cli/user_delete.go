package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

type userDeleteOptions struct {
	tools
	authyID int64
}

// NewCmdUserDelete returns the command that removes a user.
func NewCmdUserDelete(f *Factory) *cobra.Command {
	o := &userDeleteOptions{tools: f.tools()}
	cmd := &cobra.Command{
		Use:               "delete ID",
		Aliases:           []string{"remove", "rm"},
		Short:             "Remove a user; their devices can answer no more",
		Args:              takeID(&o.authyID, anAuthyID),
		ValidArgsFunction: f.completeFirst(userIDs),
		RunE:              runOn(o, userDeleteRun),
	}
	o.answer = addAnswerFlags(cmd, controlapi.User{}, "the Authy ID")
	return cmd
}

func userDeleteRun(ctx context.Context, o *userDeleteOptions, c *Connection) error {
	user, err := c.user(ctx, o.authyID)
	if err != nil {
		return err
	}
	local, err := c.localDevices(ctx, o.authyID)
	if err != nil {
		return err
	}
	if err := c.Backend.DeleteUser(ctx, o.authyID); err != nil {
		return orUnknownUser(err, o.authyID)
	}
	for _, device := range local { // their access tokens are void, so their keys are of no use
		if err := c.forget(device.ID()); err != nil {
			return err
		}
	}
	return o.show(ctx, shown{
		data: user, ids: []string{idText(o.authyID)}, people: sentence("User %d was removed.", o.authyID),
	})
}
