package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/onetouchkit/onetouch/internal/store/engine"
)

// Database is an SQLite database. It implements [engine.Engine] and [engine.File].
type Database struct {
	location location
	turn     *engine.Turn
	writer   *connection // belongs to who has the turn
	changes  *engine.Changes
	readers  *readers // nil in memory: its one connection is its only way in
	closed   chan struct{}
	close    func() error

	checkpoints checkpoints
	moved       atomic.Pointer[string] // the path where another file, or none, is than was opened there; "": none is
}

var (
	_ engine.Engine = (*Database)(nil)
	_ engine.File   = (*Database)(nil)
)

// Open opens the file at an absolute path, or a database in memory if the path is empty.
func Open(ctx context.Context, path string) (*Database, error) {
	place, err := locate(path)
	if err != nil {
		return nil, err
	}
	writer, err := place.firstConnection(ctx)
	if err != nil {
		return nil, err
	}
	closed := make(chan struct{})
	db := &Database{location: place, turn: engine.NewTurn(closed), writer: writer, closed: closed}
	db.moved.Store(new(string))
	db.changes = engine.NewChanges(db.turn, changing{writer, db.gone, db.committed}, maxBatch)
	db.close = sync.OnceValue(db.shut)
	if !place.inMemory() {
		db.readers = newReaders(mostReaders(), closed, place.connect)
	}
	return db, nil
}

// Create opens a new database in a file at an absolute path, where there is none.
func Create(ctx context.Context, path string) (*Database, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err == nil {
		err = file.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("creating the database: %w", err)
	}
	return Open(ctx, path)
}

// mostReaders is how many views run at once. Views need the processor only, so more than there are gain nothing; but one
// that waits for its own processor must not keep all others out.
func mostReaders() int { return min(max(runtime.GOMAXPROCS(0), 4), 16) }

// Close implements [engine.Engine].
func (db *Database) Close() error { return db.close() }

func (db *Database) shut() error {
	if err := db.turn.Take(context.Background(), false); err != nil {
		return err
	}
	close(db.closed)
	db.checkpoints.running.Wait()
	var errs []error
	if db.readers != nil {
		errs = append(errs, db.readers.Close())
	}
	return errors.Join(append(errs, db.writer.close())...)
}

// View implements [engine.Engine].
func (db *Database) View(ctx context.Context, read func(engine.Connection) error) error {
	if db.readers == nil {
		if err := db.turn.Take(ctx, false); err != nil {
			return err
		}
		defer db.turn.Pass()
		return db.writer.snapshot(read)
	}
	c, err := db.readers.take(ctx)
	if err != nil {
		return err
	}
	defer db.readers.Put(c)
	return c.snapshot(read)
}

// Glance implements [engine.Engine]. It reads on the writing connection while nobody writes: that connection has the pages
// of its own changes at hand, where every other one has to fetch them anew after each commit.
func (db *Database) Glance(ctx context.Context, read func(engine.Connection) error) error {
	if ctx.Err() != nil || !db.turn.TakeFree() {
		return db.View(ctx, read)
	}
	defer db.turn.Pass()
	return db.writer.snapshot(read)
}

// snapshot reads inside a transaction, so that all its statements see the same picture.
func (c *connection) snapshot(read func(engine.Connection) error) error {
	if err := c.exec("BEGIN"); err != nil {
		c.broken = nil
		return err
	}
	defer c.rollback()
	return read(c)
}

// rollback ends the transaction if SQLite has not ended it already.
func (c *connection) rollback() {
	c.broken = nil
	_ = c.exec("ROLLBACK") // fails only when there is no transaction any more
	c.broken = nil
}
