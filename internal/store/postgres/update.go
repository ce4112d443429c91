package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/onetouchkit/onetouch/internal/store/engine"
)

// batch is one transaction of the database with the changes that share it.
type batch struct {
	size        int
	open        bool                // the transaction has not been ended yet
	transaction string              // its number, by which the database knows what became of it
	topics      map[string]struct{} // what its changes are about
	anything    bool                // which one of them has not said
	done        chan struct{}
	err         error // why nothing of it was committed
}

// maxBatch bounds how long the first change of a batch waits for its commit, and how long other processes do.
const maxBatch = 64

// errAgain says that nothing of a change was kept through no fault of its own, so that it is run again.
var errAgain = errors.New("the change is run again")

// Update implements [engine.Engine]. Each change runs on the goroutine that brings it, one at a time. A change that finds
// others waiting behind it leaves the transaction open and hands it on; the last one commits for all, and all return.
//
// A change whose ctx ends before its turn is dropped; once begun it is finished.
func (db *Database) Update(ctx context.Context, change func(engine.Connection) error) error {
	deadline := time.Now().Add(db.location.patience)
	for alone := false; ; {
		if err := db.turn.Take(ctx, !alone); err != nil {
			return err
		}
		b, err := db.join(ctx, deadline)
		if err != nil {
			db.turn.Pass()
			return err
		}
		err = db.run(b, change, alone)
		<-b.done
		switch {
		case b.err == nil:
			return err
		case errors.Is(b.err, errAgain) && ctx.Err() == nil && time.Now().Before(deadline):
			// A connection was lost before the commit, and nothing of the batch is kept.
		case alone || b.size == 1:
			return b.err
		}
		alone = true // the commit failed, perhaps because of one change of the batch: each gets its own
	}
}

// join returns the open batch, or opens one.
func (db *Database) join(ctx context.Context, deadline time.Time) (*batch, error) {
	if db.batch == nil {
		transaction, err := db.begin(ctx, deadline)
		if err != nil {
			return nil, err
		}
		db.batch = &batch{open: true, transaction: transaction, topics: map[string]struct{}{}, done: make(chan struct{})}
	}
	return db.batch, nil
}

// begin opens a transaction that may write, on a connection that is there. Until the deadline it waits for a database that is
// restarting, and for other processes to end theirs. A change that has waited as long for its turn, while those before it tried
// in vain, is told what they were: else each in its turn would wait anew.
func (db *Database) begin(ctx context.Context, deadline time.Time) (transaction string, err error) {
	// At a stricter level, which may be the database's own, a change would see the picture of before it had the lock.
	begin := fmt.Sprintf("BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock(%d); SELECT pg_current_xact_id()",
		db.location.lock("changes"))
	for {
		late := time.Now().After(deadline)
		if late && db.failed != nil {
			return "", db.failed
		}
		transaction, db.failed = db.tryBegin(ctx, begin)
		lost := db.writer == nil || !db.writer.usable()
		if db.failed == nil || !lost || late {
			return transaction, db.failed
		}
		select {
		case <-ctx.Done():
			return "", db.failed
		case <-time.After(reconnectPause):
		}
	}
}

// reconnectPause is how often a database is tried that does not answer.
const reconnectPause = 50 * time.Millisecond

func (db *Database) tryBegin(ctx context.Context, begin string) (transaction string, err error) {
	if db.writer == nil || !db.writer.usable() {
		db.writer = nil
		conn, err := db.location.connect(ctx)
		if err != nil {
			return "", err
		}
		db.writer = newConnection(db.location, conn)
	}
	results, err := db.writer.conn.Exec(context.Background(), begin).ReadAll()
	if err != nil {
		err = db.writer.fail(begin, err)
		db.rollback()
		return "", err
	}
	return string(results[len(results)-1].Rows[0][0]), nil
}

// rollback ends the transaction, if there is one.
func (db *Database) rollback() {
	db.writer.broken, db.writer.first = nil, db.writer.first[:0]
	if db.writer.usable() {
		_ = db.writer.own("ROLLBACK")
	}
	db.writer.broken = nil
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
	db.writer.topics, db.writer.announced = db.writer.topics[:0], false
	if b.size > 1 {
		db.writer.first = append(db.writer.first, "SAVEPOINT change")
	}
	if err := change(db.writer); err != nil {
		return err
	}
	if err := db.writer.broken; err != nil {
		return err
	}
	if b.size > 1 {
		db.release()
	}
	for _, topic := range db.writer.topics {
		b.topics[topic] = struct{}{}
	}
	b.anything = b.anything || !db.writer.announced
	kept = true
	return nil
}

// release ends the savepoint of the latest change; the server is told with what comes next. A change without a statement has
// none.
func (db *Database) release() {
	if waiting := len(db.writer.first); waiting > 0 && db.writer.first[waiting-1] == "SAVEPOINT change" {
		db.writer.first = db.writer.first[:waiting-1]
		return
	}
	db.writer.first = append(db.writer.first, "RELEASE SAVEPOINT change")
}

// undo takes back the latest change of the batch. The first one has no savepoint, which a lone change would pay for.
func (db *Database) undo(b *batch) {
	broken := db.writer.broken
	db.writer.broken = nil
	switch {
	case !db.writer.usable():
		b.open, b.err = false, errors.Join(errAgain, broken)
	case isConflict(broken):
		db.rollback()
		b.open, b.err = false, errors.Join(errAgain, broken)
	case b.size == 1:
		db.rollback()
		b.open = false
	default:
		if err := db.writer.own("ROLLBACK TO SAVEPOINT change; RELEASE SAVEPOINT change"); err != nil {
			db.rollback()
			b.open, b.err = false, errors.Join(errAgain, err)
		}
	}
}

// leave hands the turn on: with the batch if it goes on, else after its commit.
func (db *Database) leave(b *batch, alone bool) {
	if b.open && !alone && b.size < maxBatch && db.turn.Share() {
		return
	}
	if b.open {
		b.err = db.commit(b)
	}
	db.batch = nil
	close(b.done)
	db.turn.Pass()
}

// commit ends the batch, and tells other processes of it.
func (db *Database) commit(b *batch) error {
	err := db.writer.own(fmt.Sprintf("NOTIFY %s, '%s'; COMMIT", db.location.channel(), db.announcement(b)))
	if err == nil {
		return nil
	}
	if db.writer.usable() {
		db.rollback()
		if isConflict(err) {
			return errors.Join(errAgain, err)
		}
		return err
	}
	// The word that it was committed may have been lost, so the database is asked.
	if committed, known := db.askAbout(b.transaction); known {
		if committed {
			return nil
		}
		return errors.Join(errAgain, err)
	}
	return err
}

// askAbout asks the database what became of a transaction whose connection was lost.
func (db *Database) askAbout(transaction string) (committed, known bool) {
	ctx, cancel := context.WithTimeout(context.Background(), db.location.patience)
	defer cancel()
	for ctx.Err() == nil {
		status, err := db.status(ctx, transaction)
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

func (db *Database) status(ctx context.Context, transaction string) (string, error) {
	conn, err := db.location.connect(ctx)
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
