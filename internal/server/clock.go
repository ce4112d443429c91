package server

import (
	"context"
	"fmt"
	"io"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// seeds are the sources of what is random, by purpose: nil is the ordinary one. What is in the database already counts as
// part of the seed, because identifiers that it holds must not come again.
func seeds(ctx context.Context, store onetouch.Store, seed string) (func(purpose string) io.Reader, error) {
	if seed == "" {
		return func(string) io.Reader { return nil }, nil
	}
	var last int64
	err := store.View(ctx, func(r onetouch.Reader) (err error) {
		last, err = r.LastEvent()
		return err
	})
	return onetouch.Seed(fmt.Sprintf("%s/%d", seed, last)).Reader, err
}

// startClock has the clock show what the database says of it, or stand still where it was told to.
func (s *Server) startClock(ctx context.Context) error {
	if err := s.service.Follow(ctx); err != nil || s.options.FrozenAt.IsZero() {
		return err
	}
	return s.service.StartClock(ctx, s.options.FrozenAt)
}

// watch hears of changes by other processes until ctx ends. Who has read before it could hear looks again.
func (s *Server) watch(ctx context.Context) {
	s.store.Watch(ctx, watchInterval, func() { s.changedElsewhere(ctx, nil) },
		func(topics []string) { s.changedElsewhere(ctx, topics) })
}

// changedElsewhere is called when another process has changed the database, with what that was about; nil is anything, such as
// the clock. One call comes after the other.
func (s *Server) changedElsewhere(ctx context.Context, topics []string) {
	if topics == nil || s.behind {
		err := s.service.Follow(ctx)
		if s.behind = err != nil; s.behind && ctx.Err() == nil {
			s.log.Error("what another process has changed cannot be read", "error", err)
		}
	}
	if topics == nil {
		s.signals.WakeAll()
		return
	}
	woken := make([]onetouch.Topic, len(topics))
	for i, topic := range topics {
		if woken[i] = onetouch.Topic(topic); woken[i] == onetouch.TopicDue {
			woken[i] = onetouch.TopicDueElsewhere
		}
	}
	s.signals.Wake(woken...)
}
