package sqlite

import (
	"context"

	"github.com/onetouchkit/onetouch/internal/store/engine"
)

// readers are the connections of views.
type readers struct {
	*engine.Pool[*connection]
	open func() (*connection, error)
}

func newReaders(most int, closed <-chan struct{}, open func() (*connection, error)) *readers {
	return &readers{Pool: engine.NewPool(most, closed, (*connection).close), open: open}
}

func (r *readers) take(ctx context.Context) (*connection, error) {
	if err := r.Enter(ctx); err != nil {
		return nil, err
	}
	if c, found := r.Idle(); found {
		return c, nil
	}
	c, err := r.open()
	if err != nil {
		r.Leave()
	}
	return c, err
}
