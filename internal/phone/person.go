package phone

import (
	"context"
	"sync"

	"github.com/onetouchkit/onetouch/internal/policy"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// Person is asked about one request after the other, in the order in which phones have heard of them. Several phones may
// share a person.
type Person struct {
	ask func(context.Context, *device.Device, *device.ApprovalRequest) (policy.Action, error)

	mu   sync.Mutex
	last chan struct{} // is closed when the question that came last is over
}

// NewPerson returns a person who answers with ask: [policy.Approve], [policy.Deny] or, for no answer, [policy.Ignore]. An
// error ends the phone.
func NewPerson(
	ask func(context.Context, *device.Device, *device.ApprovalRequest) (policy.Action, error),
) *Person {
	return &Person{ask: ask}
}

// queue takes the next place: before is closed when it is its turn, leave ends it.
func (p *Person) queue() (before <-chan struct{}, leave func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	before = p.last
	own := make(chan struct{})
	p.last = own
	if before == nil {
		nobody := make(chan struct{})
		close(nobody)
		before = nobody
	}
	return before, sync.OnceFunc(func() { close(own) })
}

// ask has the person answer, if the request is still pending when it is its turn.
func (r *running) ask(uuid string) step {
	before, leave := r.Person.queue()
	return func(ctx context.Context) (step, error) {
		defer leave()
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-before:
		}
		request, err := r.Device.ApprovalRequest(ctx, uuid)
		if passing(err) {
			return r.again(func(context.Context) (step, error) { return r.ask(uuid), nil }), nil
		}
		if err != nil || request.Status.Decided() {
			return nil, r.ended(ctx, uuid, err)
		}
		action, err := r.Person.ask(ctx, r.Device, request)
		if err != nil {
			return nil, err
		}
		return r.act(ctx, request, action)
	}
}
