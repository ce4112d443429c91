package tui

import "time"

// serverClock shows the time by the server's clock, which may be ahead, behind, or stopped on purpose.
type serverClock struct {
	server, local time.Time // what the two clocks showed at the same moment
	stopped       bool
}

// observe takes a reading of the server's clock.
func (c *serverClock) observe(server, local time.Time) {
	c.stopped = !c.server.IsZero() && c.server.Equal(server) && local.After(c.local)
	c.server, c.local = server, local
}

// at is what the server's clock shows when this machine's shows local.
func (c serverClock) at(local time.Time) time.Time {
	switch {
	case c.server.IsZero():
		return local
	case c.stopped:
		return c.server
	}
	return c.server.Add(local.Sub(c.local))
}
