package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/config"
)

type configSetOptions struct {
	display
	key, value string
	project    bool
	file       func(project bool) (config.File, error)
	settings   func() ([]shownSetting, error)
}

const aboutProjectFlag = "in ./onetouch.yaml of this folder, instead of your own file"

func (f *Factory) configSetOptions() *configSetOptions {
	return &configSetOptions{display: f.display(), file: f.settingsFile, settings: f.settingsAsTheyStand}
}

// NewCmdConfigSet returns the command that keeps a setting.
func NewCmdConfigSet(f *Factory) *cobra.Command {
	o := f.configSetOptions()
	cmd := &cobra.Command{
		Use:   "set NAME VALUE",
		Short: "Keep a setting in a file",
		Long: "Keep a setting in a file: your own, or with --project the one of this folder. Comments and other settings in it\n" +
			"stay; a new file can be read by you alone. The value - is read from the standard input, which keeps a secret out\n" +
			"of the list of processes.",
		Example: "onetouch config set callback-url http://127.0.0.1:3000/callback\n" +
			"onetouch config set api-key - <key.txt",
		Args: func(_ *cobra.Command, args []string) error {
			if err := takeSetting(&o.key)(nil, args[:min(1, len(args))]); err != nil {
				return err
			}
			if len(args) < 2 {
				return usageError("the value of %s is missing", o.key)
			}
			o.value = args[1]
			return noArguments(nil, args[2:])
		},
		ValidArgsFunction: completeSettings,
		RunE:              runWith(o, configSetRun),
	}
	cmd.Flags().BoolVar(&o.project, "project", false, "keep it "+aboutProjectFlag)
	o.answer = addAnswerFlags(cmd, shownSetting{}, "the file")
	return cmd
}

// NewCmdConfigUnset returns the command that forgets a setting.
func NewCmdConfigUnset(f *Factory) *cobra.Command {
	o := f.configSetOptions()
	cmd := &cobra.Command{
		Use:               "unset NAME",
		Short:             "Remove a setting from a file",
		Args:              takeSetting(&o.key),
		ValidArgsFunction: completeSetting,
		RunE:              runWith(o, configUnsetRun),
	}
	cmd.Flags().BoolVar(&o.project, "project", false, "remove it "+aboutProjectFlag)
	o.answer = addAnswerFlags(cmd, shownSetting{}, "the file")
	return cmd
}

func configSetRun(ctx context.Context, o *configSetOptions) error {
	if o.value == "-" {
		if o.streams.Terminal.In {
			hint(o.streams, "Type the value of %s, and Enter.", o.key)
		}
		line, err := typedLine(ctx, o.streams.In)
		if err != nil {
			return fmt.Errorf("reading the value: %w", err)
		}
		o.value = line
	}
	if err := config.Check(o.key, o.value); err != nil {
		return usageError("%w", err)
	}
	file, err := o.file(o.project)
	if err != nil {
		return err
	}
	if err := file.Set(o.key, o.value); err != nil {
		return err
	}
	return o.tell(ctx, file, "%s is kept in %s.")
}

func configUnsetRun(ctx context.Context, o *configSetOptions) error {
	file, err := o.file(o.project)
	if err != nil {
		return err
	}
	values, err := file.Values()
	if err != nil {
		return usageError("%w", err)
	}
	if _, there := values[o.key]; !there {
		return failedWith(ExitNotFound, "%s does not set %s", file.Path, o.key)
	}
	if err := file.Unset(o.key); err != nil {
		return err
	}
	return o.tell(ctx, file, "%s was removed from %s.")
}

// tell answers with the setting as it stands now, and says when that is from elsewhere.
func (o *configSetOptions) tell(ctx context.Context, file config.File, done string) error {
	settings, err := o.settings()
	if err != nil {
		return err
	}
	for _, one := range settings {
		if one.Key != o.key {
			continue
		}
		if one.Where != "" && one.Where != file.Path {
			say(o.streams, "%s wins over that file: there it is set, too.", output.Sanitise(one.Where))
		}
		return o.show(ctx, shown{
			data: one, ids: []string{file.Path}, people: sentence(done, o.key, output.Sanitise(file.Path)),
		})
	}
	return nil
}
