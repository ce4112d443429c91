package postgres

import (
	"context"
	"fmt"
	"time"
)

// Lease implements [engine.Engine] with an advisory lock that ends with its connection.
func (db *Database) Lease(ctx context.Context) (release func(), err error) {
	conn, err := db.location.connect(ctx)
	if err != nil {
		return nil, err
	}
	statement := fmt.Sprintf("SET lock_timeout = 0; SELECT pg_advisory_lock(%d)", db.location.lock("delivery"))
	if _, err := conn.Exec(ctx, statement).ReadAll(); err != nil {
		_ = conn.Close(context.WithoutCancel(ctx))
		if ctx.Err() != nil {
			return nil, fmt.Errorf("waiting for another process to leave %s: %w", db.location.name(), ctx.Err())
		}
		return nil, db.location.explain(err)
	}
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = conn.Close(ctx)
	}, nil
}
