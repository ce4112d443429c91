package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/config"
	"github.com/onetouchkit/onetouch/internal/store"
)

type configListOptions struct {
	display
	settings func() ([]shownSetting, error)
}

// NewCmdConfigList returns the command that lists the settings.
func NewCmdConfigList(f *Factory) *cobra.Command {
	o := &configListOptions{display: f.display(), settings: f.settingsAsTheyStand}
	cmd := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List every setting with its value and where that is from",
		Long: "List every setting with its value and where that is from, without the flags of a command. Secrets are hidden but\n" +
			"from --json, --jq and --template.",
		Args: noArguments,
		RunE: runWith(o, configListRun),
	}
	o.answer = addAnswerFlags(cmd, shownSetting{}, "the names of the settings that somebody has chosen")
	return cmd
}

func configListRun(ctx context.Context, o *configListOptions) error {
	settings, err := o.settings()
	if err != nil {
		return err
	}
	answer := shown{data: settings, people: output.TableOf(settings,
		output.Whole("Setting", func(s shownSetting) string { return s.Key }),
		output.Short("Value", valueForPeople),
		output.Whole("From", func(s shownSetting) string { return s.Origin }),
		output.Short("Where", func(s shownSetting) string { return s.Where }),
	)}
	for _, one := range settings {
		if one.Origin != string(config.FromDefault) {
			answer.ids = append(answer.ids, one.Key)
		}
	}
	return o.show(ctx, answer)
}

func valueForPeople(s shownSetting) string {
	if config.Secret(s.Key) && s.Value != "" {
		return "(hidden)"
	}
	if s.Key == config.KeyDatabase && s.Value != "" {
		if _, err := store.ParseLocation(s.Value); err != nil {
			return "(no database)" // and perhaps a password
		}
	}
	return redacted(s.Value)
}
