package sqlite

import (
	"context"
	"time"

	"github.com/onetouchkit/onetouch/internal/store/engine"
)

// maxBatch is how many changes share a commit at most.
const maxBatch = 128

// Update implements [engine.Engine].
func (db *Database) Update(ctx context.Context, change func(engine.Connection) error) error {
	return db.changes.Update(ctx, db.location.patience, change)
}

// changing is the writing connection. It implements [engine.Writer].
type changing struct {
	*connection

	gone      func() error // why it takes no changes, if it does not
	committed func()
}

// Begin implements [engine.Writer].
func (w changing) Begin(ctx context.Context, deadline time.Time) error {
	if err := w.gone(); err != nil {
		return err
	}
	for {
		err := w.exec("BEGIN IMMEDIATE")
		w.broken = nil
		if err == nil || !isBusy(err) {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if time.Now().After(deadline) {
			return err
		}
	}
}

// Connection implements [engine.Writer].
func (w changing) Connection() engine.Connection { return w.connection }

// Save implements [engine.Writer].
func (w changing) Save() error { return w.exec("SAVEPOINT change") }

// Keep implements [engine.Writer].
func (w changing) Keep(saved bool) error {
	if w.broken != nil || !saved {
		return w.broken
	}
	return w.exec("RELEASE SAVEPOINT change")
}

// Undo implements [engine.Writer].
func (w changing) Undo(saved bool) (ended bool, lost error) {
	w.broken = nil
	if !saved {
		w.rollback()
		return true, nil
	}
	err := w.exec("ROLLBACK TO SAVEPOINT change")
	if err == nil {
		err = w.exec("RELEASE SAVEPOINT change")
	}
	if err != nil { // the database has ended the transaction, and with it every change before this one
		w.rollback()
	}
	return err != nil, err
}

// Commit implements [engine.Writer].
func (w changing) Commit() error {
	err := w.exec("COMMIT")
	if err != nil {
		w.rollback()
		return err
	}
	w.committed()
	return nil
}
