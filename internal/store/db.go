package store

import (
	"context"
	"errors"
	"runtime"
	"sync"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// DB is a database that holds what the domain remembers. It is safe for concurrent use.
type DB struct {
	engine  sqliteEngine
	turn    turn
	writer  *connection // belongs to who has the turn
	batch   *batch      // likewise; nil when no transaction is open
	readers *readers    // nil in memory: its one connection is its only way in
	closed  chan struct{}
	close   func() error
}

var _ onetouch.Store = (*DB)(nil)

// Open opens the database: the path of a file, or ":memory:" for one that nobody else sees and that ends with Close. A new
// file is made readable for its user only, as is its folder if that is missing; an older schema is brought up to date.
// What is wrong with a file is said by an [onetouch.Error] of code [onetouch.CodeStorageUnavailable] or
// [onetouch.CodeStorageFull], and the file is left as it was.
func Open(ctx context.Context, database string) (*DB, error) {
	engine, err := newSQLite(database)
	if err != nil {
		return nil, err
	}
	writer, err := engine.firstConnection(ctx)
	if err != nil {
		return nil, err
	}
	closed := make(chan struct{})
	db := &DB{engine: engine, turn: turn{closed: closed}, writer: writer, closed: closed}
	db.close = sync.OnceValue(db.shut)
	if !engine.inMemory() {
		db.readers = newReaders(mostReaders(), closed, engine.connect)
	}
	return db, nil
}

// mostReaders is how many views run at once. Views need the processor only, so more than there are gain nothing; but one
// that waits for its own processor must not keep all others out.
func mostReaders() int { return min(max(runtime.GOMAXPROCS(0), 4), 16) }

// Close waits for views and changes that run, and closes the database. Whatever comes later fails.
func (db *DB) Close() error { return db.close() }

func (db *DB) shut() error {
	if err := db.turn.take(context.Background(), false); err != nil {
		return err
	}
	close(db.closed)
	var errs []error
	if db.readers != nil {
		errs = append(errs, db.readers.close())
	}
	return errors.Join(append(errs, db.writer.close())...)
}

// View implements [onetouch.Store].
func (db *DB) View(ctx context.Context, read func(onetouch.Reader) error) error {
	if db.readers == nil {
		if err := db.turn.take(ctx, false); err != nil {
			return err
		}
		defer db.turn.pass()
		return db.writer.snapshot(read)
	}
	c, err := db.readers.take(ctx)
	if err != nil {
		return err
	}
	defer db.readers.put(c)
	return c.snapshot(read)
}

// Glance implements [onetouch.Store]. It reads on the writing connection while nobody writes: that connection has the pages
// of its own changes at hand, where every other one has to fetch them anew after each commit.
func (db *DB) Glance(ctx context.Context, read func(onetouch.Reader) error) error {
	if ctx.Err() != nil || !db.turn.takeFree() {
		return db.View(ctx, read)
	}
	defer db.turn.pass()
	return db.writer.snapshot(read)
}

// snapshot reads inside a transaction, so that all its statements see the same picture.
func (c *connection) snapshot(read func(onetouch.Reader) error) error {
	if _, err := c.exec("BEGIN"); err != nil {
		c.broken = nil
		return err
	}
	defer c.rollback()
	return read(reader{c})
}

// rollback ends the transaction if the database has not ended it already.
func (c *connection) rollback() {
	c.broken = nil
	_, _ = c.exec("ROLLBACK") // fails only when there is no transaction any more
	c.broken = nil
}

// reader implements [onetouch.Reader]; its methods stand in the file of their noun.
type reader struct{ *connection }

// transaction implements [onetouch.Transaction].
type transaction struct{ reader }

var _ onetouch.Transaction = transaction{}
