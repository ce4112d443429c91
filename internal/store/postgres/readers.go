package postgres

import (
	"context"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/store/engine"
)

// readers are the connections of views.
type readers struct {
	*engine.Pool[*connection]
	location *location
	closed   <-chan struct{}
}

func newReaders(l *location, closed <-chan struct{}) *readers {
	return &readers{Pool: engine.NewPool(mostReaders(), closed, (*connection).close), location: l, closed: closed}
}

// beginView: all statements of a view see one picture.
const beginView = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

// take returns a connection in a transaction that has begun: one that was lost meanwhile is noticed here. Until the deadline it
// waits for a database that is restarting.
func (r *readers) take(ctx context.Context, deadline time.Time, begin string) (*connection, error) {
	if err := r.Enter(ctx); err != nil {
		return nil, err
	}
	c, err := r.begin(ctx, deadline, begin)
	if err != nil {
		r.Leave()
	}
	return c, err
}

func (r *readers) begin(ctx context.Context, deadline time.Time, begin string) (*connection, error) {
	for {
		c, fresh, err := r.tryBegin(ctx, begin)
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
func (r *readers) tryBegin(ctx context.Context, begin string) (c *connection, fresh bool, err error) {
	c, found := r.Idle()
	if !found {
		conn, err := r.location.connect(ctx)
		if err != nil {
			return nil, true, err
		}
		c = newConnection(r.location, conn)
	}
	if err := c.own(begin); err != nil {
		_ = c.close() // it is of no use
		return nil, !found, err
	}
	return c, !found, nil
}

func (r *readers) put(c *connection) {
	if c.usable() {
		r.Put(c)
		return
	}
	_ = c.close()
	r.Leave()
}
