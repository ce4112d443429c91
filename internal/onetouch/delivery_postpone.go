package onetouch

import (
	"context"
	"time"
)

// Postpone has the worker send a delivery that it still owes at a time, not before and not after, and what one request owes to
// the same receiver behind it no sooner. What has ended stays as it is.
func (s *Service) Postpone(ctx context.Context, deliveryID int64, until time.Time) error {
	err := s.change(ctx, func(c *change) error {
		d, err := c.Delivery(deliveryID)
		if err != nil || !d.Owed() {
			return err
		}
		due := d.Due(c.now)
		d.NextAttemptAt = until.Truncate(time.Microsecond) // as a store keeps it
		if err := c.UpdateDelivery(d); err != nil {
			return err
		}
		c.wake(TopicDeliveries)
		if !due || !d.Due(c.now) { // the worker that schedules anew what it sends knows that it is due
			c.wake(TopicDue)
		}
		return c.postponeBehind(d)
	})
	return orRefuse(err, deliveryNotFound(deliveryID))
}
