package engine

import (
	"context"
	"errors"
	"sync"
)

// Pool is the connections of an engine's views. They are opened as views come to need them side by side, and the one used last is
// used next, because what it has read is still at hand.
type Pool[C any] struct {
	slots  chan struct{} // full when as many views run as there may be connections
	closed <-chan struct{}
	end    func(C) error

	mu   sync.Mutex
	idle []C
}

// NewPool returns a pool without a connection. end closes one.
func NewPool[C any](most int, closed <-chan struct{}, end func(C) error) *Pool[C] {
	return &Pool[C]{slots: make(chan struct{}, most), closed: closed, end: end}
}

// Enter waits until there may be another view. Each is followed by a Put, or by a Leave.
func (p *Pool[C]) Enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case p.slots <- struct{}{}:
		return nil
	case <-p.closed:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Idle returns a connection that nobody uses, if there is one.
func (p *Pool[C]) Idle() (c C, found bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.idle) - 1
	if last < 0 {
		return c, false
	}
	c = p.idle[last]
	p.idle = p.idle[:last]
	return c, true
}

// Put ends a view, and keeps its connection for the next one.
func (p *Pool[C]) Put(c C) {
	p.mu.Lock()
	p.idle = append(p.idle, c)
	p.mu.Unlock()
	p.Leave()
}

// Leave ends a view that has no connection which another one could use.
func (p *Pool[C]) Leave() { <-p.slots }

// Close waits until the last view has ended, and lets none in any more. The channel closed must be closed before.
func (p *Pool[C]) Close() error {
	for range cap(p.slots) {
		p.slots <- struct{}{}
	}
	var errs []error
	for c, found := p.Idle(); found; c, found = p.Idle() {
		errs = append(errs, p.end(c))
	}
	return errors.Join(errs...)
}
