package onetouch

import (
	"context"
	"time"
)

// ExpireDue writes down which pending requests have expired, and returns when the next one does (zero: none does).
func (s *Service) ExpireDue(ctx context.Context) (next time.Time, err error) {
	const batch = 200
	for {
		now := s.clock.Now()
		due, err := view(ctx, s, func(r Reader) ([]ApprovalRequest, error) { return r.DueRequests(now, batch) })
		if err != nil {
			return time.Time{}, err
		}
		if len(due) == 0 {
			break
		}
		if err := s.change(ctx, func(c *change) error { return c.expire(due) }); err != nil {
			return time.Time{}, err
		}
	}
	return view(ctx, s, Reader.NextExpiry)
}

func (c *change) expire(due []ApprovalRequest) error {
	for _, request := range due {
		request = request.At(c.now)
		if request.Status != StatusExpired { // the machine's clock was put back since it was found due
			continue
		}
		decided, err := c.DecideApprovalRequest(request)
		if err != nil {
			return err
		}
		if !decided {
			continue
		}
		err = c.happened(Event{
			Type: EventRequestExpired, AppID: request.AppID, AuthyID: request.AuthyID, RequestUUID: request.UUID,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// expiresSoonest reports whether a request that was just committed expires before RunExpiry would look again.
func (s *Service) expiresSoonest(at time.Time) bool {
	next := s.nextExpiry.Load()
	return !at.IsZero() && (next == 0 || at.UnixNano() < next)
}

// RunExpiry expires requests as their time comes, until ctx ends. It returns early only with the store's error.
func (s *Service) RunExpiry(ctx context.Context) error {
	for ctx.Err() == nil {
		created := s.Changed(TopicExpiry)
		s.nextExpiry.Store(0) // until the next expiry is known every new request wakes this loop
		next, err := s.ExpireDue(ctx)
		if err != nil {
			return err
		}
		if !next.IsZero() {
			s.nextExpiry.Store(next.UnixNano())
		}
		reached, stop := s.clock.At(next)
		select {
		case <-ctx.Done():
		case <-created:
		case <-reached:
		}
		stop()
	}
	return nil
}
