package cli

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

type appListOptions struct{ tools }

// NewCmdAppList returns the command that lists applications.
func NewCmdAppList(f *Factory) *cobra.Command {
	o := &appListOptions{tools: f.operatorTools()}
	cmd := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List the applications, oldest first; commands speak for the first",
		Args:    noArguments,
		RunE:    runOn(o, appListRun),
	}
	o.answer = addAnswerFlagsOf(cmd, fieldsWithoutKeys(), "the IDs")
	return cmd
}

func appListRun(ctx context.Context, o *appListOptions, c *Connection) error {
	return showList(ctx, o.display, c.Server.Applications, list[controlapi.Application]{
		id: idOfApp,
		columns: []output.ColumnOf[controlapi.Application]{
			output.Whole("ID", idOfApp),
			output.Short("Name", func(a controlapi.Application) string { return a.Name }),
			output.Short("Callbacks", func(a controlapi.Application) string { return callbackText(a.CallbackMethod, a.CallbackURL) }),
			output.Short("State", stateOfApp),
			ageColumn(o.streams, c.Server.Now, func(a controlapi.Application) time.Time { return a.CreatedAt }),
		},
	})
}

func idOfApp(a controlapi.Application) string { return a.ID }

// stateOfApp says what makes an application unlike others.
func stateOfApp(app controlapi.Application) string {
	var words []string
	for _, one := range []struct {
		word string
		is   bool
	}{{"sandbox", app.Sandbox}, {"suspended", app.Suspended}} {
		if one.is {
			words = append(words, one.word)
		}
	}
	if len(words) == 0 {
		return "active"
	}
	return strings.Join(words, ", ")
}
