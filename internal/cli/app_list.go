package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

type appListOptions struct{ tools }

// NewCmdAppList returns the command that lists applications.
func NewCmdAppList(f *Factory, runF func(context.Context, *appListOptions) error) *cobra.Command {
	o := &appListOptions{tools: f.operatorTools()}
	cmd := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List the applications, oldest first; commands speak for the first",
		Args:    noArguments,
		RunE:    runWith(o, appListRun, runF),
	}
	o.answer = addAnswerFlagsOf(cmd, fieldsWithoutKeys(), "the IDs")
	return cmd
}

func appListRun(ctx context.Context, o *appListOptions) error {
	c, err := o.connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	table := output.NewTable(
		output.Column{Title: "ID", Whole: true},
		output.Column{Title: "Name"},
		output.Column{Title: "Callbacks"},
		output.Column{Title: "State"},
		output.Column{Title: "Age", Whole: true},
	)
	var ids []string
	for _, app := range c.Server.Applications {
		ids = append(ids, app.ID)
		table.AddRow(app.ID, app.Name, callbackText(app.CallbackMethod, app.CallbackURL), stateOfApp(app),
			age(o.streams, c.Server.Now, app.CreatedAt))
	}
	return o.answer.write(ctx, o.streams, c.Server.Applications, func() error { return table.Write(o.streams) }, ids...)
}

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
