package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/pkg/authy"
)

// NewCmdUser returns the commands about users.
func NewCmdUser(f *Factory) *cobra.Command {
	return newGroup("user", "Add, list, ban and remove users of the application",
		NewCmdUserCreate(f), NewCmdUserList(f), NewCmdUserShow(f), NewCmdUserDelete(f),
		NewCmdUserBan(f), NewCmdUserUnban(f), NewCmdUserSecret(f))
}

// addUserFlag gives cmd the flag that names a user.
func addUserFlag(f *Factory, cmd *cobra.Command, authyID *int64, usage string) {
	cmd.Flags().Var(idFlag{authyID, anAuthyID}, "user", usage)
	completes(cmd, "user", f.completeFlag(userIDs))
}

// users lists the users of the application that commands speak for.
func (c *Connection) users(ctx context.Context) ([]controlapi.User, error) {
	return c.Control.Users(ctx, c.Application.ID)
}

// user returns one user, as only the operator sees them: with the whole phone number.
func (c *Connection) user(ctx context.Context, authyID int64) (controlapi.User, error) {
	user, err := c.Control.User(ctx, c.Application.ID, authyID)
	return user, orUnknownUser(err, authyID)
}

func unknownUser(authyID int64) error {
	return failedWith(ExitNotFound, "there is no user %d: 'onetouch user list' shows those there are", authyID)
}

// orUnknownUser words the service's refusal of an Authy ID, and leaves other errors alone.
func orUnknownUser(err error, authyID int64) error {
	if errors.Is(err, authy.ErrUserNotFound) || errors.Is(err, &onetouch.Error{Code: onetouch.CodeUserNotFound}) {
		return unknownUser(authyID)
	}
	return err
}
