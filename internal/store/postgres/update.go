package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/onetouchkit/onetouch/internal/store/engine"
)

// maxBatch is how many changes share a commit at most.
const maxBatch = 64

// Update implements [engine.Engine].
func (db *Database) Update(ctx context.Context, change func(engine.Connection) error) error {
	return db.changes.Update(ctx, db.location.patience, change)
}

// writer is the connection that changes run on, and what its transaction is. It implements [engine.Writer].
type writer struct {
	location    *location
	origin      string // by which this process knows its own announcements
	connection  *connection
	transaction string              // its number, by which the database knows what became of it
	topics      map[string]struct{} // what its changes are about
	anything    bool                // which one of them has not said
}

func newWriter(l *location, origin string, c *connection) *writer {
	return &writer{location: l, origin: origin, connection: c, topics: map[string]struct{}{}}
}

// Begin implements [engine.Writer], on a connection that is there.
func (w *writer) Begin(ctx context.Context, deadline time.Time) error {
	for {
		err := w.tryBegin(ctx)
		if err == nil || w.connection.usable() || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(reconnectPause):
		}
	}
}

// reconnectPause is how often a database is tried that does not answer.
const reconnectPause = 50 * time.Millisecond

func (w *writer) tryBegin(ctx context.Context) error {
	if !w.connection.usable() {
		conn, err := w.location.connect(ctx)
		if err != nil {
			return err
		}
		_ = w.connection.close() // it is of no use
		w.connection = newConnection(w.location, conn)
	}
	// At a stricter level, which may be the database's own, a change would see the picture of before it had the lock.
	begin := fmt.Sprintf("BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock(%d); SELECT pg_current_xact_id()",
		w.location.lock("changes"))
	results, err := w.connection.conn.Exec(context.Background(), begin).ReadAll()
	if err != nil {
		err = w.connection.fail(begin, err)
		w.rollback()
		return err
	}
	w.transaction = string(results[len(results)-1].Rows[0][0])
	w.anything = false
	clear(w.topics)
	w.connection.hush()
	return nil
}

// rollback ends the transaction, if there is one.
func (w *writer) rollback() {
	c := w.connection
	c.broken, c.first = nil, c.first[:0]
	if c.usable() {
		_ = c.own("ROLLBACK")
	}
	c.broken = nil
}

// Connection implements [engine.Writer].
func (w *writer) Connection() engine.Connection { return w.connection }

// savepoint is that of a change.
const savepoint = "SAVEPOINT change"

// Save implements [engine.Writer]. The server is told with what comes next.
func (w *writer) Save() error {
	w.connection.hush()
	w.connection.first = append(w.connection.first, savepoint)
	return nil
}

// Keep implements [engine.Writer]. A change without a statement has no savepoint.
func (w *writer) Keep(saved bool) error {
	c := w.connection
	if c.broken != nil {
		return c.broken
	}
	switch waiting := len(c.first); {
	case !saved:
	case waiting > 0 && c.first[waiting-1] == savepoint:
		c.first = c.first[:waiting-1]
	default:
		c.first = append(c.first, "RELEASE SAVEPOINT change")
	}
	for _, topic := range c.topics {
		w.topics[topic] = struct{}{}
	}
	w.anything = w.anything || !c.announced
	return nil
}

// Undo implements [engine.Writer].
func (w *writer) Undo(saved bool) (ended bool, lost error) {
	broken := w.connection.broken
	w.connection.broken = nil
	switch {
	case !w.connection.usable():
		return true, engine.Again(broken)
	case isConflict(broken):
		w.rollback()
		return true, engine.Again(broken)
	case !saved:
		w.rollback()
		return true, nil
	}
	if err := w.connection.own("ROLLBACK TO SAVEPOINT change; RELEASE SAVEPOINT change"); err != nil {
		w.rollback()
		return true, engine.Again(err)
	}
	return false, nil
}

// Commit implements [engine.Writer], and tells other processes of the changes.
func (w *writer) Commit() error {
	err := w.connection.own(w.announcement() + "COMMIT")
	if err == nil {
		return nil
	}
	if w.connection.usable() {
		w.rollback()
		if isConflict(err) {
			return engine.Again(err)
		}
		return err
	}
	// The word that it was committed may have been lost, so the database is asked.
	if committed, known := w.askAbout(w.transaction); known {
		if committed {
			return nil
		}
		return engine.Again(err)
	}
	return err
}

// askAbout asks the database what became of a transaction whose connection was lost.
func (w *writer) askAbout(transaction string) (committed, known bool) {
	ctx, cancel := context.WithTimeout(context.Background(), w.location.patience)
	defer cancel()
	for ctx.Err() == nil {
		status, err := w.status(ctx, transaction)
		switch {
		case err == nil && status == "committed":
			return true, true
		case err == nil && status == "aborted":
			return false, true
		}
		select { // it is not there yet, or has not noticed the loss
		case <-ctx.Done():
		case <-time.After(reconnectPause):
		}
	}
	return false, false
}

func (w *writer) status(ctx context.Context, transaction string) (string, error) {
	conn, err := w.location.connect(ctx)
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close(ctx) }()
	row, err := values(ctx, conn, fmt.Sprintf("SELECT COALESCE(pg_xact_status('%s'), '')", transaction))
	if err != nil {
		return "", err
	}
	return row[0], nil
}
