package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

type userDeleteOptions struct {
	tools
	authyID int64
}

// NewCmdUserDelete returns the command that removes a user.
func NewCmdUserDelete(f *Factory, runF func(context.Context, *userDeleteOptions) error) *cobra.Command {
	o := &userDeleteOptions{tools: f.tools()}
	cmd := &cobra.Command{
		Use:               "delete ID",
		Aliases:           []string{"remove", "rm"},
		Short:             "Remove a user; their devices can answer no more",
		Args:              takeID(&o.authyID, anAuthyID),
		ValidArgsFunction: f.completeFirst(userIDs),
		RunE:              runWith(o, userDeleteRun, runF),
	}
	o.answer = addAnswerFlags(cmd, controlapi.User{}, "the Authy ID")
	return cmd
}

func userDeleteRun(ctx context.Context, o *userDeleteOptions) error {
	c, err := o.connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
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
	return o.answer.write(ctx, o.streams, user, func() error {
		return writeLines(o.streams, fmt.Sprintf("User %d was removed.", o.authyID))
	}, idText(o.authyID))
}
