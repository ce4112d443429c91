package onetouch

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Retention is how long what has ended is kept. Within these bounds nothing that still runs is in its way, and a time is a time.
const (
	ShortestRetention = time.Minute
	LongestRetention  = 36500 * 24 * time.Hour
)

// HistoryKind is a kind of record that there are ever more of.
type HistoryKind int

// Kinds of history, each before those that it refers to.
const (
	HistoryRequests      HistoryKind = iota // approval requests with answer, deliveries and events
	HistoryDeliveries                       // those that are about no request, with their messages
	HistoryEvents                           // those that are about no request
	HistoryPasswords                        // one-time passwords
	HistoryVerifications                    // of phone numbers
	HistoryActivities                       // that backends have reported of users
)

func historyKinds() []HistoryKind {
	return []HistoryKind{
		HistoryRequests, HistoryDeliveries, HistoryEvents, HistoryPasswords, HistoryVerifications, HistoryActivities,
	}
}

// HistoryFilter chooses records of one kind by their numbers: those, or the first ones after a number.
type HistoryFilter struct {
	Numbers []int64
	After   int64
	Limit   int
}

// Past is what there is to know of a record before it is removed.
type Past struct {
	Number int64
	UUID   string    // of an approval request
	Began  time.Time // numbers grow with it, unless somebody has put the clock back
	Latest time.Time // when something happened about it last
	// Open says that something is to happen yet: the request is pending or a delivery is owed. It is also set while another
	// record refers to it, with which it goes.
	Open bool
}

// over reports whether nothing has happened since a time, and nothing will.
func (p Past) over(since time.Time) bool { return !p.Open && p.Latest.Before(since) }

// Removed counts what was removed because it was old.
type Removed struct {
	Requests      int // approval requests, challenges of the Verify API among them
	Deliveries    int // with their attempts and messages
	Events        int
	Passwords     int
	Verifications int
	Activities    int
}

// Add adds what else was removed.
func (r *Removed) Add(more Removed) {
	r.Requests += more.Requests
	r.Deliveries += more.Deliveries
	r.Events += more.Events
	r.Passwords += more.Passwords
	r.Verifications += more.Verifications
	r.Activities += more.Activities
}

// Bounds of the work: what is looked at in one view, and what is removed in one change, which others wait for.
const (
	historyPage   = 500
	historyChange = 20
)

// RemoveOld removes what has ended before a time: approval requests about which nothing has happened since, with all that was
// about them, and what else there would be ever more of. What is pending, or owed, stays. Others write meanwhile: it takes many
// small changes, and rests after each for as long as that took. What it says counts also when it fails on the way.
func (s *Service) RemoveOld(ctx context.Context, before time.Time) (Removed, error) {
	s.recent.forgetOld(before)
	work := removal{service: s, before: before}
	for _, kind := range historyKinds() {
		if err := work.removeKind(ctx, kind); err != nil {
			return work.removed, err
		}
	}
	return work.removed, nil
}

// removal is one walk through all histories.
type removal struct {
	service *Service
	before  time.Time
	told    bool // whether an event has told of it
	removed Removed
}

// removeKind walks from the oldest record to the first page of which none is old.
func (w *removal) removeKind(ctx context.Context, kind HistoryKind) error {
	f := HistoryFilter{Limit: historyPage}
	for {
		page, err := view(ctx, w.service, func(r Reader) ([]Past, error) { return r.History(kind, f) })
		if err != nil || len(page) == 0 {
			return err
		}
		f.After = page[len(page)-1].Number
		isYoung := !slices.ContainsFunc(page, func(p Past) bool { return p.Began.Before(w.before) })
		for some := range slices.Chunk(w.over(page), historyChange) {
			if err := w.remove(ctx, kind, some); err != nil {
				return err
			}
		}
		if isYoung || len(page) < f.Limit {
			return nil
		}
	}
}

func (w *removal) over(page []Past) []Past {
	return slices.DeleteFunc(page, func(p Past) bool { return !p.over(w.before) })
}

// remove removes records in one change, but for those about which something has happened since they were read. The first change
// says so in the log, so that whoever comes back with the number of an older event hears of it.
func (w *removal) remove(ctx context.Context, kind HistoryKind, some []Past) error {
	var removed Removed
	began := time.Now()
	err := w.service.change(ctx, func(c *change) error {
		removed = Removed{}
		again, err := c.History(kind, HistoryFilter{Numbers: numbersOf(some)})
		if err != nil {
			return err
		}
		if some = w.over(again); len(some) == 0 {
			return nil
		}
		if !w.told {
			note := fmt.Sprintf("what has ended before %s", w.before.UTC().Format(time.RFC3339))
			if err := c.happened(Event{Type: EventHistoryRemoved, Note: note}); err != nil {
				return err
			}
		}
		if kind == HistoryRequests {
			c.elsewhere = append(c.elsewhere, TopicHistory)
		}
		removed, err = c.RemoveHistory(kind, numbersOf(some))
		return err
	})
	if err != nil {
		return err
	}
	w.told = w.told || removed != Removed{}
	w.removed.Add(removed)
	for _, past := range some {
		w.service.recent.remove(past.UUID)
	}
	return rest(ctx, time.Since(began))
}

func numbersOf(some []Past) []int64 {
	numbers := make([]int64, len(some))
	for i, past := range some {
		numbers[i] = past.Number
	}
	return numbers
}

// rest waits, by the machine's time.
func rest(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// RunRetention removes what is older than keep, time and again until ctx ends. It tells after each look what was removed, and
// before which time it had ended. It returns early only with the store's error.
func (s *Service) RunRetention(ctx context.Context, keep time.Duration, told func(before time.Time, r Removed)) error {
	for ctx.Err() == nil {
		now := s.clock.Now()
		before := now.Add(-keep)
		removed, err := s.RemoveOld(ctx, before)
		told(before, removed)
		switch {
		case ctx.Err() != nil:
			return nil //nolint:nilerr // whoever ends it has it ended, in the middle of a look too
		case err != nil:
			return err
		}
		reached, stop := s.clock.At(now.Add(retentionInterval(keep)))
		select {
		case <-ctx.Done():
		case <-reached:
		}
		stop()
	}
	return nil
}

// retentionInterval is how long it takes from one look to the next: what is kept for long need not go on the minute.
func retentionInterval(keep time.Duration) time.Duration { return min(keep/10, time.Hour) }
