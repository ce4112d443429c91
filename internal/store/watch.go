package store

import (
	"context"
	"time"
)

// Watch calls changed whenever another process has committed to the same file, looking once each interval, until ctx ends
// or the database is closed. Changes by this DB do not count: who made them knows.
func (db *DB) Watch(ctx context.Context, interval time.Duration, changed func()) {
	if db.engine.inMemory() {
		select {
		case <-ctx.Done():
		case <-db.closed:
		}
		return
	}
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	seen, known := db.foreignVersion(ctx)
	for {
		select {
		case <-ctx.Done():
			return
		case <-db.closed:
			return
		case <-ticker.C:
		}
		version, ok := db.foreignVersion(ctx)
		if !ok {
			continue
		}
		if known && version != seen {
			changed()
		}
		seen, known = version, true
	}
}

// foreignVersion changes with every commit by a connection other than the writing one.
func (db *DB) foreignVersion(ctx context.Context) (int64, bool) {
	if err := db.turn.take(ctx, false); err != nil {
		return 0, false
	}
	defer db.turn.pass()
	version, err := db.engine.foreignVersion(db.writer)
	db.writer.broken = nil
	return version, err == nil
}
