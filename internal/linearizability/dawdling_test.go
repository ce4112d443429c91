package linearizability_test

import (
	"context"
	"math/rand/v2"
	"runtime"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// dawdling is a store that lets others go first, before and after each transaction and within, so that what can come in
// between does.
type dawdling struct{ onetouch.Store }

// dawdlingClock is a clock that does so.
type dawdlingClock struct{ *onetouch.ManualClock }

func dawdle() {
	if rand.IntN(3) > 0 {
		return
	}
	for range rand.IntN(40) {
		runtime.Gosched()
	}
}

func (d dawdling) View(ctx context.Context, read func(onetouch.Reader) error) error {
	dawdle()
	defer dawdle()
	return d.Store.View(ctx, read)
}

func (d dawdling) Glance(ctx context.Context, read func(onetouch.Reader) error) error {
	dawdle()
	defer dawdle()
	return d.Store.Glance(ctx, read)
}

func (d dawdling) Update(ctx context.Context, change func(onetouch.Transaction) error) error {
	dawdle()
	defer dawdle()
	return d.Store.Update(ctx, func(tx onetouch.Transaction) error {
		err := change(tx)
		dawdle()
		return err
	})
}

// Now lets others go first before somebody acts on it.
func (d dawdlingClock) Now() time.Time {
	defer dawdle()
	return d.ManualClock.Now()
}
