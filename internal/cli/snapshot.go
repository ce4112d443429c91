package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/snapshot"
	"github.com/onetouchkit/onetouch/internal/store/sqlite"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// NewCmdSnapshot returns the commands about snapshots.
func NewCmdSnapshot(f *Factory) *cobra.Command {
	return newGroup("snapshot", "Keep the state of a workspace in a file, and bring it back",
		NewCmdSnapshotSave(f), NewCmdSnapshotRestore(f))
}

// shownSnapshot says what a snapshot holds.
type shownSnapshot struct {
	Path    string `json:"path"`
	SavedAt string `json:"saved_at"` // by the server's clock
	Version string `json:"version"`  // of the program that wrote it
	Devices int    `json:"devices"`  // whose keys are in it
}

type snapshotOptions struct {
	tools
	build    Build
	path     string
	force    bool
	contents snapshot.Contents // of a file that was read
	folder   string            // where its database is
}

func (f *Factory) newCmdSnapshot(o *snapshotOptions, use, short, long string) *cobra.Command {
	o.tools, o.build = f.operatorTools(), f.Build
	cmd := &cobra.Command{Use: use, Short: short, Long: long, Args: takeText(&o.path, "the file")}
	o.answer = addAnswerFlags(cmd, shownSnapshot{}, "the path")
	return cmd
}

// NewCmdSnapshotSave returns the command that writes a snapshot.
func NewCmdSnapshotSave(f *Factory) *cobra.Command {
	o := &snapshotOptions{}
	cmd := f.newCmdSnapshot(o, "save FILE", "Write the state of the workspace into a file",
		"Write the state of the workspace into a file: its database, with the clock, and the keys of the phones simulated here.\n"+
			"It is one picture, also while a server runs. Whoever has the file has all keys: only you can read it. Faults and\n"+
			"the traffic log live in a server, and are not in it.")
	cmd.Example = "onetouch snapshot save before.snapshot"
	cmd.Flags().BoolVarP(&o.force, "force", "f", false, "overwrite a file that is there")
	cmd.RunE = runOn(o, snapshotSaveRun)
	return cmd
}

// NewCmdSnapshotRestore returns the command that brings a snapshot back.
func NewCmdSnapshotRestore(f *Factory) *cobra.Command {
	o := &snapshotRestoreOptions{}
	cmd := f.newCmdSnapshot(&o.snapshotOptions, "restore FILE", "Bring the state of a workspace back from a file",
		"Put what a snapshot holds in place of all that the workspace has: database, clock, and the keys of the phones. All of\n"+
			"the file is checked first. A running server goes on with it; what it owed before is owed no longer.")
	cmd.Example = "onetouch snapshot restore before.snapshot"
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		defer func() { _ = o.tidy() }()
		return runOn(o, snapshotRestoreRun)(cmd, args)
	}
	return cmd
}

func (o *snapshotOptions) check() error {
	if _, err := os.Lstat(o.path); err == nil && !o.force {
		return usageError("%s is there already: choose another file, or overwrite it with --force", o.path)
	}
	return nil
}

func snapshotSaveRun(ctx context.Context, o *snapshotOptions, c *Connection) error {
	kept, err := c.Devices.List()
	if err != nil {
		return err
	}
	manifest := snapshot.Manifest{Version: o.build.Version, SavedAt: c.Server.Now}
	err = o.within(func() error {
		database := filepath.Join(o.folder, "server.db")
		if err := fetchDatabase(ctx, c, database); err != nil {
			return err
		}
		devices := make([][]byte, len(kept))
		for i, one := range kept {
			if devices[i], err = json.Marshal(one); err != nil {
				return fmt.Errorf("writing device %d: %w", one.DeviceID, err)
			}
		}
		return o.write(manifest, database, devices)
	})
	if err != nil {
		return err
	}
	return o.tell(ctx, manifest, len(kept), "The state of the workspace is kept in %s.")
}

// within does something with a folder, which is removed afterwards.
func (o *snapshotOptions) within(do func() error) (err error) {
	if o.folder, err = os.MkdirTemp("", "onetouch-snapshot-"); err != nil {
		return fmt.Errorf("making a folder for the time of the command: %w", err)
	}
	return errors.Join(do(), o.tidy())
}

