package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

// listing lists what can be typed at some place of a command line; what follows a tab describes it.
type listing func(ctx context.Context, c *Connection) ([]string, error)

const (
	completionTime   = time.Second
	completedEntries = 50
)

// completeFirst completes the first argument and no other.
func (f *Factory) completeFirst(list listing) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return f.completeFlag(list)(cmd, args, typed)
	}
}

// completeFlag completes the value of a flag. Whatever goes wrong, there is nothing to complete.
func (f *Factory) completeFlag(list listing) cobra.CompletionFunc {
	return func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		ctx, cancel := context.WithTimeout(cmd.Context(), completionTime)
		defer cancel()
		if f.nothingYet() {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		c, err := f.looking().Connect(ctx)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		defer c.Discard(ctx)
		values, err := list(ctx, c)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		for i, value := range values {
			values[i] = offered(value)
		}
		return values, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	}
}

// offered is a value with its description as a shell can show it: one line, in which nothing acts on the terminal.
func offered(value string) string {
	word, description, described := strings.Cut(value, "\t")
	if !described {
		return output.Sanitise(word)
	}
	return output.Sanitise(word) + "\t" + output.Sanitise(description)
}

// nothingYet reports whether the workspace has neither server nor database: pressing the tab key should make none.
func (f *Factory) nothingYet() bool {
	settings, workspace, err := f.Workspace(nil)
	if err != nil || settings.Server != "" {
		return err != nil
	}
	if _, running, _ := server.FindServer(workspace.Announcement()); running {
		return false
	}
	_, err = os.Stat(databaseOf(settings, workspace))
	return errors.Is(err, fs.ErrNotExist)
}

func appNames(_ context.Context, c *Connection) ([]string, error) {
	var values []string
	for _, app := range c.Server.Applications {
		if isWord(app.Name) {
			values = append(values, app.Name+"\t"+app.ID)
		} else { // in some shells it would become several words
			values = append(values, app.ID+"\t"+app.Name)
		}
	}
	return values, nil
}

// isWord reports whether a text is one word in every shell, as it is.
func isWord(text string) bool {
	return text != "" && strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == ""
}

func userIDs(ctx context.Context, c *Connection) ([]string, error) {
	users, err := c.users(ctx)
	var values []string
	for _, user := range users {
		values = append(values, idText(user.AuthyID)+"\t"+user.Email)
	}
	return values, err
}

func deviceIDs(ctx context.Context, c *Connection) ([]string, error) {
	devices, err := c.Control.Devices(ctx, 0)
	var values []string
	for _, device := range ofApplication(c, devices, func(d controlapi.Device) string { return d.AppID }) {
		values = append(values, idText(device.ID)+"\t"+device.Name)
	}
	return values, err
}

func requestUUIDs(ctx context.Context, c *Connection) ([]string, error) { return uuids(ctx, c) }

func pendingUUIDs(ctx context.Context, c *Connection) ([]string, error) {
	return uuids(ctx, c, string(onetouch.StatusPending))
}

func uuids(ctx context.Context, c *Connection, statuses ...string) ([]string, error) {
	requests, err := c.Control.ApprovalRequests(ctx, controlapi.ApprovalRequestQuery{
		AppID: c.Application.ID, Statuses: statuses, Limit: completedEntries,
	})
	var values []string
	for _, request := range requests {
		values = append(values, request.UUID+"\t"+request.Message)
	}
	return values, err
}

func messageIDs(ctx context.Context, c *Connection) ([]string, error) {
	messages, err := c.Control.Messages(ctx, controlapi.MessageQuery{AppID: c.Application.ID, Limit: completedEntries})
	var values []string
	for _, one := range messages {
		values = append(values, idText(one.ID)+"\t"+string(one.Channel)+" to "+recipient(one))
	}
	return values, err
}

func eventNumbers(ctx context.Context, c *Connection) ([]string, error) {
	events, err := c.Control.Events(ctx, controlapi.EventQuery{AppID: c.Application.ID, Latest: completedEntries})
	var values []string
	for _, one := range slices.Backward(events) {
		values = append(values, idText(one.Sequence)+"\t"+string(one.Type))
	}
	return values, err
}

// workspaceNames completes the name of a workspace with those there are.
func (f *Factory) workspaceNames(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	names, err := f.Env.Workspaces()
	if err != nil {
		names = nil
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// completeWords completes a flag that takes one of a few words.
func completeWords(words ...string) cobra.CompletionFunc {
	return cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)
}

// completes registers the completion of a flag.
func completes(cmd *cobra.Command, flag string, complete cobra.CompletionFunc) {
	// It fails only for a flag that does not exist or was registered before; both are seen in the first test.
	if err := cmd.RegisterFlagCompletionFunc(flag, complete); err != nil {
		panic(err)
	}
}

// offerNoFiles has the shell offer the names of files only where one is meant, by the words that stand for it in the help.
func offerNoFiles(cmd *cobra.Command) {
	for _, sub := range cmd.Commands() {
		offerNoFiles(sub)
	}
	if cmd.ValidArgsFunction == nil && !cmd.HasSubCommands() && !meansFile(cmd.Use) {
		cmd.ValidArgsFunction = cobra.NoFileCompletions
	}
	cmd.LocalFlags().VisitAll(func(flag *pflag.Flag) {
		placeholder, _ := pflag.UnquoteUsage(flag)
		if _, known := cmd.GetFlagCompletionFunc(flag.Name); !known && !meansFile(placeholder) {
			completes(cmd, flag.Name, cobra.NoFileCompletions)
		}
	})
}

func meansFile(placeholder string) bool {
	return slices.ContainsFunc([]string{"FILE", "FOLDER", "PATH", "DATABASE", "COMMAND"}, func(word string) bool {
		return strings.Contains(placeholder, word)
	})
}
