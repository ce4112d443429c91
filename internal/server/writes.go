package server

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// probeTime is how long a look at whether writes work again may take.
const probeTime = 2 * time.Second

// writes is a store that remembers whether its last write failed.
type writes struct {
	onetouch.Store
	failed atomic.Bool
}

// Update implements [onetouch.Store].
func (w *writes) Update(ctx context.Context, change func(onetouch.Transaction) error) error {
	err := w.Store.Update(ctx, change)
	switch {
	case err == nil:
		if w.failed.Load() {
			w.failed.Store(false)
		}
	case isStorageFailure(err) && ctx.Err() == nil:
		w.failed.Store(true)
	}
	return err
}

// isStorageFailure reports whether it is the store that failed. A refusal says nothing about the store.
func isStorageFailure(err error) bool {
	switch onetouch.CodeOf(err) {
	case onetouch.CodeInternal, onetouch.CodeStorageFull, onetouch.CodeStorageUnavailable:
		return !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
	default:
		return false
	}
}

// check fails while no write succeeds. After a failure it writes an application as it is, since a server that is not
// ready may be asked for nothing else that would write.
func (w *writes) check(ctx context.Context) error {
	if !w.failed.Load() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	return w.Update(ctx, func(tx onetouch.Transaction) error {
		apps, err := tx.Applications()
		if err != nil || len(apps) == 0 {
			return err
		}
		return tx.UpdateApplication(apps[0])
	})
}
