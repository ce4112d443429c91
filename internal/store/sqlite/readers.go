package sqlite

import (
	"context"
	"errors"
	"sync"

	"github.com/onetouchkit/onetouch/internal/store/engine"
)

// readers are the connections of views. They are opened as views come to need them side by side, and the one used last
// is used next, because what it has read is still at hand.
type readers struct {
	slots  chan struct{} // full when as many views run as there may be connections
	closed <-chan struct{}
	open   func() (*connection, error)

	mu   sync.Mutex
	idle []*connection
}

func newReaders(most int, closed <-chan struct{}, open func() (*connection, error)) *readers {
	return &readers{slots: make(chan struct{}, most), closed: closed, open: open}
}

func (r *readers) take(ctx context.Context) (*connection, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case r.slots <- struct{}{}:
	case <-r.closed:
		return nil, engine.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if c := r.pop(); c != nil {
		return c, nil
	}
	c, err := r.open()
	if err != nil {
		<-r.slots
	}
	return c, err
}

func (r *readers) pop() *connection {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.idle) == 0 {
		return nil
	}
	c := r.idle[len(r.idle)-1]
	r.idle = r.idle[:len(r.idle)-1]
	return c
}

func (r *readers) put(c *connection) {
	r.mu.Lock()
	r.idle = append(r.idle, c)
	r.mu.Unlock()
	<-r.slots
}

// close waits until the last view has ended, and takes every slot for good. The channel closed must be closed before.
func (r *readers) close() error {
	for range cap(r.slots) {
		r.slots <- struct{}{}
	}
	var errs []error
	for c := r.pop(); c != nil; c = r.pop() {
		errs = append(errs, c.close())
	}
	return errors.Join(errs...)
}
