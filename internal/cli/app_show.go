package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

type appShowOptions struct {
	tools
	called string
}

// NewCmdAppShow returns the command that shows one application.
func NewCmdAppShow(f *Factory) *cobra.Command {
	o := &appShowOptions{tools: f.operatorTools()}
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "Show an application with its keys and settings",
		Long: "Show an application with its settings and its keys, which are secrets. Everywhere people are shown a URL\n" +
			"without the password and the values in its query; --json has it as it is.",
		Args:              takeText(&o.called, anApp),
		ValidArgsFunction: f.completeFirst(appNames),
		RunE:              runOn(o, appShowRun),
	}
	o.answer = addAnswerFlags(cmd, controlapi.Application{}, "the ID")
	return cmd
}

func appShowRun(ctx context.Context, o *appShowOptions, c *Connection) error {
	app, err := c.app(ctx, o.called)
	if err != nil {
		return err
	}
	return o.show(ctx, shown{data: app, ids: []string{app.ID}, people: recordOfApp(o.streams, app)})
}
