package sqlite

import (
	"context"
	"fmt"
	"time"

	"github.com/gofrs/flock"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

const leaseInterval = 20 * time.Millisecond

// Lease implements [engine.Engine] with a lock of the operating system on a file beside the database, which one process has.
func (db *Database) Lease(ctx context.Context) (onetouch.Lease, error) {
	if db.location.inMemory() { // nobody else can see it
		return onetouch.Lease{Held: ctx, Release: func() {}}, ctx.Err()
	}
	lock := flock.New(db.location.path+".delivery", flock.SetPermissions(0o600))
	if _, err := lock.TryLockContext(ctx, leaseInterval); err != nil {
		return onetouch.Lease{}, fmt.Errorf("waiting for another process to leave %s: %w", lock.Path(), err)
	}
	held, end := context.WithCancel(ctx)
	return onetouch.Lease{Held: held, Release: func() {
		end()
		_ = lock.Unlock()
	}}, nil
}
