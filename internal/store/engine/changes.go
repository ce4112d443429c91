package engine

import (
	"context"
	"errors"
	"runtime"
	"time"
)

// Writer is the way of an engine to write. Only who has the turn uses it; one transaction is open at a time.
type Writer interface {
	// Begin opens a transaction. Until the deadline it waits for other processes, and for a database that is not there.
	Begin(ctx context.Context, deadline time.Time) error
	// Connection is the one that the transaction runs on.
	Connection() Connection
	// Save begins another change of the transaction. The first one needs none, which a lone change would pay for.
	Save() error
	// Keep ends the latest change, unless a statement of it has failed.
	Keep(saved bool) error
	// Undo takes back the latest change, and with one that has no Save before it the transaction. It says whether there is no
	// transaction any more and, if other changes went with it, why: [Again], or what else was wrong.
	Undo(saved bool) (ended bool, lost error)
	// Commit ends the transaction, also when it fails.
	Commit() error
}

// Changes are the updates of an engine. Each change runs on the goroutine that brings it, one at a time. A change that finds
// others waiting behind it leaves the transaction open and hands it on; the last one commits for all, and all return. So a lone
// change waits for nothing, and a crowd pays for one commit. Those of a crowd come one after the other, though: before a change
// commits it lets go first who is ready to run, and so may be on the way, while that was of use lately. A change that fails, or
// panics, is taken back alone, and the rest of its batch stays.
type Changes struct {
	turn     *Turn
	writer   Writer
	most     int       // changes in one transaction: it bounds how long the first waits for its commit, and other processes do
	vain     int       // how often in a row nobody came who was let go first; belongs to who has the turn, as all below
	batch    *batch    // nil when no transaction is open
	failed   error     // why the last transaction could not be begun; nil: it could
	failedAt time.Time // and when
}

// NewChanges returns the changes of a writer, of which at most so many share a transaction.
func NewChanges(turn *Turn, writer Writer, most int) *Changes {
	return &Changes{turn: turn, writer: writer, most: most}
}

// batch is one transaction of the database with the changes that share it.
type batch struct {
	size int
	open bool          // the transaction has not been ended yet
	done chan struct{} // closed when it has
	err  error         // why nothing of it was committed
}

// again is why nothing of a change was kept through no fault of its own, so that it is run again.
type again struct{ error }

// Again has a change run again, of which nothing was kept because of the database.
func Again(cause error) error {
	if cause == nil {
		cause = errors.New("the change was not kept")
	}
	return again{cause}
}

// Unwrap is the cause.
func (a again) Unwrap() error { return a.error }

// Update runs a change. One whose ctx ends before its turn is dropped; once begun it is finished. patience is how long it waits
// for the database.
func (c *Changes) Update(ctx context.Context, patience time.Duration, change func(Connection) error) error {
	started := time.Now()
	for alone := false; ; alone = true {
		if err := c.turn.Take(ctx, !alone); err != nil {
			return err
		}
		b, err := c.join(ctx, started, patience)
		if err != nil {
			c.turn.Pass()
			return err
		}
		err = c.run(b, change, alone)
		<-b.done
		switch {
		case b.err == nil:
			return err
		case errors.As(b.err, new(again)) && ctx.Err() == nil && time.Since(started) < patience:
		case alone || b.size == 1:
			return b.err
		}
		// Nothing of the batch was kept, perhaps because of one of its changes. Each gets its own.
	}
}

// join returns the open batch, or opens one. A change that has waited for its turn for as long as it would wait for the database,
// while one before it tried in vain, is told what that one was: else each in its turn would wait anew.
func (c *Changes) join(ctx context.Context, started time.Time, patience time.Duration) (*batch, error) {
	if c.batch != nil {
		return c.batch, nil
	}
	if c.failed != nil && c.failedAt.After(started) && time.Since(started) > patience {
		return nil, c.failed
	}
	err := c.writer.Begin(ctx, started.Add(patience))
	if c.failed = nil; err != nil {
		if ctx.Err() == nil {
			c.failed, c.failedAt = err, time.Now()
		}
		return nil, err
	}
	c.batch = &batch{open: true, done: make(chan struct{})}
	return c.batch, nil
}

// Size is how many changes share the transaction of the one that asks.
func (c *Changes) Size() int { return c.batch.size }

// run runs the change and gives up the turn, also when the change panics or ends its goroutine.
func (c *Changes) run(b *batch, change func(Connection) error, alone bool) (err error) {
	kept := false
	b.size++
	saved := b.size > 1
	defer func() {
		if !kept {
			var ended bool
			ended, b.err = c.writer.Undo(saved)
			b.open = !ended
		}
		c.leave(b, alone)
	}()
	if saved {
		if err := c.writer.Save(); err != nil {
			return err
		}
	}
	if err := change(c.writer.Connection()); err != nil {
		return err
	}
	if err := c.writer.Keep(saved); err != nil {
		return err
	}
	kept = true
	return nil
}

// leave hands the turn on: with the batch if it goes on, else after its commit.
func (c *Changes) leave(b *batch, alone bool) {
	if b.open && !alone && b.size < c.most && c.share(b) {
		return
	}
	if b.open {
		b.err = c.writer.Commit()
	}
	c.batch = nil
	close(b.done)
	c.turn.Pass()
}

// mostVain is how often in a row changes let others go first although nobody comes of it.
const mostVain = 16

// share hands the turn on in the middle of the batch if somebody waits for it, or does once others could go first.
func (c *Changes) share(b *batch) bool {
	vain := c.vain
	c.vain = 0 // before the turn is handed on: what it is then is up to others
	if c.turn.Share() {
		return true
	}
	if vain >= mostVain && b.size == 1 {
		c.vain = vain
		return false
	}
	runtime.Gosched()
	if c.turn.Share() {
		return true
	}
	if b.size == 1 {
		c.vain = vain + 1
	}
	return false
}
