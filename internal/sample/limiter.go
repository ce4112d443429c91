package sample

import "time"

// Bounds of what somebody may try within limitWindow, so that neither a password can be guessed nor a customer worn down by
// requests on their phone.
const (
	limitWindow  = 15 * time.Minute
	mostFailures = 5
	mostPrompts  = 10
	mostEntries  = 100
	mostCounted  = 10_000 // names that are remembered at once
)

// limiter counts by name. The bank's mutex guards it.
type limiter struct {
	most   int
	window time.Duration
	counts map[string]count
}

type count struct {
	number int
	until  time.Time
}

func newLimiter(most int, window time.Duration) *limiter {
	return &limiter{most: most, window: window, counts: map[string]count{}}
}

// reached reports whether no more is allowed under a name.
func (l *limiter) reached(name string, now time.Time) bool {
	c := l.counts[name]
	return c.number >= l.most && now.Before(c.until)
}

func (l *limiter) add(name string, now time.Time) {
	c := l.counts[name]
	if !now.Before(c.until) {
		c = count{until: now.Add(l.window)}
	}
	c.number++
	if len(l.counts) >= mostCounted {
		l.forgetOld(now)
	}
	l.counts[name] = c
}

func (l *limiter) clear(name string) { delete(l.counts, name) }

// forgetOld makes room. When nothing is old the memory is full of names that somebody makes up: they go.
func (l *limiter) forgetOld(now time.Time) {
	for name, c := range l.counts {
		if !now.Before(c.until) {
			delete(l.counts, name)
		}
	}
	for name := range l.counts {
		if len(l.counts) < mostCounted {
			return
		}
		delete(l.counts, name)
	}
}
