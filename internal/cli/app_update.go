package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/onetouch"
)

type appUpdateOptions struct {
	tools
	called   string
	settings onetouch.ApplicationSettings
}

// NewCmdAppUpdate returns the command that changes an application.
func NewCmdAppUpdate(f *Factory) *cobra.Command {
	o := &appUpdateOptions{tools: f.operatorTools()}
	cmd := &cobra.Command{
		Use:               "update ID",
		Aliases:           []string{"set"},
		Short:             "Change settings of an application",
		Long:              "Change settings of an application; what is not named stays as it is. " + aboutSwitches,
		Example:           "onetouch app update Shop --suspended",
		Args:              takeText(&o.called, anApp),
		ValidArgsFunction: f.completeFirst(appNames),
		RunE:              runOn(o, appUpdateRun),
	}
	cmd.Flags().Var(someText(&o.settings.Name), "name", "another `NAME`")
	addSettingFlags(cmd, &o.settings)
	o.answer = addAnswerFlagsOf(cmd, fieldsWithoutKeys(), "the ID")
	return cmd
}

func (o *appUpdateOptions) check() error {
	if o.settings == (onetouch.ApplicationSettings{}) {
		return usageError("say what to change: every setting has a flag")
	}
	return nil
}

func appUpdateRun(ctx context.Context, o *appUpdateOptions, c *Connection) error {
	app, err := c.Control.UpdateApplication(ctx, o.called, o.settings)
	if errors.Is(err, &onetouch.Error{Code: onetouch.CodeApplicationNotFound}) {
		return unknownApp(o.called)
	}
	if err != nil {
		return orWrongFlag(err)
	}
	return o.show(ctx, shown{
		data: app, ids: []string{app.ID},
		people: sentence("Application %s (%s) is changed.", app.ID, output.Sanitise(app.Name)),
	})
}
