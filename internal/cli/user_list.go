package cli

import (
	"cmp"
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

type userListOptions struct {
	tools
}

// NewCmdUserList returns the command that lists users.
func NewCmdUserList(f *Factory) *cobra.Command {
	o := &userListOptions{tools: f.tools()}
	cmd := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List the users, oldest first",
		Args:    noArguments,
		RunE:    runOn(o, userListRun),
	}
	o.answer = addAnswerFlags(cmd, controlapi.User{}, "the Authy IDs")
	return cmd
}

func userListRun(ctx context.Context, o *userListOptions, c *Connection) error {
	users, err := c.users(ctx)
	if err != nil {
		return err
	}
	return showList(ctx, o.display, users, list[controlapi.User]{
		id: idOfUser,
		columns: []output.ColumnOf[controlapi.User]{
			output.Whole("Authy ID", idOfUser),
			output.Short("E-mail", func(u controlapi.User) string { return cmp.Or(u.Email, u.Identity) }), // an entity has none
			output.Whole("Phone", phoneOf),
			ageColumn(o.streams, c.Server.Now, func(u controlapi.User) time.Time { return u.CreatedAt }),
		},
		none: "No users yet. Add one: onetouch user create --email ada@example.com --phone 202-555-0158",
	})
}

func idOfUser(u controlapi.User) string { return idText(u.AuthyID) }
