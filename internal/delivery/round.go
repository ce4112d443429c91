package delivery

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// round is one run of the worker.
type round struct {
	*Worker
	queue *queue
	ended chan outcome
	// attempts is the context of attempts. It goes on after the round was told to end, until abort.
	attempts context.Context
	abort    context.CancelFunc
	due      dueReader
	// crowded is set while a place at a receiver is worth telling of before the attempt is recorded.
	crowded atomic.Bool
}

// outcome is what became of an attempt: recorded, unless the store failed.
type outcome struct {
	ticket ticket
	// answered says that the attempt is over and not recorded yet: another outcome follows, which is told.
	answered, told bool
	ended          bool // the delivery, not only the attempt
	sent           bool // there was an attempt; health and took are of it
	health         health
	took           time.Duration
	err            error
}

func newRound(ctx context.Context, w *Worker, claimant onetouch.Claimant) *round {
	r := &round{Worker: w, ended: make(chan outcome, 2*mostAlone)}
	r.queue = newQueue(func(appID string) int { return w.service.DeliveryShare(ctx, appID) })
	r.attempts, r.abort = context.WithCancel(context.WithoutCancel(ctx))
	r.due = dueReader{service: w.service, claimant: claimant, stale: true}
	return r
}

// loop sends until ctx ends or the store fails. What is in flight then is left to drain.
func (r *round) loop(ctx context.Context) error {
	for ctx.Err() == nil {
		if !r.queue.full() {
			if err := r.due.read(ctx, r.queue); err != nil {
				return err
			}
			r.queue.start(r.begin)
			r.crowded.Store(r.queue.crowded())
		}
		if err := r.wait(ctx); err != nil {
			return err
		}
	}
	return nil
}

// wait returns when there may be something to do.
func (r *round) wait(ctx context.Context) error {
	reached, forget := r.service.Clock().At(r.due.next)
	defer forget()
	pause, stop := r.due.pause(r.queue)
	defer stop()
	select {
	case <-ctx.Done():
	case <-r.due.changed:
		r.due.outdated()
	case <-r.due.elsewhere:
		r.due.changedElsewhere()
	case <-reached:
		r.due.outdated()
	case <-pause:
		r.due.goOn()
	case o := <-r.ended:
		r.end(o)
		return o.err
	}
	return nil
}

func (r *round) begin(t ticket) {
	go func() {
		var s sending
		r.send(r.attempts, t.id, &s)
		told := s.unsent == nil && r.crowded.Load()
		if told {
			r.ended <- outcome{ticket: t, answered: true, health: healthAfter(s.attempt), took: s.attempt.Duration}
		}
		o := r.settle(r.attempts, &s)
		o.ticket, o.told = t, told
		r.ended <- o // it holds as many as can come of what is in flight
	}()
}

func (r *round) end(o outcome) {
	if o.answered {
		r.queue.answered(o)
		return
	}
	if r.queue.end(o) {
		r.due.stale = true
	}
}

// drain lets what is in flight end, and cuts it off after a while.
func (r *round) drain() error {
	grace := time.AfterFunc(r.Grace, r.abort)
	defer grace.Stop()
	var errs []error
	for len(r.queue.inFlight) > 0 {
		o := <-r.ended
		r.end(o)
		errs = append(errs, o.err)
	}
	return errors.Join(errs...)
}

// dueReader reads what is due from the store, no more often than that is worth.
type dueReader struct {
	service  *onetouch.Service
	claimant onetouch.Claimant
	changed  <-chan struct{} // closed when the store has changed since the last reading; nil once that is known
	// elsewhere is the same for changes by other processes. help is when this one looks for what they leave; zero: it is not asked.
	elsewhere <-chan struct{}
	help      time.Time
	next      time.Time // when something more becomes due; zero: nothing is scheduled
	stale     bool      // the last reading no longer holds
	resting   bool      // it was dear, and there is enough to do
	until     time.Time // when resting ends
}

func (d *dueReader) outdated() {
	d.stale, d.changed, d.elsewhere, d.next, d.help = true, nil, nil, time.Time{}, time.Time{}
}

// helpAfter is how long others have to claim what they owe before this process looks for it.
const helpAfter = 20 * time.Millisecond

// changedElsewhere is called when another process owes something. On a store of several claimants it is likely to send that
// itself, and comes first.
func (d *dueReader) changedElsewhere() {
	if d.claimant == 0 {
		d.outdated()
		return
	}
	d.elsewhere, d.help = nil, time.Now().Add(helpAfter)
}

// goOn is called after a pause.
func (d *dueReader) goOn() {
	if !d.help.IsZero() && !time.Now().Before(d.help) {
		d.outdated()
	}
}

// Each change makes the reading stale, and while much is waiting each attempt that ends is a change. So that reading does not
// take longer than sending it may take a fifth of the time.
const restFactor = 4

// read brings the queue up to date if it is not, and if it is time.
func (d *dueReader) read(ctx context.Context, q *queue) error {
	if !d.stale {
		return nil
	}
	if q.waiting == 0 {
		d.resting = false
	}
	if d.resting && time.Now().Before(d.until) {
		return nil
	}
	d.changed, d.elsewhere = d.service.Changed(onetouch.TopicDue), d.service.Changed(onetouch.TopicDueElsewhere)
	d.help = time.Time{}
	started := time.Now()
	due, next, err := d.service.DueDeliveries(ctx, d.claimant, q.wanted)
	if err != nil {
		return err
	}
	for receiver, deliveries := range due {
		q.refill(receiver, deliveries)
	}
	d.next, d.stale, d.resting = next, false, true
	ended := time.Now()
	d.until = ended.Add(restFactor * ended.Sub(started))
	return nil
}

// pause is when a reading that rests may go on, or one for others has to begin; nil when none does, or when nothing could be
// begun anyway.
func (d *dueReader) pause(q *queue) (<-chan time.Time, func()) {
	var until time.Time
	switch {
	case q.full():
	case d.stale && d.resting:
		until = d.until
	case !d.stale:
		until = d.help
	}
	if until.IsZero() {
		return nil, func() {}
	}
	timer := time.NewTimer(time.Until(until))
	return timer.C, func() { timer.Stop() }
}
