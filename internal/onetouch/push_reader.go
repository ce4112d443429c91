package onetouch

import (
	"context"
	"errors"
	"slices"
	"time"
)

// PushReader is one reading of the pushes of a device, as an event stream sends them: every push from where the stream
// starts and, when the device does not know where that is, first those that were never sent. Each stream of a device sends
// every push, so that one whose reader has gone without a word takes nothing from the one that replaced it; within a stream
// no push comes twice. Only pending requests are pushed. It is not safe for concurrent use.
type PushReader struct {
	service  *Service
	device   Device
	contents int64 // of the store, at the start; see followed
	after    int64 // every push above this number is still to come
	unsent   int64 // never-sent pushes from here up to after are still to come
	caughtUp bool  // there are none of those (any more)
}

// ReadPushes starts a stream after the push that the device saw last, whether those that follow were sent before or not.
// nil says that it does not know, and starts with the pushes that were never sent. A number above every push, which is of
// another database, starts likewise.
func (s *Service) ReadPushes(ctx context.Context, device Device, lastSeen *int64) (*PushReader, error) {
	contents := s.followed.contents.Load()
	newest, err := s.LastDelivery(ctx)
	if err != nil {
		return nil, err
	}
	reader := &PushReader{service: s, device: device, contents: contents, after: newest}
	if lastSeen != nil && *lastSeen <= newest {
		reader.after, reader.caughtUp = *lastSeen, true
	}
	return reader, nil
}

// newestDelivery is the highest number that a push can have: pushes are numbered among all deliveries.
func newestDelivery(r Reader) (int64, error) {
	newest, err := r.Deliveries(DeliveryFilter{Limit: 1})
	if err != nil || len(newest) == 0 {
		return 0, err
	}
	return newest[0].ID, nil
}

// ErrReplaced says that all that is in the store was replaced: what a stream has still to send may stand before what it has
// sent. The device that comes back is told what there is now.
var ErrReplaced = errors.New("all that is in the store was replaced")

// Next returns the pushes to send now, oldest first, and whether there may be more of them already. The device's
// registration counts as it is now: the refusal [CodeAccessTokenInvalid] says that it was removed, and a device that wants
// no stream any more has nothing to be sent.
func (p *PushReader) Next(ctx context.Context) (pushes []Push, more bool, err error) {
	if p.contents != p.service.followed.contents.Load() {
		return nil, false, ErrReplaced
	}
	wanted, err := p.wantsStream(ctx)
	if err != nil || !wanted {
		return nil, false, err
	}
	err = p.service.store.Glance(ctx, func(r Reader) (err error) {
		pushes, more, err = p.next(r)
		return err
	})
	return pushes, more, err
}

func (p *PushReader) wantsStream(ctx context.Context) (bool, error) {
	now, err := p.service.device(ctx, p.device.ID)
	if err == nil && now.Removed() || errors.Is(err, ErrNotFound) {
		err = errAccessTokenInvalid
	}
	return now.Push.Type == PushStream, err
}

// pushBatch bounds how many pushes are read at once.
const pushBatch = 100

func (p *PushReader) next(r Reader) (pushes []Push, more bool, err error) {
	if !p.caughtUp {
		if pushes, err = p.nextUnsent(r); err != nil || len(pushes) > 0 {
			return pushes, true, err
		}
		p.caughtUp = true
	}
	pushes, err = r.StreamPushes(p.device.ID, p.after, false, pushBatch)
	if len(pushes) > 0 {
		p.after = pushes[len(pushes)-1].ID
	}
	return pushes, len(pushes) == pushBatch, err
}

func (p *PushReader) nextUnsent(r Reader) ([]Push, error) {
	pushes, err := r.StreamPushes(p.device.ID, p.unsent, true, pushBatch)
	pushes = slices.DeleteFunc(pushes, func(push Push) bool { return push.ID > p.after })
	if len(pushes) > 0 {
		p.unsent = pushes[len(pushes)-1].ID
	}
	return pushes, err
}

// Sent writes down that pushes have left on the stream, in one transaction; started is when the writing began. Whatever was
// told to stop meanwhile: they have left.
func (p *PushReader) Sent(ctx context.Context, pushes []Push, started time.Time) error {
	if len(pushes) == 0 {
		return nil
	}
	attempts := make([]Attempt, len(pushes))
	for i, push := range pushes {
		attempts[i] = Attempt{DeliveryID: push.ID, StartedAt: started, Duration: p.service.clock.Now().Sub(started)}
	}
	recorded, err := p.service.RecordAttempts(context.WithoutCancel(ctx), func() []Attempt { return attempts })
	if slices.ContainsFunc(recorded, func(d Delivery) bool { return d.ID == 0 }) {
		return ErrReplaced
	}
	return err
}
