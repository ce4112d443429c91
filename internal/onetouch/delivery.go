package onetouch

import (
	"context"
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
}

// Succeeded reports whether the receiver took it.
func (a Attempt) Succeeded() bool { return a.Error == "" }

// Retry schedule. No source tells the service's own. A second doubling to five minutes, 15 tries: about 40 minutes. The
// first wait must not be shorter: the nonce of a callback is the second in which it is sent, and a receiver that refuses
// replays would refuse the second try of one second as the first one's replay.
const (
	firstRetry  = time.Second
	longestWait = 5 * time.Minute
	maxAttempts = 15
)

// record is the delivery after the attempt. jitter in [0,1) lengthens the wait for the next one by up to a half, so that many
// deliveries to one receiver do not return all at once.
func (d Delivery) record(a Attempt, jitter float64) Delivery {
	end := a.StartedAt.Add(a.Duration).Truncate(time.Microsecond) // as a store keeps it
	d.Attempts = a.Number
	d.LastError = a.Error
	d.NextAttemptAt = time.Time{}
	switch {
	case a.Succeeded():
		d.State, d.FinishedAt = DeliverySent, end
	case a.Number >= maxAttempts:
		d.State, d.FinishedAt = DeliveryFailed, end
	default:
		d.NextAttemptAt = end.Add(retryWait(a.Number, jitter))
	}
	return d
}

func retryWait(attempt int, jitter float64) time.Duration {
	wait := longestWait
	if doublings := attempt - 1; doublings < 20 {
		wait = min(firstRetry<<doublings, longestWait)
	}
	return wait + time.Duration(jitter*float64(wait/2)).Truncate(time.Microsecond)
}

// DeliveryFilter chooses deliveries, newest first. Zero fields choose all.
type DeliveryFilter struct {
	AppID       string
	RequestUUID string
	WebhookID   string
	Kind        DeliveryKind
	Limit       int
}

// DeliveryRecord is a delivery with every attempt to send it.
type DeliveryRecord struct {
	Delivery
	Log []Attempt
}

// DueDeliveries returns deliveries whose time has come, and when the next one comes after those (zero: none is
// scheduled).
func (s *Service) DueDeliveries(ctx context.Context, limit int) (due []Delivery, next time.Time, err error) {
	err = s.store.Glance(ctx, func(r Reader) (err error) {
		now := s.clock.Now()
		if due, err = r.DueDeliveries(now, limit); err != nil {
			return err
		}
		next, err = r.NextDelivery(now)
		return err
	})
	return due, next, err
}

// PendingDeliveries counts what is still to be sent: due now, and scheduled for later. Pushes that wait for their device
// to come to its stream do not count.
func (s *Service) PendingDeliveries(ctx context.Context) (due, later int, err error) {
	err = s.store.View(ctx, func(r Reader) (err error) {
		due, later, err = r.PendingDeliveries(s.clock.Now())
		return err
	})
	return due, later, err
}

func deliveryNotFound(id int64) *Error {
	return refuse(CodeDeliveryNotFound, "Delivery not found: %d", id)
}

// Due reports whether the delivery has to be sent now.
func (d Delivery) Due(now time.Time) bool {
	return d.State == DeliveryPending && !d.NextAttemptAt.IsZero() && !d.NextAttemptAt.After(now)
}

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
		Type: d.Kind.rules().event(d.State), AppID: d.AppID, DeviceID: d.DeviceID, RequestUUID: d.RequestUUID,
		DeliveryID: d.ID, Note: d.LastError,
	})
}

// RecordAttempt writes down one try to deliver and what follows from it. The attempt's number is given here.
// Once a delivery has succeeded or was given up its state stays.
func (s *Service) RecordAttempt(ctx context.Context, a Attempt) (Delivery, error) {
	var d Delivery
	err := s.change(ctx, func(c *change) (err error) {
		if d, err = c.Delivery(a.DeliveryID); err != nil {
			return err
		}
		a.Number = d.Attempts + 1
		if err := c.InsertAttempt(a); err != nil {
			return err
		}
		if d.State != DeliveryPending {
			d.Attempts = a.Number
			return c.UpdateDelivery(d)
		}
		d = d.record(a, s.fraction())
		if err := c.postponeBehind(d); err != nil {
			return err
		}
		return c.delivered(d)
	})
	if err == nil && d.Kind == DeliveryPush && d.State == DeliverySent {
		s.recent.notified(d.RequestUUID)
	}
	return d, orRefuse(err, deliveryNotFound(a.DeliveryID))
}

// postponeBehind keeps the order of what one request owes to one receiver: what was owed after a delivery that is tried
// again waits as long.
func (c *change) postponeBehind(d Delivery) error {
	if d.State != DeliveryPending || d.URL == "" || d.RequestUUID == "" {
		return nil
	}
	deliveries, err := c.Deliveries(DeliveryFilter{RequestUUID: d.RequestUUID})
	if err != nil {
		return err
	}
	for _, later := range deliveries {
		behind := later.ID > d.ID && later.URL == d.URL && later.State == DeliveryPending
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
	return view(ctx, s, func(r Reader) ([]DeliveryRecord, error) {
		deliveries, err := r.Deliveries(f)
		if err != nil {
			return nil, err
		}
		records := make([]DeliveryRecord, len(deliveries))
		for i, d := range deliveries {
			log, err := r.Attempts(d.ID)
			if err != nil {
				return nil, err
			}
			records[i] = DeliveryRecord{Delivery: d, Log: log}
		}
		return records, nil
	})
}
