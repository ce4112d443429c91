//go:build unix

package sqlite_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// watch has a database look at its files until stop, or the test ends.
func watch(t *testing.T, db *opened) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	begun := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() { db.Watch(ctx, time.Millisecond, func() { close(begun) }, func([]string) {}) })
	stop = func() { cancel(); watching.Wait() }
	t.Cleanup(stop)
	<-begun
	return stop
}

// While its file or its log is away a database takes neither changes nor what a snapshot has; it does again when that is back.
func TestFileIsMovedAway(t *testing.T) {
	t.Parallel()
	for _, ending := range []string{"", "-wal"} {
		t.Run("server.db"+ending, func(t *testing.T) {
			t.Parallel()
			path, saved := filepath.Join(t.TempDir(), "server.db"), filepath.Join(t.TempDir(), "saved.db")
			db := open(t, path)
			t.Cleanup(func() { closeDB(t, db) })
			if err := db.Save(t.Context(), saved); err != nil {
				t.Fatal(err)
			}
			defer watch(t, db)()
			takesNothingWithout(t, db, path+ending, saved)
		})
	}
}

func takesNothingWithout(t *testing.T, db *opened, path, saved string) {
	t.Helper()
	change := func() error { return db.Update(t.Context(), writes("a change")) }
	restore := func() error { return db.Restore(t.Context(), saved, onetouch.Event{Type: onetouch.EventRestored}) }
	move := func(from, to string) {
		t.Helper()
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	until := func(refused bool) {
		t.Helper()
		for end := time.Now().Add(time.Minute); onetouch.CodeOf(change()) == onetouch.CodeStorageUnavailable != refused; runtime.Gosched() {
			if time.Now().After(end) {
				t.Fatalf("changes never were refused: %t", refused)
			}
		}
	}
	until(false)
	move(path, path+".away")
	until(true)
	if err := restore(); onetouch.CodeOf(err) != onetouch.CodeStorageUnavailable {
		t.Errorf("a snapshot: got %v", err)
	}
	move(path+".away", path)
	until(false)
	if err := restore(); err != nil {
		t.Error(err)
	}
}
