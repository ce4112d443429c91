package onetouch

import (
	"context"
	"sync"
	"sync/atomic"
)

// followed is how far a service has followed what its store says, whichever process has written it.
type followed struct {
	mu     sync.Mutex // held from the reading to what follows from it: of two readings the later one counts
	begun  bool
	newest int64 // number of the newest event at the last reading
	// contents counts how often all that is in the store was replaced, by a reset or by a snapshot.
	contents atomic.Int64
}

// Follow takes over what the store says of the clock and, when all that is in it was replaced, forgets what it had. The first
// time there is nothing to forget.
func (s *Service) Follow(ctx context.Context) error { return s.follow(ctx, false) }

// follow is Follow; replaced says that all was replaced just now.
func (s *Service) follow(ctx context.Context, replaced bool) error {
	s.followed.mu.Lock()
	defer s.followed.mu.Unlock()
	if replaced {
		s.forget()
	}
	var setting ClockSetting
	var newest int64
	var replacements []Event
	err := s.store.Glance(ctx, func(r Reader) (err error) {
		if setting, err = r.ClockSetting(); err != nil {
			return err
		}
		if newest, err = r.LastEvent(); err != nil || !s.followed.begun || replaced || newest == s.followed.newest {
			return err
		}
		replacements, err = r.Events(EventFilter{
			After: s.followed.newest, Types: []EventType{EventReset, EventRestored}, Limit: 1,
		})
		return err
	})
	if err != nil {
		return err
	}
	if clock, is := s.clock.(*SteeredClock); is {
		clock.Steer(setting)
	}
	s.followed.begun, s.followed.newest = true, newest
	if len(replacements) > 0 {
		s.forget()
	}
	return nil
}

// forget forgets what is remembered of a store whose contents are others now.
func (s *Service) forget() {
	s.followed.contents.Add(1)
	s.recent.forget()
	s.apiCalls.forget()
}
