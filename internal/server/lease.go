package server

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// lease makes sure that of all processes on one database file one delivers, so that nothing is sent twice. It is a lock
// of the operating system beside the file: it goes with its process, however that ends.
type lease struct{ lock *flock.Flock }

const leaseInterval = 20 * time.Millisecond

func newLease(database string) *lease {
	if database == ":memory:" || strings.Contains(database, "://") {
		return &lease{} // nobody else can see it
	}
	return &lease{lock: flock.New(database+".delivery", flock.SetPermissions(0o600))}
}

// wait takes the lease, waiting for another process to leave it.
func (l *lease) wait(ctx context.Context) error {
	if l.lock == nil {
		return nil
	}
	if _, err := l.lock.TryLockContext(ctx, leaseInterval); err != nil {
		return fmt.Errorf("waiting for another onetouch process that delivers: %w", err)
	}
	return nil
}

func (l *lease) release() {
	if l.lock != nil {
		_ = l.lock.Unlock()
	}
}
