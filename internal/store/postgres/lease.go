package postgres

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

const (
	// renewal is how often a claimant says that it is there, and looks who is not any more.
	renewal = time.Second
	// claimsLast is how long claims last without that. A process that stands still has lost them when it goes on.
	claimsLast = 15 * time.Second
	// claimsUsed is how long a claimant that cannot renew them goes on: others take them later than that.
	claimsUsed = 10 * time.Second
	// renewTime bounds one renewal.
	renewTime = 3 * time.Second
	// settling is how long nobody counts as gone after the database has started, or after a claimant has lost its connection, with
	// which others may have lost theirs: whoever had claims before comes back by then, and writes down what became of what was on
	// its way.
	settling = 3 * time.Second
)

// lease is that of a claimant. It is kept by a row, which lasts for a while, and by an advisory lock on a connection, which ends
// as soon as its process does.
type lease struct {
	db     *Database
	number int64
	conn   *pgconn.PgConn // nil: it is lost
	back   time.Time      // when it was opened anew; zero: it is the first
	locked bool           // on that connection
}

// Lease implements [engine.Engine]. As many processes have one as like.
func (db *Database) Lease(ctx context.Context) (onetouch.Lease, error) {
	l := &lease{db: db}
	if err := l.begin(ctx); err != nil {
		l.hangUp()
		if ctx.Err() != nil {
			return onetouch.Lease{}, fmt.Errorf("taking part in the deliveries of %s: %w", db.location.name(), ctx.Err())
		}
		return onetouch.Lease{}, db.location.explain(err)
	}
	held, end := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer end()
		l.keep(held, end)
	}()
	return onetouch.Lease{Claimant: onetouch.Claimant(l.number), Held: held, Release: func() {
		end()
		<-ended
		l.release()
	}}, nil
}

func (l *lease) begin(ctx context.Context) error {
	if err := l.connect(ctx); err != nil {
		return err
	}
	row, err := values(ctx, l.conn, "SELECT nextval('delivery_claimant_numbers')")
	if err != nil {
		return err
	}
	if l.number, err = strconv.ParseInt(row[0], 10, 64); err != nil {
		return err
	}
	if err := l.lock(ctx); err != nil {
		return err
	}
	insert := fmt.Sprintf("INSERT INTO delivery_claimants (number, ends_at) VALUES (%d, %s)", l.number, claimsEnd())
	_, err = l.conn.Exec(ctx, insert).ReadAll()
	return err
}

// connect opens the connection. What is written there need not outlive a crash of the database's machine.
func (l *lease) connect(ctx context.Context) (err error) {
	if l.conn, err = l.db.location.connect(ctx); err != nil {
		return err
	}
	_, err = l.conn.Exec(ctx, "SET synchronous_commit = off").ReadAll()
	return err
}

// lockClass is the first half of the claimants' advisory locks, whose other half is their number.
func (l *lease) lockClass() int32 { return int32(l.db.location.lock("claimants")) }

func (l *lease) lock(ctx context.Context) error {
	row, err := values(ctx, l.conn, fmt.Sprintf("SELECT pg_try_advisory_lock(%d, %d)", l.lockClass(), l.number))
	l.locked = err == nil && row[0] == "t" // if not, a connection of ours has it that the database has not noticed the loss of
	return err
}

const databaseClock = "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)"

func claimsEnd() string { return fmt.Sprintf("%s + %d", databaseClock, claimsLast.Microseconds()) }

// keep renews the lease until ctx ends, or the lease; what ends it ends ctx too. A timer does when it was not renewed for too
// long: who has stood still does not have to ask the database first.
func (l *lease) keep(ctx context.Context, end func()) {
	unused := time.AfterFunc(claimsUsed, end)
	defer unused.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.db.closed: // as if the process had ended
			l.hangUp()
			return
		case <-time.After(renewal):
		}
		began := time.Now()
		switch there, err := l.renew(ctx); {
		case err != nil:
		case there:
			unused.Reset(claimsUsed - time.Since(began))
		default:
			return
		}
	}
}

// renew says that the claimant is there, and reports whether the others think so too. What those had claimed who are gone is free
// then.
func (l *lease) renew(ctx context.Context) (there bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, renewTime)
	defer cancel()
	defer func() {
		if err != nil {
			l.hangUp()
		}
	}()
	if l.conn == nil {
		if err := l.connect(ctx); err != nil {
			return false, err
		}
		l.back = time.Now()
	}
	if !l.locked {
		if err := l.lock(ctx); err != nil {
			return false, err
		}
	}
	results, err := l.conn.Exec(ctx, l.renewing()).ReadAll()
	if err != nil {
		return false, err
	}
	const mine = 1
	return len(results[mine].Rows) > 0, nil
}

// renewing are the statements of a renewal: the claimant's own row, those who are gone, what they had, and what of its own
// claims has ended. All are told where somebody is gone, whatever that one had: others may have passed over what it was claiming.
func (l *lease) renewing() string {
	return fmt.Sprintf(`BEGIN ISOLATION LEVEL READ COMMITTED;
		UPDATE delivery_claimants SET ends_at = %[3]s WHERE number = %[1]d RETURNING number;
		WITH gone AS (DELETE FROM delivery_claimants g WHERE g.number <> %[1]d AND %[6]t
			AND clock_timestamp() - pg_postmaster_start_time() > INTERVAL '%[4]d seconds'
			AND (g.ends_at < %[5]s OR NOT EXISTS (SELECT 1 FROM pg_locks l WHERE l.locktype = 'advisory' AND l.granted
				AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
				AND l.classid = %[2]d AND l.objid = g.number AND l.objsubid = 2)) RETURNING 1)
			SELECT %[7]s WHERE EXISTS (SELECT 1 FROM gone);
		WITH freed AS (DELETE FROM delivery_claims c WHERE NOT EXISTS (SELECT 1 FROM delivery_claimants g
			WHERE g.number = c.claimant) RETURNING 1)
			SELECT %[7]s WHERE EXISTS (SELECT 1 FROM freed);
		DELETE FROM delivery_claims c WHERE c.claimant = %[1]d AND NOT EXISTS (SELECT 1 FROM deliveries d
			WHERE d.id = c.delivery_id AND d.state = 'pending' AND d.next_attempt_at > 0);
		COMMIT`, l.number, uint32(l.lockClass()), claimsEnd(), int(settling.Seconds()), databaseClock,
		time.Since(l.back) > settling, l.tell())
}

// tell tells all claimants, this one too, that there is something to be claimed, once the transaction is committed.
func (l *lease) tell() string {
	return fmt.Sprintf("pg_notify('%s', 'claims %s')", l.db.location.channel(), onetouch.TopicDue)
}

// release leaves what was claimed to others.
func (l *lease) release() {
	if l.conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), renewTime)
	defer cancel()
	leave := fmt.Sprintf("DELETE FROM delivery_claims WHERE claimant = %[1]d; "+
		"DELETE FROM delivery_claimants WHERE number = %[1]d; SELECT %[2]s", l.number, l.tell())
	_, _ = l.conn.Exec(ctx, leave).ReadAll() // or they end by themselves
	l.hangUp()
}

func (l *lease) hangUp() {
	if l.conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = l.conn.Close(ctx)
	l.conn, l.locked = nil, false
}
