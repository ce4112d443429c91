package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Announcement tells the profile's other commands where its server is. It is a file that only the user can read.
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

// ReadAnnouncement returns what the profile's server said of itself. [fs.ErrNotExist] means that none has spoken; the
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
