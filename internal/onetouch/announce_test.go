package onetouch_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// announcing is a store that keeps what the latest change was about; nil is anything.
type announcing struct {
	onetouch.Store
	about []onetouch.Topic
	hears *onetouch.Signals // of another process
}

type announcingTransaction struct {
	onetouch.Transaction
	store *announcing
}

func (s *announcing) Update(ctx context.Context, change func(onetouch.Transaction) error) error {
	s.about = nil
	err := s.Store.Update(ctx, func(tx onetouch.Transaction) error { return change(announcingTransaction{tx, s}) })
	if err == nil && s.hears != nil {
		s.hears.Wake(s.about...)
	}
	return err
}

func (t announcingTransaction) Announce(topics []onetouch.Topic) {
	t.store.about = append([]onetouch.Topic{}, topics...)
}

// Other processes wake those who wait for what a change is about, and nobody else.
func TestWhatChangesAreAbout(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	store := &announcing{Store: w.store.Store}
	w.Service = onetouch.NewService(store, onetouch.Options{Clock: onetouch.NewSteeredClock(onetouch.ClockSetting{})})
	ada := w.addUser("202-555-0158")
	p := w.register(ada)
	for _, test := range []struct {
		name   string
		change func() error
		want   []onetouch.Topic // nil: anything
	}{
		{"a request", func() error { w.ask(ada, lasting(60)); return nil },
			[]onetouch.Topic{onetouch.TopicDevice(p.UUID), onetouch.TopicEvents, onetouch.TopicExpiry}},
		{"a request without an end", func() error { w.ask(ada, lasting(0)); return nil },
			[]onetouch.Topic{onetouch.TopicDevice(p.UUID), onetouch.TopicEvents}},
		{"counts of calls", func() error {
			if err := w.CountAPICall(w.app); err != nil {
				return err
			}
			return w.FlushAPICalls(t.Context())
		}, []onetouch.Topic{}},
		{"clock", func() error { return w.AdvanceClock(t.Context(), time.Hour) }, nil},
	} {
		if err := test.change(); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		slices.Sort(store.about)
		w.same(test.name, slices.Compact(store.about), test.want)
	}
}
