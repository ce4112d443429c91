package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"

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
		c, err := f.Connect(ctx)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		defer c.Discard(ctx)
		values, err := list(ctx, c)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return values, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	}
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
		values = append(values, app.Name+"\t"+app.ID)
	}
	return values, nil
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
