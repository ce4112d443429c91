package sqlite

import (
	"context"
	"time"
)

// Watch implements [engine.Engine].
func (db *Database) Watch(ctx context.Context, interval time.Duration, changed func()) {
	if db.location.inMemory() {
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
func (db *Database) foreignVersion(ctx context.Context) (int64, bool) {
	if err := db.turn.Take(ctx, false); err != nil {
		return 0, false
	}
	defer db.turn.Pass()
	version, err := db.writer.number("PRAGMA data_version")
	db.writer.broken = nil
	return version, err == nil
}
