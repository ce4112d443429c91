package onetouch

import (
	"sync"
	"time"
)

// Clock is the port to time. Expiry, nonces and retries follow it, so a clock that is moved by hand moves them all.
type Clock interface {
	// Now is the current time.
	Now() time.Time
	// At returns a channel that is closed when the clock shows t or later, and a function that gives up waiting.
	// A zero t never comes.
	At(t time.Time) (reached <-chan struct{}, stop func())
}

// SystemClock is the machine's own clock, in UTC.
type SystemClock struct{}

// Now is the machine's time in whole microseconds, which is what a store keeps: a record is the same before and after.
func (SystemClock) Now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// At waits on the machine's clock.
func (SystemClock) At(t time.Time) (<-chan struct{}, func()) {
	reached := make(chan struct{})
	if t.IsZero() {
		return reached, func() {}
	}
	timer := time.AfterFunc(time.Until(t), func() { close(reached) })
	return reached, func() { timer.Stop() }
}

// ManualClock stands still until it is moved. It is safe for concurrent use.
type ManualClock struct {
	mu      sync.Mutex
	now     time.Time
	waiting map[chan struct{}]time.Time
}

// NewManualClock returns a clock that shows t.
func NewManualClock(t time.Time) *ManualClock {
	return &ManualClock{now: t.UTC(), waiting: map[chan struct{}]time.Time{}}
}

// Now is the time the clock was last set to.
func (c *ManualClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock forward and wakes whoever waited for a time it has reached.
func (c *ManualClock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	for reached, t := range c.waiting {
		if !t.After(c.now) {
			close(reached)
			delete(c.waiting, reached)
		}
	}
}

// At waits until the clock has been moved to t.
func (c *ManualClock) At(t time.Time) (<-chan struct{}, func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	reached := make(chan struct{})
	if t.IsZero() {
		return reached, func() {}
	}
	if !t.After(c.now) {
		close(reached)
		return reached, func() {}
	}
	c.waiting[reached] = t
	return reached, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.waiting, reached)
	}
}
