package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"

	"github.com/onetouchkit/onetouch/internal/config"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/phone"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// Connect reaches the server that was named, the workspace's own or, when none runs, the workspace's database. It takes the
// role of the backend of the application that was chosen.
func (f *Factory) Connect(ctx context.Context) (*Connection, error) {
	settings, err := f.Settings(nil)
	if err != nil {
		return nil, err
	}
	c, err := f.ConnectOperator(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.speakFor(ctx, settings.App); err != nil {
		c.Close(ctx)
		return nil, err
	}
	return c, nil
}

// ConnectOperator is Connect for the operator alone, who needs no application.
func (f *Factory) ConnectOperator(ctx context.Context) (*Connection, error) {
	settings, workspace, err := f.Workspace(nil)
	if err != nil {
		return nil, err
	}
	c, err := f.reachServer(ctx, settings, workspace)
	if err != nil {
		return nil, err
	}
	folder := workspace.Devices(c.Server.Database)
	c.Devices, c.Watches = device.NewStore(folder), phone.NewWatches(folder)
	return c, nil
}

func (f *Factory) reachServer(
	ctx context.Context, settings config.Settings, workspace config.Workspace,
) (*Connection, error) {
	warn := func(format string, args ...any) { say(f.Streams, format, args...) }
	c := &Connection{warn: warn, HTTP: http.DefaultClient}
	if settings.Server != "" {
		return f.connectNamed(ctx, c, settings, workspace)
	}
	announced, running, err := server.FindServer(workspace.Announcement())
	if err != nil {
		return nil, err
	}
	if !running {
		return f.connectInProcess(ctx, c, settings, workspace)
	}
	if !f.Build.speaksWith(announced.Version) {
		return nil, f.otherVersion(announced.URL, announced.Version, announced.PID)
	}
	token, err := workspace.ControlToken()
	if err != nil {
		return nil, err
	}
	if c.HTTP, err = f.following(announced.URL, workspace); err != nil {
		return nil, err
	}
	c.reach(announced.URL, token)
	if err := c.describe(ctx); err != nil {
		return nil, fmt.Errorf("the workspace's server (%s, process %d): %w", announced.URL, announced.PID, err)
	}
	return c, nil
}

func (f *Factory) connectNamed(
	ctx context.Context, c *Connection, settings config.Settings, workspace config.Workspace,
) (*Connection, error) {
	base, err := url.Parse(settings.Server)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, usageError("%q is not the URL of a server, such as http://127.0.0.1:8181 (--server or %s)",
			settings.Server, config.Variable(config.KeyServer))
	}
	token, err := tokenFor(base, settings, workspace)
	if err != nil {
		return nil, err
	}
	if base.Scheme == "https" {
		c.HTTP = trustingClient(workspace)
	}
	c.reach(settings.Server, token)
	err = c.describe(ctx)
	switch {
	case errors.Is(err, &onetouch.Error{Code: "not_authorised"}):
		return nil, failedWith(ExitNotAuthorised, "%s does not take the control token of the workspace %q: choose its own "+
			"workspace with --workspace, or set %s", base.Redacted(), workspace.Name,
			config.Variable(config.KeyControlToken))
	case errors.Is(err, controlapi.ErrUnreachable) && settings.ServerExported:
		return nil, fmt.Errorf("%w (%s names it: unset that for the workspace's own server)", err,
			config.Variable(config.KeyServer))
	case errors.Is(err, controlapi.ErrUnreachable):
		return nil, err // it says where
	case err != nil:
		return nil, fmt.Errorf("the server %s: %w", base.Redacted(), err)
	case !f.Build.speaksWith(c.Server.Version):
		return nil, f.otherVersion(c.URL, c.Server.Version, c.Server.PID)
	}
	return c, nil
}

// tokenFor is the control token for a server that was named. The workspace's own token never leaves this machine.
func tokenFor(base *url.URL, settings config.Settings, workspace config.Workspace) (string, error) {
	if settings.ControlToken != "" {
		return settings.ControlToken, nil
	}
	if address := net.ParseIP(base.Hostname()); base.Hostname() != "localhost" && (address == nil || !address.IsLoopback()) {
		return "", failedWith(ExitNotAuthorised, "%s is not on this machine: set %s to the content of the file control-token "+
			"in its workspace", base, config.Variable(config.KeyControlToken))
	}
	token, err := workspace.ControlToken()
	if errors.Is(err, config.ErrNoControlToken) {
		return "", failedWith(ExitNotAuthorised, "the workspace %q has no control token for %s: choose the server's own "+
			"workspace with --workspace, or set %s", workspace.Name, base, config.Variable(config.KeyControlToken))
	}
	return token, err
}

// connectInProcess opens the workspace's database and serves it to this command alone.
func (f *Factory) connectInProcess(
	ctx context.Context, c *Connection, settings config.Settings, workspace config.Workspace,
) (*Connection, error) {
	if err := workspace.Prepare(); err != nil {
		return nil, err
	}
	if f.onlyLooks {
		settings = config.Settings{Database: databaseOf(settings, workspace)}
	}
	token := rand.Text() // nobody else has to know it
	opened, err := openServer(ctx, settings, workspace, server.Options{ControlToken: token, Version: f.Build.Version})
	if err != nil {
		return nil, err
	}
	var settle func(context.Context) (int, error)
	if c.HTTP, settle, err = opened.InProcess(ctx); err != nil {
		return nil, errors.Join(err, opened.Close())
	}
	c.InProcess = true
	c.stop = func(ctx context.Context) (int, error) {
		owed, err := settle(ctx)
		return owed, errors.Join(err, opened.Close())
	}
	c.reach(server.InProcessURL, token)
	if err := c.describe(ctx); err != nil {
		c.Close(ctx)
		return nil, err
	}
	return c, nil
}

func (f *Factory) otherVersion(base, version string, pid int) error {
	return failedWith(ExitUnreachable, "the server at %s is onetouch %s and this is onetouch %s, which do not understand each "+
		"other: stop it (process %d) and start it again with 'onetouch serve'", base, version, f.Build.Version, pid)
}
