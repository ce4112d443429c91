package onetouch

import (
	"context"
	"errors"
	"strings"
	"time"
)

// Delivery is something the service owes: a push to a device, a callback to the backend, or an event to a webhook. It is
// written in the transaction that makes it owed, and sent until it succeeds or is given up.
type Delivery struct {
	ID            int64
	AppID         string
	Kind          DeliveryKind
	RequestUUID   string // the approval request it is about; empty for an event that is about none
	DeviceID      int64  // of a push
	WebhookID     string // of an event to a webhook
	EventSequence int64  // likewise
	// Method and URL say where it is posted. Both are empty for a push that waits on the device's event stream; for one that
	// the service has no part in, the method is [SentByBackend], and the URL that of the device's push endpoint, if known.
	Method        string
	URL           string
	State         DeliveryState
	Attempts      int
	NextAttemptAt time.Time // zero when nothing is scheduled
	CreatedAt     time.Time
	FinishedAt    time.Time // zero while pending
	LastError     string    // of the last failed attempt
}

// DeliveryState says what became of a delivery.
type DeliveryState string

// States of a delivery.
const (
	DeliveryPending DeliveryState = "pending"
	DeliverySent    DeliveryState = "sent"
	DeliveryFailed  DeliveryState = "failed" // given up
)

// Attempt is one try to deliver.
type Attempt struct {
	DeliveryID int64
	Number     int // from 1
	StartedAt  time.Time
	Duration   time.Duration
	StatusCode int    // of the receiver's answer; 0 when there was none
	Response   string // the beginning of the answer's body
	Error      string // why it failed, in plain words; empty after a success
	Exchange   Exchange
	// CutOff says that the service stopped before the answer was there. Nobody knows what the receiver has made of it, so the
	// delivery stays scheduled for the same time, and is sent once more as it was. It is not kept.
	CutOff bool
}

// Exchange is what was said at an attempt beside that. What was sent follows from the delivery, the nonce and the signature.
type Exchange struct {
	Nonce     string // of what was signed, as is the signature
	Signature string
	Headers   []Header // of the answer, by name
	Phases    Phases
}

// Header is a field of an HTTP message.
type Header struct{ Name, Value string }

// Phases is what took the time of an attempt. Each is 0 when it was not reached, or not needed.
type Phases struct {
	Lookup, Connect, TLS time.Duration // all 0 on a connection that was there
	Send                 time.Duration // from the connection to the end of the request
	Wait                 time.Duration // from there to the first byte of the answer
	Receive              time.Duration // from there to its end
	Reused               bool          // the connection was there
}

// Succeeded reports whether the receiver took it.
func (a Attempt) Succeeded() bool { return a.Error == "" }

// after is the delivery after an attempt. retry says how long to wait for the next one, if there is to be one.
func (d Delivery) after(a Attempt, retry func(attempt int) (time.Duration, bool)) Delivery {
	end := a.StartedAt.Add(a.Duration).Truncate(time.Microsecond) // as a store keeps it
	d.Attempts = a.Number
	d.LastError = a.Error
	if a.CutOff && !rulesOf[d.Kind].once {
		return d
	}
	d.NextAttemptAt = time.Time{}
	if a.Succeeded() {
		d.State, d.FinishedAt = DeliverySent, end
		return d
	}
	wait, again := retry(a.Number)
	if !again {
		d.State, d.FinishedAt = DeliveryFailed, end
		return d
	}
	d.NextAttemptAt = end.Add(wait)
	return d
}

// DeliveryFilter chooses deliveries, newest first. Zero fields choose all.
type DeliveryFilter struct {
	AppID       string
	RequestUUID string
	WebhookID   string
	AuthyID     int64 // of the user whom the approval request asked
	Kinds       []DeliveryKind
	State       DeliveryState
	Limit       int
}

// DeliveryRecord is a delivery with every attempt to send it.
type DeliveryRecord struct {
	Delivery
	Log []Attempt
	// Event is what an event to a webhook tells of, by the name that the webhook is told; empty for every other kind.
	Event EventType
	// Obsolete says why nobody needs a pending delivery any more; see [Parcel.Obsolete].
	Obsolete string
}

// Receiver is whom something is owed to.
type Receiver struct {
	Name string    // see [Delivery.Receiver]
	Due  bool      // something has to be sent now
	Next time.Time // when more becomes due; zero: nothing is scheduled for later
}

