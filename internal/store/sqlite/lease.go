package sqlite

import (
	"context"
	"fmt"
	"time"

	"github.com/gofrs/flock"
)

const leaseInterval = 20 * time.Millisecond

// Lease implements [engine.Engine] with a lock of the operating system on a file beside the database.
func (db *Database) Lease(ctx context.Context) (held context.Context, release func(), err error) {
	if db.location.inMemory() { // nobody else can see it
		return ctx, func() {}, ctx.Err()
	}
	lock := flock.New(db.location.path+".delivery", flock.SetPermissions(0o600))
	if _, err := lock.TryLockContext(ctx, leaseInterval); err != nil {
		return nil, nil, fmt.Errorf("waiting for another process to leave %s: %w", lock.Path(), err)
	}
	held, end := context.WithCancel(ctx)
	return held, func() {
		end()
		_ = lock.Unlock()
	}, nil
}
