package sqlite

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"
)

// Watch implements [engine.Engine].
func (db *Database) Watch(ctx context.Context, interval time.Duration, begun func(), changed func(topics []string)) {
	if db.location.inMemory() { // nobody else can see it
		begun()
		select {
		case <-ctx.Done():
		case <-db.closed:
		}
		return
	}
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	opened, _ := os.Stat(db.location.path)
	seen, known := db.foreignVersion(ctx)
	if known {
		begun()
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-db.closed:
			return
		case <-ticker.C:
		}
		db.lookForFile(opened)
		version, ok := db.foreignVersion(ctx)
		if !ok {
			continue
		}
		switch {
		case !known:
			begun()
		case version != seen:
			changed(nil)
		}
		seen, known = version, true
	}
}

// lookForFile has changes refused while the file that was opened is not where it was: they would be acknowledged, and nobody
// would find them after a restart.
func (db *Database) lookForFile(opened os.FileInfo) {
	there, err := os.Stat(db.location.path)
	moved := errors.Is(err, fs.ErrNotExist) || err == nil && opened != nil && !os.SameFile(opened, there)
	if moved != db.moved.Load() {
		db.moved.Store(moved)
	}
}

// foreignVersion changes with every commit by a connection other than the writing one.
func (db *Database) foreignVersion(ctx context.Context) (int64, bool) {
	if err := db.turn.Take(ctx, false); err != nil {
		return 0, false
	}
	defer db.turn.Pass()
	version, err := db.writer.number("PRAGMA data_version")
	db.writer.broken = nil
	return version, err == nil
}
