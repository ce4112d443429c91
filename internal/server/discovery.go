package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// ErrClaimed says that another process is the server of that place.
var ErrClaimed = errors.New("another server runs there")

const (
	claimSuffix   = ".lock"
	claimPatience = 200 * time.Millisecond // a command that looks holds the lock for an instant
	claimInterval = 5 * time.Millisecond
)

// Claim makes this process the one server that announces itself at path, until it releases the claim or ends, however that
// happens: the claim is a lock of the operating system. [ErrClaimed] means that another process is.
func Claim(ctx context.Context, path string) (release func(), err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("claiming the place of the server: %w", err)
	}
	lock := flock.New(path+claimSuffix, flock.SetPermissions(0o600))
	patience, cancel := context.WithTimeout(ctx, claimPatience)
	defer cancel()
	claimed, err := lock.TryLockContext(patience, claimInterval)
	switch {
	case claimed:
		_ = os.Remove(path) // what a killed predecessor has left there
		return func() { _ = lock.Unlock() }, nil
	case errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil:
		return nil, ErrClaimed
	default:
		return nil, fmt.Errorf("claiming the place of the server: %w", err)
	}
}

// claimed reports whether a living process has claimed path.
func claimed(path string) bool {
	if _, err := os.Stat(path + claimSuffix); err != nil {
		return false
	}
	lock := flock.New(path + claimSuffix)
	defer func() { _ = lock.Close() }()
	free, err := lock.TryRLock()
	return err == nil && !free
}

// FindServer returns what the server that runs now said of itself at path. running is false when there is none: it never
// was, or it went without taking back what it said.
func FindServer(path string) (a Announcement, running bool, err error) {
	if !claimed(path) {
		return a, false, nil
	}
	a, err = ReadAnnouncement(path)
	if errors.Is(err, fs.ErrNotExist) { // it is starting or stopping
		return a, false, nil
	}
	return a, err == nil, err
}

// Announcement tells the workspace's other commands where its server is. It is a file that only the user can read.
type Announcement struct {
	URL       string    `json:"url"`
	PID       int       `json:"pid"`
	Version   string    `json:"version"`
	Database  string    `json:"database"`
	StartedAt time.Time `json:"started_at"`
}

// Announce writes the file, whole or not at all, and returns a function that takes it back: unless another server has
// announced itself there since.
func Announce(path string, a Announcement) (withdraw func(), err error) {
	content, err := json.MarshalIndent(a, "", "  ")
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("announcing the server: %w", err)
	}
	fresh, err := os.CreateTemp(filepath.Dir(path), ".server-*") // mode 0600
	if err != nil {
		return nil, fmt.Errorf("announcing the server: %w", err)
	}
	_, err = fresh.Write(append(content, '\n'))
	if err = errors.Join(err, fresh.Close()); err == nil {
		err = os.Rename(fresh.Name(), path)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("announcing the server: %w", err), os.Remove(fresh.Name()))
	}
	return func() {
		if current, err := ReadAnnouncement(path); err == nil && current.PID == a.PID {
			_ = os.Remove(path)
		}
	}, nil
}

// ReadAnnouncement returns what the workspace's server said of itself. [fs.ErrNotExist] means that none has spoken; the
// announced server may be gone all the same.
func ReadAnnouncement(path string) (Announcement, error) {
	var a Announcement
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return a, err
	}
	if err == nil {
		err = json.Unmarshal(content, &a)
	}
	if err != nil {
		return a, fmt.Errorf("reading where the server is from %s: %w", path, err)
	}
	return a, nil
}
