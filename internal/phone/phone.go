package phone

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/policy"
	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// Source hands over pushes, one at a time, until ctx ends or it fails. It returns the error of hear.
// [device.Device.Pushes] is one.
type Source func(ctx context.Context, hear func(context.Context, device.Push) error) error

// Phone is a device that reacts by itself.
type Phone struct {
	Device *device.Device
	Policy *policy.Policy
	// Pushes are where the phone hears of requests.
	Pushes Source
	Clock  onetouch.Clock // of delays; nil: the machine's
	// Left are requests that are a person's to answer, whatever the policy says.
	Left device.Left
	// Yields reports whether somebody else lets the device answer just now: then this phone does not. nil: nobody does.
	Yields func() bool
	// Person answers what the policy leaves to one; nil: there is none, and such requests stay as they are.
	Person *Person
	// Report is told how each request ended that the phone wanted to answer, and ends the phone with an error of its own.
	// It may be called for several requests at once. nil: nobody has to know, and a failure ends the phone.
	Report func(context.Context, Outcome) error
	// Warn is told of a rule that cannot be decided, once for each rule. nil: nobody is.
	Warn func(error)
}

// Outcome is how a request ended on a phone.
type Outcome struct {
	Device  *device.Device
	Request *device.ApprovalRequest // as it is now; nothing but its UUID when it could not be fetched
	// Err is why the phone did not answer: [device.ErrNotPending] when somebody else was faster, [device.ErrExpired] when
	// nobody was, or a failure. nil: it did.
	Err error
}

// TooLate reports whether the request could not be answered any more.
func (o Outcome) TooLate() bool {
	return errors.Is(o.Err, device.ErrNotPending) || errors.Is(o.Err, device.ErrExpired)
}

// Run reacts until ctx ends, the pushes end, or Report fails. What waits for its time then is not answered. It returns
// [device.ErrRemoved] when the device was removed.
func (p *Phone) Run(ctx context.Context) error {
	r := &running{Phone: p, inHand: map[string]bool{}, warned: map[int]bool{}}
	if r.Clock == nil {
		own := *p
		own.Clock = onetouch.SystemClock{}
		r.Phone = &own
	}
	var cancel context.CancelCauseFunc
	ctx, cancel = context.WithCancelCause(ctx)
	defer cancel(nil)
	r.fail = cancel
	err := p.Pushes(ctx, r.hear)
	if cause := context.Cause(ctx); cause != nil {
		err = cause // also of what was answered later
	}
	cancel(err)
	r.later.Wait()
	return err
}

// running is one run of a phone.
type running struct {
	*Phone
	fail  context.CancelCauseFunc
	later sync.WaitGroup // what waits for its time, a person, or the server

	mu     sync.Mutex
	inHand map[string]bool // UUIDs; a push may come twice
	warned map[int]bool    // rules
}

// hear answers a request at once when the policy says so, and in its own time otherwise: no request waits for the delay of
// another one. An error ends the phone.
func (r *running) hear(ctx context.Context, push device.Push) error {
	uuid := push.ApprovalRequestUUID
	if !r.take(uuid) {
		return nil
	}
	step, err := r.begin(ctx, uuid)
	if step == nil || err != nil {
		r.release(uuid)
		return err
	}
	r.later.Go(func() {
		defer r.release(uuid)
		for step != nil && err == nil {
			step, err = step(ctx)
		}
		if err != nil && ctx.Err() == nil {
			r.fail(err)
		}
	})
	return nil
}

// step is the next thing to do with a request, in its own time; nil when it is done with.
type step func(context.Context) (step, error)

func (r *running) take(uuid string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.inHand[uuid] {
		return false
	}
	r.inHand[uuid] = true
	return true
}

func (r *running) release(uuid string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.inHand, uuid)
}

// yields reports whether somebody else answers.
func (r *running) yields() bool { return r.Yields != nil && r.Yields() }

// begin fetches a request, decides, and answers when nothing has to be waited for.
func (r *running) begin(ctx context.Context, uuid string) (step, error) {
	if r.yields() {
		return nil, nil
	}
	request, err := r.Device.ApprovalRequest(ctx, uuid)
	if passing(err) {
		return r.again(func(ctx context.Context) (step, error) { return r.begin(ctx, uuid) }), nil
	}
	if err != nil || request.Status.Decided() {
		return nil, r.ended(ctx, uuid, err)
	}
	decision := r.decide(request)
	switch {
	case decision.Action == policy.Ignore || decision.Action == policy.Ask && r.Person == nil:
		return nil, nil
	case decision.After > 0:
		return r.wait(request, decision), nil
	default:
		return r.act(ctx, request, decision.Action)
	}
}