// Due is what is due at a receiver, longest waiting first.
type Due struct {
	Deliveries []Delivery
	More       bool // there may be more, now or once these have ended
}

// Receiver is the host and port of the URL, without a user's password. What is owed to one receiver shares its bounds.
func (d Delivery) Receiver() string {
	_, rest, _ := strings.Cut(d.URL, "://")
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		rest = rest[:end]
	}
	return strings.ToLower(rest[strings.LastIndexByte(rest, '@')+1:])
}

// DueDeliveries returns deliveries whose time has come, longest waiting first, of each receiver as many as are wanted; and when
// something more becomes due (zero: nothing is scheduled). Nothing is read of a receiver of which none are wanted. The claimant
// has what is returned, and is the only one who does, until it is sent or given up.
func (s *Service) DueDeliveries(
	ctx context.Context, claimant Claimant, wanted func(receiver string) int,
) (due map[string]Due, next time.Time, err error) {
	err = s.store.Claim(ctx, claimant, func(r Reader) error {
		due, next = map[string]Due{}, time.Time{}
		now := s.clock.Now()
		receivers, err := r.Receivers(now)
		for _, receiver := range receivers {
			if !receiver.Next.IsZero() && (next.IsZero() || receiver.Next.Before(next)) {
				next = receiver.Next
			}
			most := 0
			if receiver.Due {
				most = wanted(receiver.Name)
			}
			if most == 0 || err != nil {
				continue
			}
			due[receiver.Name], err = r.DueDeliveries(receiver.Name, now, most)
		}
		return err
	})
	return due, next, err
}

// OwedDeliveries counts what the worker has still to send of what is numbered above after: due now, and scheduled for later.
func (s *Service) OwedDeliveries(ctx context.Context, after int64) (due, later int, err error) {
	err = s.store.Glance(ctx, func(r Reader) (err error) {
		due, later, err = r.OwedDeliveries(after, s.clock.Now())
		return err
	})
	return due, later, err
}

// LastDelivery is the number of the newest delivery; 0 when there is none.
func (s *Service) LastDelivery(ctx context.Context) (int64, error) {
	return glance(ctx, s, newestDelivery)
}

func deliveryNotFound(id int64) *Error {
	return refuse(CodeDeliveryNotFound, "Delivery not found: %d", id)
}

// Owed reports whether the worker has still to send the delivery, now or later. What waits for a device to come to its
// stream is none of the worker's. The store's condition scheduled says the same in SQL.
func (d Delivery) Owed() bool { return d.State == DeliveryPending && !d.NextAttemptAt.IsZero() }

// Due reports whether the worker has to send the delivery now.
func (d Delivery) Due(now time.Time) bool { return d.Owed() && !d.NextAttemptAt.After(now) }

// GiveUp ends a pending delivery without a further try; reason is kept as its last error.
func (s *Service) GiveUp(ctx context.Context, deliveryID int64, reason string) (Delivery, error) {
	var d Delivery
	err := s.change(ctx, func(c *change) (err error) {
		if d, err = c.Delivery(deliveryID); err != nil || d.State != DeliveryPending {
			return err
		}
		d.State, d.FinishedAt, d.NextAttemptAt, d.LastError = DeliveryFailed, c.now, time.Time{}, reason
		return c.delivered(d)
	})
	return d, orRefuse(err, deliveryNotFound(deliveryID))
}

// delivered writes what became of a delivery.
func (c *change) delivered(d Delivery) error {
	if err := c.UpdateDelivery(d); err != nil {
		return err
	}
	if d.URL != "" { // the worker has no part in what a stream sends
		c.wake(TopicDeliveries)
	}
	if !d.NextAttemptAt.IsZero() {
		c.wake(TopicDue)
	}
	return c.happened(Event{
		Type: d.Kind.Event(d.State), AppID: d.AppID, DeviceID: d.DeviceID, RequestUUID: d.RequestUUID,
		DeliveryID: d.ID, Note: d.LastError,
	})
}

// RecordAttempt writes down one try to deliver and what follows from it. The attempt's number is given here.
// Once a delivery has succeeded or was given up its state stays.
func (s *Service) RecordAttempt(ctx context.Context, a Attempt) (Delivery, error) {
	recorded, err := s.RecordAttempts(ctx, func() []Attempt { return []Attempt{a} })
	if err == nil && recorded[0].ID == 0 {
		err = deliveryNotFound(a.DeliveryID)
	}
	if err != nil {
		return Delivery{}, err
	}
	return recorded[0], nil
}

