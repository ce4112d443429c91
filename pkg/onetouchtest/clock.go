package onetouchtest

import (
	"sync"
	"time"
)

// Clock is the server's clock. It goes as the machine's does, and can be moved: what expires, is retried or is answered
// after a while follows it. A [github.com/onetouchkit/onetouch/pkg/callback.Verifier] follows it with Now: srv.Clock.Now.
type Clock struct{ clock *clock }

func newClock() *Clock { return &Clock{clock: &clock{waiting: map[chan struct{}]alarm{}}} }

// Now is the time at the server.
func (c *Clock) Now() time.Time { return c.clock.Now() }

// Advance moves the clock forward. It panics when d is below 0: no server's clock goes back.
func (c *Clock) Advance(d time.Duration) { c.clock.advance(d) }

// clock is the machine's clock, moved.
type clock struct {
	mu      sync.Mutex
	ahead   time.Duration
	waiting map[chan struct{}]alarm
}

// alarm is a time that somebody waits for.
type alarm struct {
	at    time.Time
	timer *time.Timer
}

// Now is the time in whole microseconds, which is what a store keeps.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

func (c *clock) now() time.Time { return time.Now().UTC().Add(c.ahead).Truncate(time.Microsecond) }

// At waits for a time.
func (c *clock) At(t time.Time) (<-chan struct{}, func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	reached := make(chan struct{})
	if t.IsZero() {
		return reached, func() {}
	}
	c.waiting[reached] = alarm{at: t, timer: time.AfterFunc(t.Sub(c.now()), func() { c.ring(reached) })}
	return reached, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if a, waits := c.waiting[reached]; waits {
			a.timer.Stop()
			delete(c.waiting, reached)
		}
	}
}

// ring wakes one who waits, unless it is too early: the time in whole microseconds may be a little behind the timer's.
func (c *clock) ring(reached chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a, waits := c.waiting[reached]
	if !waits {
		return
	}
	if left := a.at.Sub(c.now()); left > 0 {
		a.timer.Reset(left)
		return
	}
	close(reached)
	delete(c.waiting, reached)
}

func (c *clock) advance(d time.Duration) {
	if d < 0 {
		panic("onetouchtest: Clock.Advance(" + d.String() + "): the clock of a server does not go back")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
	for _, a := range c.waiting {
		a.timer.Reset(max(0, a.at.Sub(c.now())))
	}
}