func (o *snapshotOptions) tidy() error {
	if o.folder == "" {
		return nil
	}
	return os.RemoveAll(o.folder)
}

func fetchDatabase(ctx context.Context, c *Connection, path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("copying the database: %w", err)
	}
	return errors.Join(c.Control.SaveSnapshot(ctx, file), file.Close())
}

// write writes the file whole or not at all.
func (o *snapshotOptions) write(m snapshot.Manifest, database string, devices [][]byte) error {
	fresh, err := os.CreateTemp(filepath.Dir(o.path), "."+filepath.Base(o.path)+"-*") // mode 0600
	if err != nil {
		return fmt.Errorf("writing the snapshot: %w", err)
	}
	err = errors.Join(snapshot.Write(fresh, m, database, devices), fresh.Sync(), fresh.Close())
	if err == nil {
		err = os.Rename(fresh.Name(), o.path)
	}
	if err != nil {
		_ = os.Remove(fresh.Name())
		return fmt.Errorf("writing the snapshot: %w", err)
	}
	return nil
}

func (o *snapshotOptions) tell(ctx context.Context, m snapshot.Manifest, devices int, sentenceWithPath string) error {
	return o.show(ctx, shown{
		data: shownSnapshot{Path: o.path, SavedAt: m.SavedAt.Format("2006-01-02T15:04:05Z07:00"), Version: m.Version, Devices: devices},
		ids:  []string{o.path}, people: sentence(sentenceWithPath, output.Sanitise(o.path)),
	})
}

// snapshotRestoreOptions are those of a file that is read.
type snapshotRestoreOptions struct {
	snapshotOptions
	devices []device.Credentials
}

// check reads the file, before anything is opened.
func (o *snapshotRestoreOptions) check() error {
	file, err := os.Open(o.path)
	if errors.Is(err, fs.ErrNotExist) {
		return failedWith(ExitNotFound, "there is no file %s", o.path)
	}
	if err != nil {
		return fmt.Errorf("reading the snapshot: %w", err)
	}
	defer func() { _ = file.Close() }()
	if o.folder, err = os.MkdirTemp("", "onetouch-snapshot-"); err != nil {
		return fmt.Errorf("making a folder for the time of the command: %w", err)
	}
	if o.contents, err = snapshot.Read(file, o.folder); err != nil {
		return o.refuse(err)
	}
	schema, err := sqlite.Schema(o.contents.Database)
	switch {
	case err != nil || schema == 0:
		return o.refuse(fmt.Errorf("%w: its database is broken", snapshot.ErrNoSnapshot))
	case schema > sqlite.SchemaVersion:
		return o.refuse(snapshot.ErrNewer)
	}
	o.devices = make([]device.Credentials, len(o.contents.Devices))
	for i, content := range o.contents.Devices {
		if err := json.Unmarshal(content, &o.devices[i]); err != nil || o.devices[i].DeviceID == 0 {
			return o.refuse(fmt.Errorf("%w: the keys of a device are broken", snapshot.ErrNoSnapshot))
		}
	}
	return nil
}

func (o *snapshotRestoreOptions) refuse(err error) error {
	if errors.Is(err, snapshot.ErrNewer) {
		return failedWith(ExitFailed, "%s cannot be restored: %w than this one, %s: update onetouch", o.path, err, o.build.Version)
	}
	return failedWith(ExitFailed, "%s cannot be restored: %w", o.path, err)
}

func snapshotRestoreRun(ctx context.Context, o *snapshotRestoreOptions, c *Connection) error {
	database, err := os.Open(o.contents.Database)
	if err != nil {
		return fmt.Errorf("reading the snapshot: %w", err)
	}
	_, err = c.Control.RestoreSnapshot(ctx, database)
	if err := errors.Join(err, database.Close()); err != nil {
		return err
	}
	if err := c.Devices.Clear(); err != nil {
		return fmt.Errorf("removing the keys of the devices: %w", err)
	}
	for _, one := range o.devices {
		if err := c.Devices.Save(one); err != nil {
			return fmt.Errorf("restoring the keys of the devices: %w", err)
		}
	}
	if _, err := c.Control.RefreshHostedPhones(ctx); err != nil {
		return err
	}
	return o.tell(ctx, o.contents.Manifest, len(o.devices), "The workspace is as it was when %s was saved.")
}
