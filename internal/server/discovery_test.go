package server_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/server"
)

func findsNone(t *testing.T, path string) {
	t.Helper()
	if _, running, err := server.FindServer(path); running || err != nil {
		t.Errorf("FindServer: running = %t, %v; want none", running, err)
	}
}

// A server is found from when it announces itself until it takes that back; never before, never after.
func TestAnnouncement(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "workspace", "server.json")
	findsNone(t, path)
	release, err := server.Claim(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	findsNone(t, path)
	told := server.Announcement{
		URL: "http://127.0.0.1:8181", PID: os.Getpid(), Version: "1.2.3", Database: "server.db",
		StartedAt: time.Date(2026, 11, 24, 23, 20, 0, 0, time.UTC),
	}
	withdraw, err := server.Announce(path, told)
	if err != nil {
		t.Fatal(err)
	}
	if found, running, err := server.FindServer(path); found != told || !running || err != nil {
		t.Errorf("FindServer = %+v, %t, %v; want %+v", found, running, err, told)
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("announcement: %v, %v; want a file of the user alone", info, err)
	}
	withdraw()
	findsNone(t, path)
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after it was taken back: %v", err)
	}
	release()
	findsNone(t, path)
}

func TestOneServerHasThePlace(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "server.json")
	release, err := server.Claim(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := server.Claim(t.Context(), path); !errors.Is(err, server.ErrClaimed) {
		t.Errorf("a second claim: %v, want ErrClaimed", err)
	}
	release()
	again, err := server.Claim(t.Context(), path)
	if err != nil {
		t.Fatalf("after it was released: %v", err)
	}
	again()
}

// A server that was killed has left its announcement. Nobody takes it for a living one, not even while its successor starts.
func TestAnnouncementOfAKilledServer(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "server.json")
	if _, err := server.Announce(path, server.Announcement{URL: "http://127.0.0.1:8181", PID: os.Getpid()}); err != nil {
		t.Fatal(err)
	}
	findsNone(t, path)
	release, err := server.Claim(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	findsNone(t, path)
}

func TestBrokenAnnouncement(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "server.json")
	release, err := server.Claim(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, running, err := server.FindServer(path); running || err == nil {
		t.Errorf("FindServer: running = %t, %v; want an error that says which file it is", running, err)
	}
}

func TestNoPlaceToClaim(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := server.Claim(t.Context(), filepath.Join(file, "server.json")); err == nil || errors.Is(err, server.ErrClaimed) {
		t.Errorf("Claim below a file: %v, want that there is no place", err)
	}
}
