// Package cli is the command line: a file for each command, named as the command is typed. A command has a constructor, an
// options struct and a run function, so that a test can call the run function with plain values.
//
// Commands act in three roles, through the protocols of those roles: as the backend through pkg/authy, as the phone through
// pkg/device, as the operator through the control API. They decide nothing themselves.
package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/config"
)

// Groups of commands in the help text.
const (
	groupStart  = "start"
	groupStory  = "story"
	groupServer = "server"
)

// NewCmdRoot returns the whole command tree.
func NewCmdRoot(f *Factory) *cobra.Command {
	root := &cobra.Command{
		Use:   "onetouch COMMAND",
		Short: "OneTouch on your machine: the Authy service, a simulated phone and your terminal",
		Long: "OneTouch on your machine: the Authy service, a simulated phone and your terminal in one binary.\n\n" +
			"New here? 'onetouch demo' shows the whole story. Commands speak to the server of the workspace\n" +
			"('onetouch serve') or, when none runs, work on its database themselves.",
		Args:              noSuchCommand,
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SilenceErrors:     true,
		SilenceUsage:      true,
		DisableAutoGenTag: true,
	}
	root.SetIn(f.Streams.In)
	root.SetOut(f.Streams.Out)
	root.SetErr(f.Streams.Err)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError("%w", err) })
	root.SetHelpCommandGroupID(groupServer)
	root.SetCompletionCommandGroupID(groupServer)
	flags := root.PersistentFlags()
	flags.String(config.KeyWorkspace, config.DefaultWorkspace, "set of files to work with, `NAME`d as you like")
	flags.String(config.KeyServer, "", "`URL` of a server other than the workspace's own")
	f.persistent = flags
	addGroups(root, f)
	return root
}

func addGroups(root *cobra.Command, f *Factory) {
	root.AddGroup(
		&cobra.Group{ID: groupStart, Title: "Start here:"},
		&cobra.Group{ID: groupStory, Title: "The story, step by step:"},
		&cobra.Group{ID: groupServer, Title: "The server and this program:"},
	)
	for _, group := range []struct {
		id       string
		commands []*cobra.Command
	}{
		{groupStart, []*cobra.Command{NewCmdDemo(f, nil), NewCmdServe(f, nil), NewCmdTUI(f, nil)}},
		{groupStory, []*cobra.Command{NewCmdUser(f), NewCmdDevice(f), NewCmdRequest(f)}},
		{groupServer, []*cobra.Command{NewCmdStatus(f, nil), NewCmdEnv(f, nil), NewCmdVersion(f, nil)}},
	} {
		for _, cmd := range group.commands {
			cmd.GroupID = group.id
			root.AddCommand(cmd)
		}
	}
}

// newGroup is a command that only holds others.
func newGroup(use, short string, commands ...*cobra.Command) *cobra.Command {
	group := &cobra.Command{Use: use + " COMMAND", Short: short, Args: noSuchCommand}
	group.RunE = func(cmd *cobra.Command, _ []string) error {
		return usageError("say what to do: %s", strings.Join(namesOf(cmd.Commands()), ", "))
	}
	group.AddCommand(commands...)
	return group
}

func namesOf(commands []*cobra.Command) []string {
	var names []string
	for _, cmd := range commands {
		names = append(names, cmd.Name())
	}
	return names
}

// noSuchCommand is reached by words that are no command; cobra's own answer would be the help text, and success.
func noSuchCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	const typos = 2
	cmd.SuggestionsMinimumDistance = typos
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		return usageError("unknown command %q, did you mean %s?", args[0], strings.Join(near, " or "))
	}
	return usageError("unknown command %q", args[0])
}
