package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// Watch implements [engine.Engine]. The database tells of changes at once; interval is how long it waits before it connects
// again. After that something may have been missed, so it counts as a change.
func (db *Database) Watch(ctx context.Context, interval time.Duration, changed func()) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-db.closed:
			cancel()
		case <-ctx.Done():
		}
	}()
	for again := false; ctx.Err() == nil; again = true {
		db.listen(ctx, again, changed)
		select {
		case <-ctx.Done():
		case <-time.After(interval):
		}
	}
}

// listen listens until the connection is lost.
func (db *Database) listen(ctx context.Context, again bool, changed func()) {
	heard := false
	config := db.location.config.Copy()
	config.OnNotification = func(_ *pgconn.PgConn, n *pgconn.Notification) { heard = heard || n.Payload != db.origin }
	conn, err := pgconn.ConnectConfig(ctx, config)
	if err != nil {
		return
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "LISTEN "+db.location.channel()).ReadAll(); err != nil {
		return
	}
	if again {
		changed()
	}
	for {
		if err := conn.WaitForNotification(ctx); err != nil {
			return
		}
		if heard {
			heard = false
			changed()
		}
	}
}
