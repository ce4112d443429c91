package postgres

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
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

// take returns a connection in a transaction that has begun: one that was lost meanwhile is noticed here. Until the deadline it
// waits for a database that is restarting.
func (r *readers) take(ctx context.Context, deadline time.Time) (*connection, error) {
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
	c, err := r.begin(ctx, deadline)
	if err != nil {
		<-r.slots
	}
	return c, err
}

func (r *readers) begin(ctx context.Context, deadline time.Time) (*connection, error) {
	for {
		c, fresh, err := r.tryBegin(ctx)
		switch {
		case err == nil:
			return c, nil
		case !fresh: // one that was idle was lost, as all that are idle may be
			continue
		case onetouch.CodeOf(err) != onetouch.CodeStorageUnavailable || time.Now().After(deadline):
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-r.closed:
			return nil, engine.ErrClosed
		case <-time.After(reconnectPause):
		}
	}
}

// tryBegin begins on a connection that was idle or, with none, on a fresh one.
func (r *readers) tryBegin(ctx context.Context) (c *connection, fresh bool, err error) {
	c = r.pop()
	if c == nil {
		conn, err := r.location.connect(ctx)
		if err != nil {
			return nil, true, err
		}
		c, fresh = newConnection(r.location, conn), true
	}
	if err := c.own("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"); err != nil {
		_ = c.close() // it is of no use
		return nil, fresh, err
	}
	return c, fresh, nil
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
