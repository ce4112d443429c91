package onetouch

import (
	"context"
	"crypto/rand"
	"io"
	"slices"
	"sync/atomic"
	"time"
)

// Service holds the rules. It is safe for concurrent use.
type Service struct {
	store     Store
	clock     Clock
	signals   *Signals
	numbering Numbering
	identifiers
	jitter       identifiers
	accounts     identifiers
	participants participants
	recent       recentRequests
	recentEvents recentEvents
	// registrationLife is how long a registration token can be used.
	registrationLife time.Duration
	// nextExpiry is when [Service.RunExpiry] looks again, in Unix nanoseconds; 0 is not known.
	nextExpiry atomic.Int64
	apiCalls   *apiCalls
	followed   followed
}

// Options are the service's surroundings. Zero fields take the ordinary ones.
type Options struct {
	Clock            Clock         // the machine's
	Random           io.Reader     // crypto/rand; any other must be safe for concurrent use
	Jitter           io.Reader     // what retries draw from, at their own times; crypto/rand
	Accounts         io.Reader     // what the account's auth token is made from; crypto/rand
	Signals          *Signals      // one of its own
	RegistrationLife time.Duration // [DefaultRegistrationLife]
	Numbering        Numbering     // plans that have every number
}

// NewService returns the rules over a store.
func NewService(store Store, o Options) *Service {
	s := &Service{
		store: store, clock: o.Clock, signals: o.Signals, identifiers: identifiers{random: o.Random},
		jitter:           identifiers{random: o.Jitter},
		registrationLife: o.RegistrationLife, numbering: o.Numbering, apiCalls: newAPICalls(),
	}
	if s.clock == nil {
		s.clock = SystemClock{}
	}
	if s.random == nil {
		s.random = rand.Reader
	}
	if s.accounts.random = o.Accounts; s.accounts.random == nil {
		s.accounts.random = rand.Reader
	}
	if s.jitter.random == nil {
		s.jitter.random = s.random
	}
	if s.signals == nil {
		s.signals = &Signals{}
	}
	s.recent.signals = s.signals
	if s.registrationLife == 0 {
		s.registrationLife = DefaultRegistrationLife
	}
	if s.numbering == nil {
		s.numbering = anyNumbering{}
	}
	return s
}

// Clock is the clock the rules follow.
func (s *Service) Clock() Clock { return s.clock }

// machineClock is the clock that nobody steers.
func (s *Service) machineClock() Clock {
	if steered, is := s.clock.(*SteeredClock); is {
		return steered.machine
	}
	return s.clock
}

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

// glance reads a few records, of which a change is likely to have written some just now.
func glance[T any](ctx context.Context, s *Service, read func(Reader) (T, error)) (T, error) {
	var result T
	err := s.store.Glance(ctx, func(r Reader) (err error) {
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
	// elsewhere are topics that other processes are woken by, and this one only if it has to be.
	elsewhere []Topic
	// followed says that other processes have to [Service.Follow], and that all who wait there are woken.
	followed bool
}

func (c *change) announce() {
	switch {
	case c.followed:
	case len(c.elsewhere) == 0:
		c.Announce(c.topics)
	default:
		c.Announce(slices.Concat(c.topics, c.elsewhere))
	}
}

func (s *Service) change(ctx context.Context, work func(*change) error) error {
	var c *change
	err := s.store.Update(ctx, func(tx Transaction) error {
		c = &change{Transaction: tx, now: s.clock.Now()}
		if err := work(c); err != nil {
			return err
		}
		c.announce()
		return nil
	})
	if err != nil {
		return err
	}
	s.signals.Wake(c.topics...)
	return nil
}

// changeOrRefuse is a change that may end in a refusal which is itself part of what happened: a wrong code is counted, and an
// event tells of it. Such a refusal is committed with everything else; an error takes everything back.
func (s *Service) changeOrRefuse(ctx context.Context, work func(*change) (refusal *Error, err error)) error {
	var refusal *Error
	err := s.change(ctx, func(c *change) (err error) {
		refusal, err = work(c)
		return err
	})
	if err == nil && refusal != nil {
		err = refusal
	}
	return err
}

func (c *change) wake(topic Topic) { c.topics = append(c.topics, topic) }

// happened writes an event. The webhooks that want it are owed a delivery.
func (c *change) happened(e Event) error {
	e.At = c.now
	c.wake(TopicEvents)
	if err := c.InsertEvent(&e); err != nil {
		return err
	}
	return c.oweWebhooks(e)
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
