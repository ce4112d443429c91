package cli

import (
	"context"
	"errors"
	"path/filepath"
	"strings"

	"github.com/onetouchkit/onetouch/internal/config"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server"
)

// openServer opens the database that the settings name, and applies what they say of the application.
func openServer(
	ctx context.Context, settings config.Settings, workspace config.Workspace, options server.Options,
) (*server.Server, error) {
	options.Database, options.Application = databaseOf(settings, workspace), applicationOf(settings)
	opened, err := server.Open(ctx, options)
	if errors.Is(err, &onetouch.Error{Code: onetouch.CodeInvalidParameter}) {
		return nil, usageError("%w", err)
	}
	return opened, err
}

// databaseOf is the database of the workspace's server, unless the user keeps it elsewhere.
func databaseOf(settings config.Settings, workspace config.Workspace) string {
	database := settings.Database
	if database == "" {
		return workspace.Database()
	}
	if database == ":memory:" || strings.Contains(database, "://") {
		return database
	}
	if absolute, err := filepath.Abs(database); err == nil { // others read it in folders of their own
		return absolute
	}
	return database
}

// applicationOf is what the settings say of the application; the rest stays as the database has it.
func applicationOf(settings config.Settings) onetouch.ApplicationSettings {
	return onetouch.ApplicationSettings{
		APIKey: settings.APIKey, CallbackURL: settings.CallbackURL, CallbackMethod: settings.CallbackMethod,
		PushSender: onetouch.PushSender(settings.Push),
	}
}