// RecordAttempts is RecordAttempt for several, all or none. They are asked for when it is the change's turn, and again if it is
// run again: then with the same ones first. Of a delivery that is not there any more, because somebody has emptied the store,
// nothing is written, and the zero Delivery returned.
func (s *Service) RecordAttempts(ctx context.Context, attempts func() []Attempt) ([]Delivery, error) {
	var recorded []Delivery
	err := s.change(ctx, func(c *change) error {
		made := attempts()
		recorded = make([]Delivery, len(made))
		for i, a := range made {
			var err error
			if recorded[i], err = c.recordAttempt(a, s.jitter.fraction()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, d := range recorded {
		if d.Kind == DeliveryPush && d.State == DeliverySent {
			s.recent.notified(d.RequestUUID)
		}
	}
	return recorded, nil
}

func (c *change) recordAttempt(a Attempt, jitter float64) (Delivery, error) {
	d, err := c.Delivery(a.DeliveryID)
	switch {
	case errors.Is(err, ErrNotFound):
		return Delivery{}, nil
	case err != nil:
		return d, err
	}
	a.Number = d.Attempts + 1
	if err := c.InsertAttempt(a); err != nil {
		return d, err
	}
	if d.State != DeliveryPending {
		d.Attempts = a.Number
		return d, c.UpdateDelivery(d)
	}
	retry := func(int) (time.Duration, bool) { return 0, false }
	if !a.Succeeded() && !rulesOf[d.Kind].once {
		app, err := c.Application(d.AppID)
		if err != nil {
			return d, err
		}
		retry = func(attempt int) (time.Duration, bool) { return app.retryAfter(attempt, jitter) }
	}
	d = d.after(a, retry)
	if err := c.postponeBehind(d); err != nil {
		return d, err
	}
	return d, c.delivered(d)
}

// postponeBehind keeps the order of what one request owes to one receiver: what was owed after a delivery that is tried
// again waits as long.
func (c *change) postponeBehind(d Delivery) error {
	if d.State != DeliveryPending || !d.Ordered() {
		return nil
	}
	deliveries, err := c.Deliveries(DeliveryFilter{RequestUUID: d.RequestUUID})
	if err != nil {
		return err
	}
	for _, later := range deliveries {
		behind := later.ID > d.ID && later.URL == d.URL && later.State == DeliveryPending && later.Ordered()
		if !behind || !later.NextAttemptAt.Before(d.NextAttemptAt) {
			continue
		}
		later.NextAttemptAt = d.NextAttemptAt
		if err := c.UpdateDelivery(later); err != nil {
			return err
		}
	}
	return nil
}

// Deliveries lists deliveries with their attempts, newest first.
func (s *Service) Deliveries(ctx context.Context, f DeliveryFilter) ([]DeliveryRecord, error) {
	records, err := view(ctx, s, func(r Reader) ([]DeliveryRecord, error) {
		deliveries, err := r.Deliveries(f)
		if err != nil {
			return nil, err
		}
		records := make([]DeliveryRecord, len(deliveries))
		for i, d := range deliveries {
			if records[i], err = readDeliveryRecord(r, d); err != nil {
				return nil, err
			}
		}
		return records, nil
	})
	for i := range records {
		if err == nil {
			records[i].Obsolete, err = s.obsolete(ctx, records[i].Delivery)
		}
	}
	return records, err
}

func readDeliveryRecord(r Reader, d Delivery) (record DeliveryRecord, err error) {
	record.Delivery = d
	if record.Log, err = r.Attempts(d.ID); err != nil {
		return record, err
	}
	if d.EventSequence != 0 {
		var e Event
		e, err = r.Event(d.EventSequence)
		if record.Event = e.Type; d.Kind == DeliveryVerifyEvent {
			record.Event = e.Verify()
		}
	}
	return record, err
}

// obsolete says why nobody needs a delivery any more that is still pending.
func (s *Service) obsolete(ctx context.Context, d Delivery) (string, error) {
	if d.State != DeliveryPending || rulesOf[d.Kind].obsolete == nil {
		return "", nil
	}
	parcel, err := s.Parcel(ctx, d.ID)
	if CodeOf(err) == CodeDeliveryNotFound {
		return "", nil // somebody has emptied the store since
	}
	return parcel.Obsolete(), err
}
