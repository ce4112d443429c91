package sqlite

import (
	"context"
	"sync"
	"sync/atomic"
)

// checkpointCommits is after how many transactions changes are moved from the log into the database, unless
// [checkpointPages] are reached before.
const checkpointCommits = 256

// checkpoints move changes from the log into the database. That waits for the disk, and changes would wait with it; so it is
// done beside them, and only what came meanwhile is left for the writing connection: a log that is wholly moved is begun anew.
type checkpoints struct {
	commits int // since the last one; belongs to who has the turn
	runs    atomic.Bool
	running sync.WaitGroup
}

// committed counts a transaction. It is called by who has the turn.
func (db *Database) committed() {
	c := &db.checkpoints
	if c.commits++; c.commits < checkpointCommits || db.readers == nil || !c.runs.CompareAndSwap(false, true) {
		return
	}
	c.commits = 0
	c.running.Go(func() {
		defer c.runs.Store(false)
		db.checkpoint(context.Background())
	})
}

// checkpoint does nothing while the database is closed or another process does the same. What fails is tried again with the next
// one.
func (db *Database) checkpoint(ctx context.Context) {
	const move = "PRAGMA wal_checkpoint(PASSIVE)"
	reader, err := db.readers.take(ctx)
	if err != nil {
		return
	}
	_, err = reader.number(move)
	reader.broken = nil
	db.readers.Put(reader)
	if err != nil || db.turn.Take(ctx, false) != nil {
		return
	}
	defer db.turn.Pass()
	_, _ = db.writer.number(move)
	db.writer.broken = nil
}
