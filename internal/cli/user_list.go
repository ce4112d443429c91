package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

type userListOptions struct {
	tools
}

// NewCmdUserList returns the command that lists users.
func NewCmdUserList(f *Factory, runF func(context.Context, *userListOptions) error) *cobra.Command {
	o := &userListOptions{tools: f.tools()}
	cmd := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List the users, oldest first",
		Args:    noArguments,
		RunE:    runWith(o, userListRun, runF),
	}
	o.answer = addAnswerFlags(cmd, controlapi.User{}, "the Authy IDs")
	return cmd
}

func userListRun(ctx context.Context, o *userListOptions) error {
	c, err := o.connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	users, err := c.users(ctx)
	if err != nil {
		return err
	}
	table := output.NewTable(
		output.Column{Title: "Authy ID", Whole: true},
		output.Column{Title: "E-mail"},
		output.Column{Title: "Phone", Whole: true},
		output.Column{Title: "Age", Whole: true},
	)
	var ids []string
	for _, user := range users {
		ids = append(ids, idText(user.AuthyID))
		table.AddRow(idText(user.AuthyID), user.Email, phoneOf(user), age(o.streams, c.Server.Now, user.CreatedAt))
	}
	return o.answer.write(ctx, o.streams, users, func() error {
		if len(users) == 0 {
			hint(o.streams, "No users yet. Add one: onetouch user create --email ada@example.com --phone 202-555-0158")
		}
		return table.Write(o.streams)
	}, ids...)
}
