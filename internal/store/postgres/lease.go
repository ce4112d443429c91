package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// settling is how long nobody gets the lease after the database has started: whoever had it before writes down by then what
// became of what was on its way, so that the next one does not send it again.
const settling = 3 * time.Second

// Lease implements [engine.Engine] with an advisory lock, which ends with its connection.
func (db *Database) Lease(ctx context.Context) (held context.Context, release func(), err error) {
	conn, err := db.location.connect(ctx)
	if err != nil {
		return nil, nil, err
	}
	if err := db.takeLease(ctx, conn); err != nil {
		_ = conn.Close(context.WithoutCancel(ctx))
		if ctx.Err() != nil {
			return nil, nil, fmt.Errorf("waiting for another process to leave %s: %w", db.location.name(), ctx.Err())
		}
		return nil, nil, db.location.explain(err)
	}
	held, end := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer end()
		for held.Err() == nil {
			if err := conn.WaitForNotification(held); err != nil { // the connection is lost, or it is over
				return
			}
		}
	}()
	return held, func() {
		end()
		<-ended
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = conn.Close(ctx)
	}, nil
}

// leaseInterval is how often a process that waits for the lease asks for it. It does not wait inside the database: as long as a
// statement runs there, no row goes that was replaced since it began.
const leaseInterval = 100 * time.Millisecond

func (db *Database) takeLease(ctx context.Context, conn *pgconn.PgConn) error {
	take := fmt.Sprintf("SELECT pg_try_advisory_lock(%d)", db.location.lock("delivery"))
	for {
		row, err := values(ctx, conn, take)
		if err != nil {
			return err
		}
		if row[0] == "t" {
			break
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(leaseInterval):
		}
	}
	_, err := conn.Exec(ctx, fmt.Sprintf(
		"SELECT pg_sleep(%f - EXTRACT(EPOCH FROM clock_timestamp() - pg_postmaster_start_time()))", settling.Seconds())).ReadAll()
	return err
}
