package device

import (
	"net/http"
	"sync"
	"time"
)

// clock is the server's, as far as it is known.
type clock struct {
	mu    sync.Mutex
	ahead time.Duration // of this machine's
}

// at is the server's time at a time of this machine's clock.
func (c *clock) at(here time.Time) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return here.Add(c.ahead)
}

func (c *clock) now() time.Time { return c.at(time.Now()) }

// set goes by the server's time, which it tells in whole seconds, as it was at a time of this machine's clock.
func (c *clock) set(server, here time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead = 0
	if !here.UTC().Truncate(time.Second).Equal(server) {
		c.ahead = server.Add(time.Second / 2).Sub(here)
	}
}

// setByDate goes by the time that an answer tells, if it tells one.
func (c *clock) setByDate(response *http.Response) bool {
	date, err := http.ParseTime(response.Header.Get("Date"))
	if err != nil {
		return false
	}
	c.set(date, time.Now())
	return true
}
