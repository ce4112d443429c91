package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/onetouchkit/onetouch/internal/config"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

// How often a wait for a server looks by itself. A server elsewhere tells nobody that it is there, and neither do files on
// some network drives.
const (
	lookForRemote = 100 * time.Millisecond
	lookForFile   = time.Second
)

// waitForServer returns a connection to a running server once there is one. The workspace's own is noticed by the file in
// which it says where it is.
func (f *Factory) waitForServer(ctx context.Context) (*Connection, error) {
	settings, workspace, err := f.Workspace(nil)
	if err != nil {
		return nil, err
	}
	changed, interval := (<-chan fsnotify.Event)(nil), lookForRemote
	if settings.Server == "" {
		watcher, err := watchWorkspace(workspace)
		if err != nil {
			return nil, err
		}
		defer func() { _ = watcher.Close() }()
		changed, interval = watcher.Events, lookForFile
	}
	look := time.NewTicker(interval)
	defer look.Stop()
	for {
		c, err := f.runningServer(ctx, settings, workspace)
		if c != nil || err != nil {
			return c, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-changed:
		case <-look.C:
		}
	}
}

func watchWorkspace(workspace config.Workspace) (*fsnotify.Watcher, error) {
	if err := workspace.Prepare(); err != nil {
		return nil, err
	}
	const what = "watching the folder of the workspace: %w"
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf(what, err)
	}
	if err := watcher.Add(filepath.Dir(workspace.Announcement())); err != nil {
		return nil, fmt.Errorf(what, errors.Join(err, watcher.Close()))
	}
	return watcher, nil
}

// runningServer connects to the server that runs now; nil when none does.
func (f *Factory) runningServer(
	ctx context.Context, settings config.Settings, workspace config.Workspace,
) (*Connection, error) {
	if settings.Server == "" {
		if _, running, err := server.FindServer(workspace.Announcement()); !running {
			return nil, err
		}
	}
	c, err := f.looking().Connect(ctx)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, controlapi.ErrUnreachable):
		return nil, nil // it has gone meanwhile, or is not there yet
	case err == nil && c.InProcess:
		c.Discard(ctx)
		return nil, nil
	}
	return c, err
}
