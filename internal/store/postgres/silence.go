package postgres

import (
	"net"
	"time"
)

// A connection whose other end has gone without a word, as a machine without power has, is given up after some seconds by both
// ends: by the database, so that it lets go of what a server had locked, and by a server, so that it looks for the database
// where it is now. The system alone would wait for a quarter of an hour, and for ever where nothing is being sent.
const (
	silentBefore   = 3 // seconds, before the other end is asked whether it is there
	silentBetween  = 1 // seconds
	silentQuestion = 3 // how many
	silence        = (silentBefore + silentBetween*silentQuestion) * time.Second
)

// dialer opens connections that notice silence.
func dialer() *net.Dialer {
	return &net.Dialer{
		KeepAliveConfig: net.KeepAliveConfig{
			Enable: true, Idle: silentBefore * time.Second, Interval: silentBetween * time.Second, Count: silentQuestion,
		},
		Control: boundSilence,
	}
}
