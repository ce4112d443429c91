package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/config"
)

type configGetOptions struct {
	display
	key      string
	settings func() ([]shownSetting, error)
}

// NewCmdConfigGet returns the command that prints a setting.
func NewCmdConfigGet(f *Factory) *cobra.Command {
	o := &configGetOptions{display: f.display(), settings: f.settingsAsTheyStand}
	cmd := &cobra.Command{
		Use:   "get NAME",
		Short: "Print the value of a setting",
		Long: "Print the value of a setting, as commands without a flag for it see it. The exit code is 3 when nobody has set\n" +
			"it.",
		Example:           "onetouch config get callback-url",
		Args:              takeSetting(&o.key),
		ValidArgsFunction: completeSetting,
		RunE:              runWith(o, configGetRun),
	}
	o.answer = addAnswerFlags(cmd, shownSetting{}, "the value")
	return cmd
}

func configGetRun(ctx context.Context, o *configGetOptions) error {
	settings, err := o.settings()
	if err != nil {
		return err
	}
	for _, one := range settings {
		if one.Key != o.key {
			continue
		}
		if one.Value == "" && one.Origin == string(config.FromDefault) {
			return failedWith(ExitNotFound, "nobody has set %s", o.key)
		}
		return o.show(ctx, shown{data: one, ids: []string{one.Value}, people: sentence("%s", output.Sanitise(one.Value))})
	}
	return failedWith(ExitNotFound, "nobody has set %s", o.key)
}
