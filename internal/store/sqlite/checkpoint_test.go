package sqlite_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/store/sqlite"
)

func TestChangesMoveIntoTheDatabase(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "server.db")
	db := open(t, path)
	t.Cleanup(func() { closeDB(t, db) })
	size := func() int64 {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	const events = sqlite.CheckpointCommits
	note := strings.Repeat("x", 1000)
	before := size()
	for range events {
		if err := addEvent(t.Context(), db, note); err != nil {
			t.Fatal(err)
		}
	}
	db.engine.AwaitCheckpoint()
	if grown := size() - before; grown < int64(events*len(note)) {
		t.Errorf("after %d changes of %d bytes the file has %d more", events, len(note), grown)
	}
}

// The log is moved while changes and views go on, and nothing of them is lost.
func TestChangesGoOnWhileTheyMove(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "server.db")
	db := open(t, path)
	const writers, each = 4, 2 * sqlite.CheckpointCommits
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			for range each {
				if err := addEvent(t.Context(), db, "kept"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Go(func() {
		for range each {
			err := db.View(t.Context(), func(r onetouch.Reader) error {
				_, err := r.LastEvent()
				return err
			})
			if err != nil {
				t.Error(err)
			}
		}
	})
	all.Wait()
	closeDB(t, db)
	again := open(t, path)
	t.Cleanup(func() { closeDB(t, again) })
	if kept := len(eventNotes(t, again)); kept != writers*each {
		t.Errorf("%d of %d are kept", kept, writers*each)
	}
}
