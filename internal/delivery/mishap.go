package delivery

import (
	"context"
	"strconv"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// Mishaps befall deliveries on purpose, so that receivers can be tested against what goes wrong between them and the service.
type Mishaps interface {
	// Before decides about a delivery that is to be sent now. It is asked again at each try.
	Before(d onetouch.Delivery, now time.Time) Mishap
	// After hears of a delivery that has been taken, and names one that has to wait no longer; 0: none has.
	After(d onetouch.Delivery) (release int64)
}

// Mishap is what befalls one delivery. The zero value is none.
type Mishap struct {
	Lost    string    // why it is given up instead of being sent; "": it is not
	Doubled bool      // it is sent once more after it has been taken
	Until   time.Time // it is not sent before; zero: it is sent now
	Release int64     // another delivery that has to wait no longer; 0: none
}

// mishap lets befall a delivery what is to befall it before it is sent, and reports whether it is still to be sent now.
func (w *Worker) mishap(ctx context.Context, d onetouch.Delivery) (m Mishap, stays bool, err error) {
	if w.Mishaps == nil {
		return Mishap{}, true, nil
	}
	ctx = context.WithoutCancel(ctx)
	m = w.Mishaps.Before(d, w.service.Clock().Now())
	switch {
	case m.Lost != "":
		err = w.giveUp(ctx, d, m.Lost)
	case !m.Until.IsZero():
		err = w.service.Postpone(ctx, d.ID, m.Until)
	default:
		return m, true, nil
	}
	if err == nil {
		err = w.release(ctx, m.Release)
	}
	return m, false, err
}

// afterwards lets befall a delivery what is to befall it once it was tried.
func (w *Worker) afterwards(ctx context.Context, p onetouch.Parcel, first onetouch.Attempt, m Mishap) error {
	if w.Mishaps == nil || !first.Succeeded() {
		return nil
	}
	if m.Doubled {
		p.Content.Nonce = nonceAfter(first.Exchange.Nonce)
		if _, err := w.record(ctx, w.attempt(ctx, p)); err != nil {
			return err
		}
	}
	err := w.release(context.WithoutCancel(ctx), w.Mishaps.After(p.Delivery))
	if onetouch.CodeOf(err) == onetouch.CodeDeliveryNotFound {
		return nil // the one that waited has gone
	}
	return err
}

// nonceAfter is the nonce of a callback that is sent once more, a second later than the first; "" for a push, which has none.
// Receivers refuse what is signed alike, and it is their handlers that are to cope.
func nonceAfter(nonce string) string {
	second, err := strconv.ParseInt(nonce, 10, 64)
	if err != nil {
		return ""
	}
	return strconv.FormatInt(second+1, 10)
}

func (w *Worker) release(ctx context.Context, id int64) error {
	if id == 0 {
		return nil
	}
	return w.service.Postpone(ctx, id, w.service.Clock().Now())
}
