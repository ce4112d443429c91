package onetouch

import (
	"context"
	"crypto/rand"
	"io"
	"sync/atomic"
	"time"
)

// Service holds the rules. It is safe for concurrent use.
type Service struct {
	store   Store
	clock   Clock
	signals *Signals
	identifiers
	participants participants
	// registrationLife is how long a registration token can be used.
	registrationLife time.Duration
	// nextExpiry is when [Service.RunExpiry] looks again, in Unix nanoseconds; 0 is not known.
	nextExpiry atomic.Int64
}

// Options are the service's surroundings. Zero fields take the ordinary ones.
type Options struct {
	Clock            Clock         // the machine's
	Random           io.Reader     // crypto/rand; any other must be safe for concurrent use
	Signals          *Signals      // one of its own
	RegistrationLife time.Duration // [DefaultRegistrationLife]
}

// NewService returns the rules over a store.
func NewService(store Store, o Options) *Service {
	s := &Service{
		store: store, clock: o.Clock, signals: o.Signals, identifiers: identifiers{random: o.Random},
		registrationLife: o.RegistrationLife,
	}
	if s.clock == nil {
		s.clock = SystemClock{}
	}
	if s.random == nil {
		s.random = rand.Reader
	}
	if s.signals == nil {
		s.signals = &Signals{}
	}
	if s.registrationLife == 0 {
		s.registrationLife = DefaultRegistrationLife
	}
	return s
}

// Clock is the clock the rules follow.
func (s *Service) Clock() Clock { return s.clock }

// Changed returns a channel that is closed at the next committed change of the topic; see [Signals.Changed].
func (s *Service) Changed(topic Topic) <-chan struct{} { return s.signals.Changed(topic) }

// view reads one thing.
func view[T any](ctx context.Context, s *Service, read func(Reader) (T, error)) (T, error) {
	var result T
	err := s.store.View(ctx, func(r Reader) (err error) {
		result, err = read(r)
		return err
	})
	return result, err
}

// change is one transaction: what it changes, what happened and what is owed are committed together, and those who
// wait are woken after that.
type change struct {
	Transaction
	now    time.Time
	topics []Topic
}

func (s *Service) change(ctx context.Context, work func(*change) error) error {
	var c *change
	err := s.store.Update(ctx, func(tx Transaction) error {
		c = &change{Transaction: tx, now: s.clock.Now()}
		return work(c)
	})
	if err != nil {
		return err
	}
	s.signals.Wake(c.topics...)
	return nil
}

func (c *change) wake(topic Topic) { c.topics = append(c.topics, topic) }

// happened writes an event.
func (c *change) happened(e Event) error {
	e.At = c.now
	c.wake(TopicEvents)
	return c.InsertEvent(&e)
}

// owe writes a delivery that is due now: by the worker when it has a URL, else on the stream of its device.
func (c *change) owe(d Delivery, device Device) error {
	d.State, d.CreatedAt = DeliveryPending, c.now
	if d.URL == "" {
		c.wake(TopicDevice(device.UUID))
		return c.InsertDelivery(&d)
	}
	d.NextAttemptAt = c.now
	c.wake(TopicDeliveries)
	c.wake(TopicDue)
	return c.InsertDelivery(&d)
}
