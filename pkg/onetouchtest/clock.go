package onetouchtest

import (
	"context"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// Clock is the server's clock. It goes as the machine's does, and can be moved: what expires, is retried or is answered
// after a while follows it. A [github.com/onetouchkit/onetouch/pkg/callback.Verifier] follows it with Now: srv.Clock.Now.
type Clock struct {
	t       testing.TB
	service *onetouch.Service
}

// Now is the time at the server.
func (c *Clock) Now() time.Time { return c.service.Clock().Now() }

// Advance moves the clock forward. It panics when d is below 0: no server's clock goes back.
func (c *Clock) Advance(d time.Duration) {
	c.t.Helper()
	switch {
	case d < 0:
		panic("onetouchtest: Clock.Advance(" + d.String() + "): the clock of a server does not go back")
	case d == 0:
		return
	}
	if err := c.service.AdvanceClock(context.WithoutCancel(c.t.Context()), d); err != nil {
		c.t.Errorf("onetouchtest: moving the clock by %s: %v", d, err)
	}
}
