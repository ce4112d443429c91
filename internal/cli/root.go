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

// aboutAll is what everybody should know. It is also the first page of docs/cli, where indented lines are kept as they are.
const aboutAll = `OneTouch on your machine: the Authy service, a simulated phone and your terminal in one binary.

New here? 'onetouch demo' shows the whole story. Commands speak to the running server of the workspace
('onetouch serve') or, when none runs, work on its database themselves.

A workspace is a set of files: the server's database, the keys of the phones simulated here, and where the server
is. Each has a folder in $XDG_DATA_HOME/onetouch (~/.local/share/onetouch). Most people need only the one called
"default"; --workspace NAME makes and uses another.

A server can have several applications, each with keys, users and a callback of its own ('onetouch app'). Commands
speak for the first one, or for that of --app.

Everything that 'onetouch serve' has a flag for, and workspace, server and app too, can be set once. The first of
these that has a say counts:

    --callback-url URL            the flag
    ONETOUCH_CALLBACK_URL=URL     the environment (ONETOUCH_URL for --server)
    callback-url: URL             ./onetouch.yaml
    callback-url: URL             $XDG_CONFIG_HOME/onetouch/config.yaml (~/.config/onetouch/config.yaml)

A workspace on the command line wins over the server in ONETOUCH_URL.

Exit codes are the same for every command:

    0  done, or approved          5  expired
    1  failed                     6  no server, or no connection
    2  wrong usage                7  not authorised
    3  not found                124  timed out
    4  denied                   130  interrupted`

// Groups of commands in the help text.
const (
	groupStart  = "start"
	groupStory  = "story"
	groupServer = "server"
)

// NewCmdRoot returns the whole command tree.
func NewCmdRoot(f *Factory) *cobra.Command {
	root := &cobra.Command{
		Use:               "onetouch COMMAND",
		Short:             "OneTouch on your machine: the Authy service, a simulated phone and your terminal",
		Long:              aboutAll,
		Args:              noSuchCommand,
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SilenceErrors:     true,
		SilenceUsage:      true,
		DisableAutoGenTag: true,
	}
	root.SetIn(f.Streams.In)
	root.SetOut(f.Streams.Out)
	root.SetErr(f.Streams.Err)
	root.SetFlagErrorFunc(wrongFlag)
	root.SetHelpCommandGroupID(groupServer)
	root.SetCompletionCommandGroupID(groupServer)
	flags := root.PersistentFlags()
	config.AddFlags(flags, config.KeyWorkspace, config.KeyServer, config.KeyApp)
	completes(root, config.KeyApp, f.completeFlag(appNames))
	completes(root, config.KeyWorkspace, f.workspaceNames)
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
		{groupStart, []*cobra.Command{NewCmdDemo(f), NewCmdSample(f), NewCmdServe(f), NewCmdExec(f), NewCmdTUI(f), NewCmdConsole(f)}},
		{groupStory, []*cobra.Command{NewCmdUser(f), NewCmdDevice(f), NewCmdRequest(f), NewCmdCallback(f), NewCmdToken(f),
			NewCmdInbox(f)}},
		{groupServer, []*cobra.Command{
			NewCmdStatus(f), NewCmdEnv(f), NewCmdApp(f), NewCmdEvents(f), NewCmdClock(f), NewCmdFault(f), NewCmdTraffic(f),
			NewCmdSeed(f), NewCmdSnapshot(f), NewCmdReset(f), NewCmdDB(f), NewCmdMigrate(f),
			NewCmdConfig(f), NewCmdDoctor(f), NewCmdVersion(f),
		}},
	} {
		for _, cmd := range group.commands {
			cmd.GroupID = group.id
			root.AddCommand(cmd)
		}
	}
}

// newGroup is a command that only holds others.
func newGroup(use, short string, commands ...*cobra.Command) *cobra.Command {
	group := &cobra.Command{Use: use, Short: short}
	makeGroup(group)
	group.AddCommand(commands...)
	return group
}

// makeGroup has a command that only holds others say so, where cobra's own answer would be the help text, and success.
func makeGroup(group *cobra.Command) {
	group.Use += " COMMAND"
	group.Args = noSuchCommand
	group.RunE = func(cmd *cobra.Command, _ []string) error {
		return usageError("say what to do: %s", strings.Join(namesOf(cmd.Commands()), ", "))
	}
}

// addCompletion adds cobra's own command, as a group like the others.
func addCompletion(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		if cmd.Name() == "completion" {
			makeGroup(cmd)
		}
	}
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