// ended is what a request that goes no further means to the phone: nothing, its end, or a failure to report.
func (r *running) ended(ctx context.Context, uuid string, err error) error {
	switch {
	case err == nil || errors.Is(err, device.ErrNotFound):
		return nil
	case errors.Is(err, device.ErrAccessToken):
		return fmt.Errorf("%w: device %d", device.ErrRemoved, r.Device.ID())
	default:
		return r.report(ctx, &device.ApprovalRequest{UUID: uuid}, err)
	}
}

func (r *running) decide(request *device.ApprovalRequest) policy.Decision {
	if r.Left.Has(request) {
		return policy.Decision{Action: policy.Ask}
	}
	decision, err := r.Policy.Decide(policy.RequestOf(r.Device, request, r.Clock.Now()))
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, problem := range policy.Problems(err) {
		if r.Warn != nil && !r.warned[problem.Rule] {
			r.Warn(fmt.Errorf("approval request %s: %w", request.UUID, problem))
		}
		r.warned[problem.Rule] = true
	}
	return decision
}

// wait lets the delay pass, unless the request expires before, and looks whether somebody else has answered meanwhile.
func (r *running) wait(request *device.ApprovalRequest, decision policy.Decision) step {
	until := r.Clock.Now().Add(decision.After)
	if expires := request.ExpirationTimestamp; !expires.IsZero() && expires.Before(until) {
		until = expires
	}
	return func(ctx context.Context) (step, error) {
		reached, stop := r.Clock.At(until)
		defer stop()
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-reached:
		}
		return r.afresh(ctx, request.UUID, decision.Action)
	}
}

// afresh acts on a request as it is by now.
func (r *running) afresh(ctx context.Context, uuid string, action policy.Action) (step, error) {
	request, err := r.Device.ApprovalRequest(ctx, uuid)
	switch {
	case passing(err):
		return r.again(func(ctx context.Context) (step, error) { return r.afresh(ctx, uuid, action) }), nil
	case err != nil:
		return nil, r.ended(ctx, uuid, err)
	case request.Status == approval.Expired:
		return nil, r.report(ctx, request, request.NotPending())
	case request.Status.Decided():
		return nil, r.reportAnswered(ctx, request)
	default:
		return r.act(ctx, request, action)
	}
}

// reportAnswered tells of a request that has an answer already: this device's own, when it was cut off on its way back.
func (r *running) reportAnswered(ctx context.Context, request *device.ApprovalRequest) error {
	if request.DeviceUUID == r.Device.UUID() {
		return r.report(ctx, request, nil)
	}
	return r.report(ctx, request, request.NotPending())
}

// act answers, or has a person do so.
func (r *running) act(ctx context.Context, request *device.ApprovalRequest, action policy.Action) (step, error) {
	if action == policy.Ask {
		return r.ask(request.UUID), nil
	}
	status := map[policy.Action]approval.Status{policy.Approve: approval.Approved, policy.Deny: approval.Denied}[action]
	if status == "" || r.yields() { // whoever was asked gave no answer, or somebody else gives one
		return nil, nil
	}
	err := r.Device.Answer(ctx, request, status, "")
	switch {
	case passing(err): // it may have been taken
		return r.again(func(ctx context.Context) (step, error) { return r.afresh(ctx, request.UUID, action) }), nil
	case errors.Is(err, device.ErrNotFound) || errors.Is(err, device.ErrAccessToken):
		return nil, r.ended(ctx, request.UUID, err)
	default:
		return nil, r.report(ctx, request, err)
	}
}

// report tells the outcome.
func (r *running) report(ctx context.Context, request *device.ApprovalRequest, err error) error {
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	outcome := Outcome{Device: r.Device, Request: request, Err: err}
	failed := err != nil && !outcome.TooLate()
	if failed {
		outcome.Err = fmt.Errorf("answering approval request %s: %w", request.UUID, err)
	}
	switch {
	case r.Report != nil:
		return r.Report(ctx, outcome)
	case failed:
		return outcome.Err
	default:
		return nil
	}
}

// passing reports whether an error may be gone at the next try.
func passing(err error) bool {
	const tooMany, broken = 429, 500
	var refused *device.Error
	if errors.As(err, &refused) {
		return refused.StatusCode == tooMany || refused.StatusCode >= broken
	}
	return errors.Is(err, device.ErrUnreachable)
}

// again does something after a pause, so that a server that is started anew is met again.
func (r *running) again(what step) step {
	return func(ctx context.Context) (step, error) {
		timer := time.NewTimer(retryPause)
		defer timer.Stop()
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-timer.C:
			return what(ctx)
		}
	}
}

// retryPause is the time between two tries at a server that is away.
const retryPause = 500 * time.Millisecond
