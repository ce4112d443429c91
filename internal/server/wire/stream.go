package wire

import (
	"context"
	"time"
)

// Stream keeps one answer open, to which more is written as it comes.
type Stream struct {
	Heartbeat time.Duration   // how often something is written when nothing comes
	Stopping  <-chan struct{} // closed when the server stops
	// Changed closes the channel that it returns once there may be more. It is taken before Send looks, so that what comes
	// in between is not missed.
	Changed func() <-chan struct{}
	Send    func() (more bool) // writes all that is there, and reports whether the stream goes on
	Beat    func() error
}

// Run sends what there is and then what comes, until the reader leaves, the server stops or Send says so.
func (s Stream) Run(ctx context.Context) {
	heartbeat := time.NewTicker(s.Heartbeat)
	defer heartbeat.Stop()
	for {
		changed := s.Changed()
		if !s.Send() {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-s.Stopping:
			return
		case <-changed:
		case <-heartbeat.C:
			if s.Beat() != nil {
				return
			}
		}
	}
}
