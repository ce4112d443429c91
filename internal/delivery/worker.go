// Package delivery sends what the service owes: callbacks to backends, and pushes to devices that take them by HTTP. It is
// the worker of an outbox: what is owed was written in the transaction that made it owed, and is sent until it succeeds or
// is given up.
//
// A delivery is sent at least once. It is sent again only when the attempt failed, or when the process died between the
// receiver's answer and the writing of it; nothing is sent after a success was written. A callback that is sent again because
// the process died, or had to stop, has the nonce and signature that it had. At most one attempt of a
// delivery runs at a time, and what one approval request owes to one receiver is sent in the order in which it was
// owed. Several workers may run on a store that tells claimants apart, which keeps that over all of them; else one at a time. One
// that was killed, or stood still for too long, loses what it had claimed: an attempt that was on its way is made again then.
package delivery

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// Options are the worker's surroundings. Zero fields take the ordinary ones.
type Options struct {
	Logger    *slog.Logger  // no log
	UserAgent string        // Go's own
	Timeout   time.Duration // of one attempt, where the application names none: [onetouch.DefaultDeliveryTimeout]
	Grace     time.Duration // that attempts in flight get to end when the worker has to: 2 s
	Mishaps   Mishaps       // that befall deliveries on purpose: none
	Reach     Reach         // where deliveries may go: what [Reach] says of every server
}

// UserAgent is how a version of this program calls itself to receivers.
func UserAgent(version string) string { return "onetouch/" + version }

const defaultGrace = 2 * time.Second

// Worker sends deliveries.
type Worker struct {
	service *onetouch.Service
	Options
	// transport is for what the operator has named, foreign for what others have: an idle connection that one may use can lead
	// where the other may not go.
	transport, foreign *http.Transport
	metrics            Metrics
	recorder           recorder
	// own is where the server listens that the worker is a part of; nil: nowhere, or it is not known.
	own atomic.Pointer[net.TCPAddr]

	mu sync.Mutex
	// unrecorded are attempts that the store would not take. Until it does nothing is sent: it would be sent twice.
	unrecorded []onetouch.Attempt
}

// New returns a worker for what the service owes.
func New(service *onetouch.Service, o Options) *Worker {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Timeout == 0 {
		o.Timeout = onetouch.DefaultDeliveryTimeout
	}
	if o.Grace == 0 {
		o.Grace = defaultGrace
	}
	return &Worker{
		service: service, Options: o, transport: newTransport(), foreign: newTransport(),
		recorder: recorder{write: service.RecordAttempts},
	}
}

// ListensOn tells the worker where the server listens that it is a part of, so that it can say of a URL that it leads there.
// Where that is another address than one of loopback, others can reach the server, and [Reach] says what holds then.
func (w *Worker) ListensOn(address net.Addr) {
	if tcp, ok := address.(*net.TCPAddr); ok {
		w.own.Store(tcp)
	}
}

// Metrics counts what became of deliveries since the worker was made.
func (w *Worker) Metrics() *Metrics { return &w.metrics }

// giveUp ends a delivery that is not sent any more.
func (w *Worker) giveUp(ctx context.Context, d onetouch.Delivery, reason string) error {
	after, err := w.service.GiveUp(context.WithoutCancel(ctx), d.ID, reason)
	if err == nil && after.LastError == reason {
		w.metrics.givenUp(d.Kind)
	}
	return err
}

// Run sends what is owed as its time comes, until ctx ends; attempts that are in flight then get a moment to end and are
// written down. It returns early only with the store's error, and can then be run again.
func (w *Worker) Run(ctx context.Context) error { return w.RunAs(ctx, 0) }

// RunAs is Run for one of several workers on a store, each of which sends what it has claimed. The claims outlast the run.
func (w *Worker) RunAs(ctx context.Context, claimant onetouch.Claimant) error {
	defer w.foreign.CloseIdleConnections()
	defer w.transport.CloseIdleConnections()
	err := w.recordLeft(ctx)
	if err == nil {
		r := newRound(ctx, w, claimant)
		defer r.abort()
		err = errors.Join(r.loop(ctx), r.drain())
	}
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// record writes down an attempt, whatever was told to stop meanwhile, and reports whether its delivery has ended.
func (w *Worker) record(ctx context.Context, a onetouch.Attempt) (ended bool, err error) {
	d, err := w.recorder.record(context.WithoutCancel(ctx), a)
	switch {
	case err != nil:
		w.mu.Lock()
		defer w.mu.Unlock()
		w.unrecorded = append(w.unrecorded, a)
		return false, err
	case d.ID == 0:
		return true, nil // somebody has emptied the store
	}
	w.metrics.attempted(d, a)
	w.log(ctx, d, a)
	return d.State != onetouch.DeliveryPending, nil
}

// recordLeft writes down what an earlier run could not.
func (w *Worker) recordLeft(ctx context.Context) error {
	w.mu.Lock()
	left := w.unrecorded
	w.unrecorded = nil
	w.mu.Unlock()
	var errs []error
	for _, a := range left {
		_, err := w.record(ctx, a)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func (w *Worker) log(ctx context.Context, d onetouch.Delivery, a onetouch.Attempt) {
	facts := []slog.Attr{
		slog.Int64("delivery", d.ID), slog.String("kind", string(d.Kind)), slog.String("request", d.RequestUUID),
		slog.String("receiver", d.Receiver()), slog.Int("attempt", d.Attempts), slog.Int("status", a.StatusCode),
		slog.Duration("took", a.Duration),
	}
	switch {
	case a.Succeeded():
		w.Logger.LogAttrs(ctx, slog.LevelDebug, "delivered", facts...)
	case d.State == onetouch.DeliveryPending:
		facts = append(facts, slog.String("error", a.Error), slog.Time("next_attempt", d.NextAttemptAt))
		w.Logger.LogAttrs(ctx, slog.LevelWarn, "delivery failed and is tried again", facts...)
	default:
		facts = append(facts, slog.String("error", a.Error))
		w.Logger.LogAttrs(ctx, slog.LevelError, "delivery is given up", facts...)
	}
}
