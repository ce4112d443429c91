package onetouch

import (
	"context"
	"errors"
	"slices"
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

// expires has other processes look when the next request expires; this one knows by [Service.expiresSoonest].
func (c *change) expires(request ApprovalRequest) {
	if !request.ExpiresAt.IsZero() {
		c.elsewhere = append(c.elsewhere, TopicExpiry)
	}
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

// over reports whether the request is expired at the given time without that being written down yet.
func (r ApprovalRequest) over(now time.Time) bool { return r.At(now).Status != r.Status }

// asItStands is a request that was read as it stands now.
func (s *Service) asItStands(ctx context.Context, request ApprovalRequest) (ApprovalRequest, error) {
	if now := s.clock.Now(); request.over(now) {
		return s.expireBeforeTold(ctx, request, now)
	}
	return request, nil
}

// expireBeforeTold writes down that a request is over before anybody is told: an answer that came in time may be on its way
// into the store, and then it is that which counts. A store that takes nothing takes no answer either.
func (s *Service) expireBeforeTold(ctx context.Context, due ApprovalRequest, now time.Time) (ApprovalRequest, error) {
	var request ApprovalRequest
	err := s.change(ctx, func(c *change) (err error) {
		if err := c.expire([]ApprovalRequest{due}); err != nil {
			return err
		}
		request, err = c.ApprovalRequest(due.UUID)
		request = request.At(c.now)
		return err
	})
	if takesNothing(ctx, err) {
		return due.At(now), nil
	}
	return request, orRefuse(err, requestNotFound(due.UUID))
}

// listAsItStands is view of a list of requests as they stand at the filter's Now. It is read again, once what is over in it has
// been written down.
func listAsItStands[T any](
	ctx context.Context, s *Service, f ApprovalRequestFilter, read func(Reader) ([]T, error), request func(*T) *ApprovalRequest,
) ([]T, error) {
	list, err := view(ctx, s, read)
	if slices.ContainsFunc(list, func(entry T) bool { return request(&entry).over(f.Now) }) {
		if _, err := s.ExpireDue(ctx); err != nil && !takesNothing(ctx, err) {
			return nil, err
		}
		list, err = view(ctx, s, read)
	}
	for i := range list {
		standing := request(&list[i])
		*standing = standing.At(f.Now)
	}
	return list, err
}

// takesNothing reports whether the store could not write.
func takesNothing(ctx context.Context, err error) bool {
	switch CodeOf(err) {
	case CodeStorageFull, CodeStorageUnavailable, CodeInternal:
		return err != nil && ctx.Err() == nil && !errors.Is(err, ErrNotFound)
	default:
		return false
	}
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
		switch {
		case ctx.Err() != nil:
			return nil //nolint:nilerr // whoever ends the loop has it ended, in the middle of a look too
		case err != nil:
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
