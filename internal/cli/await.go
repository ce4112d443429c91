package cli

import (
	"context"
	"errors"
	"time"

	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

// Ends of a wait.
var (
	errSeen   = errors.New("what was waited for is there")
	errTimeUp = errors.New("the time is over")
)

// within is a context that ends after a timeout; 0 is none.
func within(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	if timeout <= 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, timeout)
}

// until calls look when the stream of events stands, so that nothing falls in between, and at each event that matters,
// until look reports that what is waited for is there. A timeout of 0 waits for ever; [errTimeUp] says that it is over.
func (c *Connection) until(
	ctx context.Context, timeout time.Duration, matters func(controlapi.Event) bool, look func(context.Context) (bool, error),
) error {
	waiting, cancel := within(ctx, timeout)
	defer cancel()
	err := c.listen(waiting, matters, look)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return errTimeUp
	}
	return err
}

func (c *Connection) listen(
	ctx context.Context, matters func(controlapi.Event) bool, look func(context.Context) (bool, error),
) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	lookAgain := func() error {
		seen, err := look(ctx)
		if err == nil && seen {
			err = errSeen
		}
		return err
	}
	err := c.Control.Follow(ctx, controlapi.FromNow, func() {
		if err := lookAgain(); err != nil {
			cancel(err)
		}
	}, func(event controlapi.Event) error {
		if !matters(event) {
			return nil
		}
		return lookAgain()
	})
	if cause := context.Cause(ctx); cause != nil { // an event may still come after what was waited for
		err = cause
	}
	if errors.Is(err, errSeen) {
		return nil
	}
	return err
}
