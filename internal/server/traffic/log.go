// Package traffic remembers the calls that a server answered last, so that whoever looks for what went wrong can see what was
// asked and what was answered. It lives in the memory of the server, is bounded, and takes next to nothing of a call: what
// is known is kept as it came, and only made readable, without its secrets, once somebody looks.
package traffic

import (
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// Kept is how many calls are remembered, the last ones.
const Kept = 1000

// Log is the calls of one server. It is safe for concurrent use.
type Log struct {
	clock onetouch.Clock

	mu      sync.Mutex
	last    int64   // number of the last call
	ring    []*call // that with number n is at n modulo Kept
	changed chan struct{}
}

// NewLog returns a log without calls.
func NewLog(clock onetouch.Clock) *Log { return &Log{clock: clock} }

// add gives a call its number and wakes whoever waits for one.
func (l *Log) add(c *call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last++
	c.ID = l.last
	if at := int(c.ID % Kept); len(l.ring) < Kept {
		l.grow(at)
	}
	l.ring[c.ID%Kept] = c
	if l.changed != nil {
		close(l.changed)
		l.changed = nil
	}
}

// grow makes room for position at, little by little: most servers answer few calls.
func (l *Log) grow(at int) {
	for at >= len(l.ring) {
		l.ring = append(l.ring, nil)
	}
}

// Last is the number of the last call, 0 when there was none.
func (l *Log) Last() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last
}

// Changed returns a channel that is closed when the next call comes in.
func (l *Log) Changed() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.changed == nil {
		l.changed = make(chan struct{})
	}
	return l.changed
}

// Calls are the calls with a greater number than the given one that are still remembered, oldest first.
func (l *Log) Calls(after int64) []Call {
	var calls []Call
	for _, c := range l.kept(after) {
		calls = append(calls, c.readable())
	}
	return calls
}

// kept are the calls as they stand now. They are made readable without the lock, which every call of an API takes: what is
// known of a body is only added to.
func (l *Log) kept(after int64) []call {
	l.mu.Lock()
	defer l.mu.Unlock()
	var calls []call
	for number := max(after, l.last-int64(len(l.ring)), 0) + 1; number <= l.last; number++ {
		if c := l.ring[number%Kept]; c != nil && c.ID == number {
			calls = append(calls, *c)
		}
	}
	return calls
}

// Forget forgets the calls before a time.
func (l *Log) Forget(before time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, c := range l.ring {
		if c != nil && c.At.Before(before) {
			l.ring[i] = nil
		}
	}
}

// Call is the call with a number, if it is still remembered.
func (l *Log) Call(number int64) (c Call, found bool) {
	if number < 1 {
		return Call{}, false
	}
	calls := l.kept(number - 1)
	if len(calls) == 0 || calls[0].ID != number {
		return Call{}, false
	}
	return calls[0].readable(), true
}

// Struck remembers that a fault struck a push or a callback. A nil log remembers nothing.
func (l *Log) Struck(api API, d onetouch.Delivery, fault string) {
	if l == nil {
		return
	}
	c := &call{Call: Call{
		At: l.clock.Now(), API: api, Method: d.Method, Path: d.URL, AppID: d.AppID, DeviceID: d.DeviceID,
		RequestUUID: d.RequestUUID, Fault: fault,
	}}
	if address, err := url.Parse(d.URL); err == nil && d.URL != "" {
		c.Path = address.Redacted()
	}
	if d.URL == "" { // it goes over the event stream of the device
		c.Method, c.Path = http.MethodGet, "/device/v1/events"
	}
	l.add(c)
}
