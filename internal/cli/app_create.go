package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/onetouch"
)

type appCreateOptions struct {
	tools
	settings onetouch.ApplicationSettings
}

// NewCmdAppCreate returns the command that makes a further application.
func NewCmdAppCreate(f *Factory) *cobra.Command {
	o := &appCreateOptions{tools: f.operatorTools()}
	cmd := &cobra.Command{
		Use:     "create NAME",
		Short:   "Make a further application, with keys of its own",
		Long:    "Make a further application, with keys of its own ('onetouch app show' tells them). " + aboutSwitches,
		Example: "onetouch app create Shop --callback-url http://127.0.0.1:3000/callback --sms-enabled=false",
		Args:    takeText(&o.settings.Name, "the name of the application"),
		RunE:    runOn(o, appCreateRun),
	}
	addSettingFlags(cmd, &o.settings)
	o.answer = addAnswerFlagsOf(cmd, fieldsWithoutKeys(), "the ID")
	return cmd
}

func appCreateRun(ctx context.Context, o *appCreateOptions, c *Connection) error {
	app, err := c.Control.CreateApplication(ctx, o.settings)
	if err != nil {
		return orWrongFlag(err, "name")
	}
	return o.show(ctx, shown{
		data: app, ids: []string{app.ID}, people: sentence("Application %s is %s.", app.ID, output.Sanitise(app.Name)),
		hint: fmt.Sprintf("Speak for it with --app %[1]s or ONETOUCH_APP=%[1]s. Its keys: onetouch app show %[1]s", app.ID),
	})
}
