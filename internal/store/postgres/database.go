package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"runtime"
	"sync"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/store/engine"
)

// Database is a PostgreSQL database. It implements [engine.Engine].
type Database struct {
	location *location
	turn     *engine.Turn
	writer   *writer // belongs to who has the turn, but for its origin
	changes  *engine.Changes
	readers  *readers
	closed   chan struct{}
	close    func() error
}

var _ engine.Engine = (*Database)(nil)

// Open opens the database at a URL (postgres://user:password@host:port/database), or as libpq's variables and files say. Its
// schema is brought up to date by one of those that open it at the same time.
func Open(ctx context.Context, url string) (*Database, error) {
	place, err := locate(url)
	if err != nil {
		return nil, err
	}
	conn, err := place.firstConnect(ctx)
	if err != nil {
		return nil, err
	}
	first := newConnection(place, conn)
	if err := place.identify(ctx, conn); err != nil {
		return nil, errors.Join(err, first.close())
	}
	if err := place.bringUpToDate(ctx, conn); err != nil {
		return nil, errors.Join(place.explain(err), first.close())
	}
	closed := make(chan struct{})
	db := &Database{
		location: place, turn: engine.NewTurn(closed), writer: newWriter(place, rand.Text(), first), closed: closed,
		readers: newReaders(place, closed),
	}
	db.changes = engine.NewChanges(db.turn, db.writer, maxBatch)
	db.close = sync.OnceValue(db.shut)
	return db, nil
}

// mostReaders is how many views run at once.
func mostReaders() int { return min(max(2*runtime.GOMAXPROCS(0), 4), 16) }

// Close implements [engine.Engine].
func (db *Database) Close() error { return db.close() }

func (db *Database) shut() error {
	if err := db.turn.Take(context.Background(), false); err != nil {
		return err
	}
	close(db.closed)
	return errors.Join(db.readers.Close(), db.writer.connection.close())
}

// patienceOfViews is how long a view waits for a database that is restarting.
const patienceOfViews = 3 * time.Second

// View implements [engine.Engine].
func (db *Database) View(ctx context.Context, read func(engine.Connection) error) error {
	for deadline := time.Now().Add(patienceOfViews); ; {
		lost, err := db.tryView(ctx, deadline, read)
		if !lost || ctx.Err() != nil || time.Now().After(deadline) {
			return err
		}
	}
}

// tryView is View on one connection, which may be lost in the middle.
func (db *Database) tryView(
	ctx context.Context, deadline time.Time, read func(engine.Connection) error,
) (lost bool, err error) {
	c, err := db.readers.take(ctx, deadline, beginView)
	if err != nil {
		return false, err
	}
	defer db.readers.put(c)
	err = c.snapshot(read)
	return c.lost && onetouch.CodeOf(err) == onetouch.CodeStorageUnavailable, err
}

// Glance implements [engine.Engine].
func (db *Database) Glance(ctx context.Context, read func(engine.Connection) error) error {
	return db.View(ctx, read)
}

// snapshot reads inside a transaction, so that all its statements see the same picture.
func (c *connection) snapshot(read func(engine.Connection) error) error {
	defer func() {
		c.broken = nil
		if c.usable() {
			_ = c.own("ROLLBACK") // a connection that is lost by it is not used again
		}
		c.broken = nil
	}()
	return read(c)
}
