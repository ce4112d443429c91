package sqlite

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// errClosed is what comes after [Database.Close].
var errClosed = errors.New("database is closed")

// turn is the right to use the writing connection. Who waits longest has it next.
type turn struct {
	mu      sync.Mutex
	taken   bool
	waiting []*waiter
	closed  chan struct{}
}

type waiter struct {
	joins bool // may come in the middle of a batch
	ready chan struct{}
}

// take waits for the turn. An error means that it was not taken.
func (t *turn) take(ctx context.Context, joins bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w := t.enqueue(joins)
	if w == nil {
		return nil
	}
	select {
	case <-w.ready:
		return nil
	case <-t.closed:
		return errClosed
	case <-ctx.Done():
	}
	if t.forget(w) {
		return ctx.Err()
	}
	return nil // the turn came at the same instant; whoever has it must use it or pass it on
}

// takeFree takes the turn if nobody has it.
func (t *turn) takeFree() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	free := !t.taken
	t.taken = true
	return free
}

// enqueue takes the turn at once if it is free, and returns nil then.
func (t *turn) enqueue(joins bool) *waiter {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.taken {
		t.taken = true
		return nil
	}
	w := &waiter{joins: joins, ready: make(chan struct{})}
	t.waiting = append(t.waiting, w)
	return w
}

func (t *turn) forget(w *waiter) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	at := slices.Index(t.waiting, w)
	if at >= 0 {
		t.waiting = slices.Delete(t.waiting, at, at+1)
	}
	return at >= 0
}

// pass hands the turn on, or leaves it free when nobody waits.
func (t *turn) pass() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.waiting) == 0 {
		t.taken = false
		return
	}
	t.wakeFirst()
}

// share hands the turn on in the middle of a batch: only if who is next joins it.
func (t *turn) share() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.waiting) == 0 || !t.waiting[0].joins {
		return false
	}
	t.wakeFirst()
	return true
}

func (t *turn) wakeFirst() {
	close(t.waiting[0].ready)
	t.waiting = slices.Delete(t.waiting, 0, 1)
}
