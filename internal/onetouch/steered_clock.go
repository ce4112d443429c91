package onetouch

import (
	"sync"
	"sync/atomic"
	"time"
)

// ClockSetting says how a clock differs from the machine's. The zero value is the machine's own time.
type ClockSetting struct {
	// FrozenAt is what the clock shows while it stands still; zero while it runs.
	FrozenAt time.Time
	// Ahead is how far a running clock is before the machine's; negative when it is behind.
	Ahead time.Duration
}

// at is what the clock shows when the machine's shows machine.
func (s ClockSetting) at(machine time.Time) time.Time {
	if !s.FrozenAt.IsZero() {
		return s.FrozenAt
	}
	return machine.Add(s.Ahead)
}

// SteeredClock is the machine's clock until it is frozen or moved. Whoever waits for a time is woken when the clock is moved
// past it. It is safe for concurrent use.
type SteeredClock struct {
	machine SystemClock
	setting atomic.Pointer[ClockSetting]

	mu      sync.Mutex
	waiting map[*steeredWait]bool
}

// steeredWait is one wait for a time.
type steeredWait struct {
	until   time.Time
	reached chan struct{}
	timer   *time.Timer // nil while the clock stands still
}

// NewSteeredClock returns a clock with a setting.
func NewSteeredClock(s ClockSetting) *SteeredClock {
	c := &SteeredClock{waiting: map[*steeredWait]bool{}}
	c.setting.Store(&s)
	return c
}

// Setting is how the clock differs from the machine's.
func (c *SteeredClock) Setting() ClockSetting { return *c.setting.Load() }

// Now is what the clock shows.
func (c *SteeredClock) Now() time.Time { return c.setting.Load().at(c.machine.Now()) }

// Steer changes the clock.
func (c *SteeredClock) Steer(s ClockSetting) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s == c.Setting() {
		return
	}
	c.setting.Store(&s)
	for w := range c.waiting {
		c.arm(w)
	}
}

// At waits until the clock shows t.
func (c *SteeredClock) At(t time.Time) (<-chan struct{}, func()) {
	w := &steeredWait{until: t, reached: make(chan struct{})}
	if t.IsZero() {
		return w.reached, func() {}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting[w] = true
	c.arm(w)
	return w.reached, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.forget(w)
	}
}

// arm has a wait end when its time has come by the present setting.
func (c *SteeredClock) arm(w *steeredWait) {
	if w.timer != nil {
		w.timer.Stop()
		w.timer = nil
	}
	left := w.until.Sub(c.Now())
	switch {
	case left <= 0:
		close(w.reached)
		c.forget(w)
	case c.Setting().FrozenAt.IsZero():
		w.timer = time.AfterFunc(left, func() { c.ring(w) })
	}
}

// ring is called by the timer of a wait. The clock may have been changed just before: then the wait goes on.
func (c *SteeredClock) ring(w *steeredWait) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.waiting[w] {
		c.arm(w)
	}
}

func (c *SteeredClock) forget(w *steeredWait) {
	if w.timer != nil {
		w.timer.Stop()
	}
	delete(c.waiting, w)
}
