package sqlite

import (
	"context"

	"github.com/onetouchkit/onetouch/internal/store/engine"
)

// batch is one transaction of the database with the changes that share it.
type batch struct {
	size int
	open bool          // the transaction has not been ended yet
	done chan struct{} // closed when it has
	err  error         // why nothing of it was committed
}

// maxBatch bounds how long the first change of a batch waits for its commit, and how long other processes do.
const maxBatch = 128

// Update implements [engine.Engine]. Each change runs on the goroutine that brings it, one at a time. A change that finds
// others waiting behind it leaves the transaction open and hands it on; the last one commits for all, and all return.
// So a lone change waits for nothing, and a crowd pays for one commit. A change that fails, or panics, is rolled back to
// the savepoint before it, and the rest of its batch stays.
//
// A change whose ctx ends before its turn is dropped; once begun it is finished.
func (db *Database) Update(ctx context.Context, change func(engine.Connection) error) error {
	if db.moved.Load() {
		return db.location.gone()
	}
	for alone := false; ; alone = true {
		if err := db.turn.Take(ctx, !alone); err != nil {
			return err
		}
		b, err := db.join(ctx)
		if err != nil {
			db.turn.Pass()
			return err
		}
		err = db.run(b, change, alone)
		<-b.done
		switch {
		case b.err == nil:
			return err
		case alone || b.size == 1:
			return b.err
		}
		// The commit failed for a whole batch, perhaps because of one of its changes. Each gets its own.
	}
}

// join returns the open batch, or opens one.
func (db *Database) join(ctx context.Context) (*batch, error) {
	if db.batch == nil {
		if err := db.location.begin(ctx, db.writer); err != nil {
			return nil, err
		}
		db.batch = &batch{open: true, done: make(chan struct{})}
	}
	return db.batch, nil
}

// run runs the change and gives up the turn, also when the change panics or ends its goroutine.
func (db *Database) run(b *batch, change func(engine.Connection) error, alone bool) (err error) {
	kept := false
	b.size++
	defer func() {
		if !kept {
			db.undo(b)
		}
		db.leave(b, alone)
	}()
	if b.size > 1 {
		if err := db.writer.exec("SAVEPOINT change"); err != nil {
			return err
		}
	}
	if err := change(db.writer); err != nil {
		return err
	}
	if err := db.writer.broken; err != nil {
		return err
	}
	if b.size > 1 {
		if err := db.writer.exec("RELEASE SAVEPOINT change"); err != nil {
			return err
		}
	}
	kept = true
	return nil
}

// undo takes back the latest change of the batch. The first one has no savepoint, which a lone change would pay for.
func (db *Database) undo(b *batch) {
	db.writer.broken = nil
	if b.size == 1 {
		db.writer.rollback()
		b.open = false
		return
	}
	err := db.writer.exec("ROLLBACK TO SAVEPOINT change")
	if err == nil {
		err = db.writer.exec("RELEASE SAVEPOINT change")
	}
	if err != nil { // the database has ended the transaction, and with it every change before this one
		db.lose(b, err)
	}
}

func (db *Database) lose(b *batch, err error) {
	db.writer.rollback()
	b.open, b.err = false, err
}

// leave hands the turn on: with the batch if it goes on, else after its commit.
func (db *Database) leave(b *batch, alone bool) {
	if b.open && !alone && b.size < maxBatch && db.turn.Share() {
		return
	}
	if b.open {
		if err := db.writer.exec("COMMIT"); err != nil {
			db.lose(b, err)
		}
	}
	db.batch = nil
	close(b.done)
	db.turn.Pass()
}
