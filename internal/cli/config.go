package cli

import (
	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/config"
)

// NewCmdConfig returns the commands about settings.
func NewCmdConfig(f *Factory) *cobra.Command {
	group := newGroup("config", "Show and change settings that are kept in files",
		NewCmdConfigList(f), NewCmdConfigGet(f), NewCmdConfigSet(f), NewCmdConfigUnset(f), NewCmdConfigPath(f))
	group.Long = "Show and change settings that are kept in files: your own, and ./onetouch.yaml of a project, which wins. The\n" +
		"environment wins over both, and flags over everything."
	return group
}

// shownSetting is a setting as it stands.
type shownSetting struct {
	Key    string `json:"key"`
	Value  string `json:"value"`
	Origin string `json:"origin"` // default, user file, project file or environment
	Where  string `json:"where"`  // the file, or the environment variable
}

func shownSettingOf(v config.Value) shownSetting {
	return shownSetting{Key: v.Key, Value: v.Text, Origin: string(v.Origin), Where: v.Where}
}

// settingsAsTheyStand are all settings; one that cannot be read is a wrong setting.
func (f *Factory) settingsAsTheyStand() ([]shownSetting, error) {
	values, err := f.Env.Values()
	if err != nil {
		return nil, usageError("%w", err)
	}
	var settings []shownSetting
	for _, value := range values {
		settings = append(settings, shownSettingOf(value))
	}
	return settings, nil
}

// settingsFile is the file that a command changes: the user's own, or the project's.
func (f *Factory) settingsFile(project bool) (config.File, error) {
	if project {
		return f.Env.ProjectFile(), nil
	}
	return f.Env.UserFile()
}

// takeSetting makes the first argument of a command the name of a setting.
func takeSetting(key *string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if err := takeText(key, "the name of the setting")(nil, args); err != nil {
			return err
		}
		if err := config.Known(*key); err != nil {
			return usageError("%w", err)
		}
		return nil
	}
}

// completeSettings completes the name of a setting and, where that has to be one of a few words, its value.
func completeSettings(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	switch len(args) {
	case 0:
		return config.Keys(), cobra.ShellCompDirectiveNoFileComp
	case 1:
		return config.Words(args[0]), cobra.ShellCompDirectiveNoFileComp
	default:
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
}

// completeSetting completes the name of a setting, and nothing after it.
func completeSetting(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return completeSettings(cmd, args, typed)
}
