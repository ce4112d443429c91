package engine

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// ErrClosed is what comes after an engine was closed.
var ErrClosed = errors.New("database is closed")

// Turn is the right to use an engine's writing connection. Who waits longest has it next.
type Turn struct {
	mu      sync.Mutex
	taken   bool
	waiting []*waiter
	closed  <-chan struct{}
}

// NewTurn returns a turn that nobody has. Nobody waits for it any more once closed is closed.
func NewTurn(closed <-chan struct{}) *Turn { return &Turn{closed: closed} }

type waiter struct {
	joins bool // may come in the middle of a batch
	ready chan struct{}
}

// Take waits for the turn; joins says that it may come in the middle of a batch. An error means that it was not taken.
func (t *Turn) Take(ctx context.Context, joins bool) error {
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
		return ErrClosed
	case <-ctx.Done():
	}
	if t.forget(w) {
		return ctx.Err()
	}
	return nil // the turn came at the same instant; whoever has it must use it or pass it on
}

// TakeFree takes the turn if nobody has it.
func (t *Turn) TakeFree() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	free := !t.taken
	t.taken = true
	return free
}

// Waiting is how many wait for the turn.
func (t *Turn) Waiting() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.waiting)
}

// enqueue takes the turn at once if it is free, and returns nil then.
func (t *Turn) enqueue(joins bool) *waiter {
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

func (t *Turn) forget(w *waiter) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	at := slices.Index(t.waiting, w)
	if at >= 0 {
		t.waiting = slices.Delete(t.waiting, at, at+1)
	}
	return at >= 0
}

// Pass hands the turn on, or leaves it free when nobody waits.
func (t *Turn) Pass() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.waiting) == 0 {
		t.taken = false
		return
	}
	t.wakeFirst()
}

// Share hands the turn on in the middle of a batch: only if who is next joins it.
func (t *Turn) Share() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.waiting) == 0 || !t.waiting[0].joins {
		return false
	}
	t.wakeFirst()
	return true
}

func (t *Turn) wakeFirst() {
	close(t.waiting[0].ready)
	t.waiting = slices.Delete(t.waiting, 0, 1)
}
