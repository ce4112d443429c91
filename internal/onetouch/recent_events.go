package onetouch

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// recentEvents are the last events of the log, which one reads for all who follow it: an event is read once, however many wait
// for it.
type recentEvents struct {
	reading sync.Mutex
	current atomic.Pointer[knownEvents]
}

// knownEvents are all events after a number. Since they were all when changed was taken, they are while it is open.
type knownEvents struct {
	changed  <-chan struct{}
	readAt   time.Time
	contents int64 // of the store; see followed
	after    int64
	events   []Event // which are shared, and never changed
}

// Bounds of the memory that is used, and of the time for which a signal that was lost goes unnoticed.
const (
	mostKnownEvents = 2000
	knownFor        = time.Second
)

func (k *knownEvents) last() int64 {
	if len(k.events) == 0 {
		return k.after
	}
	return k.events[len(k.events)-1].Sequence
}

// EventsChanged is [Service.Changed] of the event log, for one of many who follow it.
func (s *Service) EventsChanged() <-chan struct{} {
	if known := s.recentEvents.current.Load(); known != nil {
		return known.changed // if it is closed, there may be more
	}
	return s.Changed(TopicEvents)
}

// FollowedEvents is [Service.Events] for one of many who follow the log: those that wait for the same events share a reading of
// the store. seen is the number up to which it has looked, whatever the filter leaves out there. The events are shared: nobody
// changes them.
func (s *Service) FollowedEvents(ctx context.Context, f EventFilter) (events []Event, seen int64, err error) {
	known, err := s.recentEvents.get(ctx, s)
	if err != nil {
		return nil, 0, err
	}
	seen = known.last()
	if f.After >= known.after {
		events = known.choose(f)
	} else if events, err = s.Events(ctx, f); err != nil {
		return nil, 0, err
	}
	switch {
	case f.Limit > 0 && len(events) == f.Limit:
		seen = events[len(events)-1].Sequence
	case len(events) > 0:
		seen = max(seen, events[len(events)-1].Sequence)
	}
	return events, max(f.After, seen), nil
}

// choose are the events that a filter chooses of those that are known, as a store would choose them.
func (k *knownEvents) choose(f EventFilter) []Event {
	first, _ := slices.BinarySearchFunc(k.events, f.After+1, func(e Event, number int64) int { return int(e.Sequence - number) })
	later := k.events[first:]
	if !f.Selective() {
		if f.Limit > 0 && len(later) > f.Limit {
			later = later[:f.Limit]
		}
		return later
	}
	var chosen []Event
	for _, e := range later {
		if f.Limit > 0 && len(chosen) == f.Limit {
			break
		}
		if f.chooses(e) {
			chosen = append(chosen, e)
		}
	}
	return chosen
}

// chooses reports whether the filter chooses an event after its number. A store knows the same rule: a test compares them.
func (f EventFilter) chooses(e Event) bool {
	return (f.AppID == "" || e.AppID == "" || e.AppID == f.AppID) &&
		(f.AuthyID == 0 || e.AuthyID == f.AuthyID) &&
		(f.RequestUUID == "" || e.RequestUUID == f.RequestUUID) &&
		(len(f.Types) == 0 || slices.Contains(f.Types, e.Type))
}

// get returns what is known, read anew if there may be more.
func (r *recentEvents) get(ctx context.Context, s *Service) (*knownEvents, error) {
	if known := r.current.Load(); known.holds(s) {
		return known, nil
	}
	r.reading.Lock()
	defer r.reading.Unlock()
	known := r.current.Load()
	if known.holds(s) { // somebody has read for us
		return known, nil
	}
	fresh := &knownEvents{
		changed: s.signals.Changed(TopicEvents), readAt: time.Now(), contents: s.followed.contents.Load(),
	}
	err := s.store.View(ctx, func(reader Reader) error { return fresh.read(reader, known) })
	if err != nil {
		return nil, err
	}
	r.current.Store(fresh)
	return fresh, nil
}

func (k *knownEvents) holds(s *Service) bool {
	if k == nil || time.Since(k.readAt) > knownFor || k.contents != s.followed.contents.Load() {
		return false
	}
	select {
	case <-k.changed:
		return false
	default:
		return true
	}
}

// read goes on where another reading has ended, if the log still has the last event of that.
func (k *knownEvents) read(r Reader, before *knownEvents) error {
	if before != nil && before.contents == k.contents && len(before.events) > 0 {
		last := before.events[len(before.events)-1]
		later, err := r.Events(EventFilter{After: last.Sequence - 1, Limit: mostKnownEvents})
		if err != nil {
			return err
		}
		if len(later) > 0 && len(later) < mostKnownEvents && later[0] == last {
			k.after, k.events = before.after, before.events
			k.events = append(k.events, later[1:]...) // behind what others have of the same memory
			k.forgetOldest()
			return nil
		}
	}
	newest, err := r.LastEvent()
	if err != nil || newest == 0 {
		return err
	}
	k.after = newest - 1
	k.events, err = r.Events(EventFilter{After: k.after, Limit: 1})
	return err
}

// forgetOldest keeps what those need who are a little behind.
func (k *knownEvents) forgetOldest() {
	if len(k.events) <= mostKnownEvents {
		return
	}
	oldest := len(k.events) - mostKnownEvents/2
	k.after = k.events[oldest-1].Sequence
	k.events = slices.Clone(k.events[oldest:])
}
