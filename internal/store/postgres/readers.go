package postgres

import (
	"context"
	"errors"
	"sync"

	"github.com/onetouchkit/onetouch/internal/store/engine"
)

// readers are the connections of views. They are opened as views come to need them side by side.
type readers struct {
	location *location
	slots    chan struct{} // full when as many views run as there may be connections
	closed   <-chan struct{}

	mu   sync.Mutex
	idle []*connection
}

func newReaders(l *location, closed <-chan struct{}) *readers {
	return &readers{location: l, slots: make(chan struct{}, mostReaders()), closed: closed}
}

// take returns a connection in a transaction that has begun: one that was lost meanwhile is noticed here.
func (r *readers) take(ctx context.Context) (*connection, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case <-r.closed: // no slot is free any more then, or one that closing waits for
		return nil, engine.ErrClosed
	default:
	}
	select {
	case r.slots <- struct{}{}:
	case <-r.closed:
		return nil, engine.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	c, err := r.begin(ctx)
	if err != nil {
		<-r.slots
	}
	return c, err
}

func (r *readers) begin(ctx context.Context) (*connection, error) {
	const begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
	for {
		c := r.pop()
		fresh := c == nil
		if fresh {
			conn, err := r.location.connect(ctx)
			if err != nil {
				return nil, err
			}
			c = newConnection(r.location, conn)
		}
		_, err := c.own(begin)
		if err == nil {
			return c, nil
		}
		_ = c.close() // it is of no use
		if fresh || !c.lost {
			return nil, err
		}
	}
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
	if c.usable() {
		r.mu.Lock()
		r.idle = append(r.idle, c)
		r.mu.Unlock()
	} else {
		_ = c.close()
	}
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
