package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

func TestOnlyForeignChangesCount(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "server.db")
	var stores [2]*opened
	for i := range stores {
		db, err := openDatabase(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
		stores[i] = db
	}
	ours, others := stores[0], stores[1]
	change := func(db *opened) {
		t.Helper()
		err := db.Update(t.Context(), func(tx onetouch.Transaction) error { return tx.InsertEvent(&onetouch.Event{}) })
		if err != nil {
			t.Fatal(err)
		}
	}
	version := func() int64 {
		t.Helper()
		v, ok := ours.engine.ForeignVersion(t.Context())
		if !ok {
			t.Fatal("the version cannot be read")
		}
		return v
	}
	start := version()
	change(ours)
	err := ours.View(t.Context(), func(r onetouch.Reader) error { return second(r.LastEvent()) })
	if err != nil {
		t.Fatal(err)
	}
	if got := version(); got != start {
		t.Errorf("our own change and view changed the version from %d to %d", start, got)
	}
	change(others)
	foreign := version()
	if foreign == start {
		t.Error("another's change did not change the version")
	}
	if got := version(); got != foreign {
		t.Errorf("looking at the version changed it from %d to %d", foreign, got)
	}
}
