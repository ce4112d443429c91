package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// What several who send what is owed have of it. A second store stands for another process. Where one process does at a time, it
// has everything.

// claimant is one who sends what is owed.
type claimant struct {
	*world
	onetouch.Lease
}

func (w *world) lease(t testing.TB) claimant {
	t.Helper()
	lease, err := w.store.Lease(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return claimant{w, lease}
}

const claimedAt = "backend.example"

// due is what the claimant has of what is due an hour after the start.
func (c claimant) due(t testing.TB, most int) (found onetouch.Due) {
	t.Helper()
	err := c.store.Claim(t.Context(), c.Claimant, func(r onetouch.Reader) (err error) {
		found, err = r.DueDeliveries(claimedAt, start().Add(time.Hour), most)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func (c claimant) expect(t testing.TB, what string, most int, want ...onetouch.Delivery) {
	t.Helper()
	same(t, what, c.due(t, most).Deliveries, want)
}

// leaseIsTakenAgain also where nobody else can see the database.
func leaseIsTakenAgain(t *testing.T, w *world) {
	for range 2 {
		lease := w.lease(t)
		if lease.Held.Err() != nil {
			t.Errorf("it is lost at once: %v", lease.Held.Err())
		}
		lease.Release()
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.store.Lease(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

// oneClaimant has all that is due, as often as it asks.
func oneClaimant(t *testing.T, w *world) {
	one, two, three := w.oweCallbacks(t)
	c := w.lease(t)
	defer c.Release()
	c.expect(t, "the first", 1, one)
	c.expect(t, "two", 2, one, two)
	c.expect(t, "all", 9, one, two, three)
	c.expect(t, "once more", 9, one, two, three)
	c.expect(t, "the first of those", 1, one)
	w.updateDelivery(t, sent(one))
	c.expect(t, "what is left", 9, two, three)
	two.NextAttemptAt = start().Add(2 * time.Hour)
	w.updateDelivery(t, two)
	c.expect(t, "what was not postponed", 9, three)
}

// oweCallbacks owes one callback of each of three requests.
func (w *world) oweCallbacks(t testing.TB) (one, two, three onetouch.Delivery) {
	t.Helper()
	asked := []onetouch.ApprovalRequest{request(w.user, 1), request(w.user, 2), request(w.user, 3)}
	w.insertRequests(t, asked...)
	one, two, three = callback(asked[0]), callback(asked[1]), callback(asked[2])
	w.insertDeliveries(t, &one, &two, &three)
	return one, two, three
}

// claimants are two on one database, or none where there is one at a time.
func claimants(t *testing.T, open Open) (ours, others claimant, shared bool) {
	t.Helper()
	name := database(t)
	w, second := newWorld(t, open(t, name)), &world{store: open(t, name)}
	t.Cleanup(func() { closeStore(t, second.store) })
	ours = w.lease(t)
	t.Cleanup(ours.Release)
	if ours.Claimant == 0 {
		return ours, claimant{world: second}, false
	}
	others = second.lease(t)
	t.Cleanup(others.Release)
	if others.Claimant == ours.Claimant {
		t.Fatalf("both are claimant %d", ours.Claimant)
	}
	return ours, others, true
}

// leaseIsOnes where one sends at a time; else each has what the other has not, and all of it once that has left.
func leaseIsOnes(t *testing.T, open Open) {
	ours, others, shared := claimants(t, open)
	one, two, three := ours.oweCallbacks(t)
	ours.expect(t, "ours", 2, one, two)
	if shared {
		others.expect(t, "what the other has not", 9, three)
		ours.expect(t, "ours with the other", 9, one, two)
		ours.Release()
		<-ours.Held.Done()
		ours.expect(t, "after the release", 9)
		others.expect(t, "what was released", 9, one, two, three)
		return
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := others.store.Lease(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("a second lease: got %v, want to wait until the context ends", err)
	}
	taken := make(chan error, 1)
	go func() {
		lease, err := others.store.Lease(t.Context())
		if err == nil {
			lease.Release()
		}
		taken <- err
	}()
	ours.Release()
	<-ours.Held.Done()
	if err := <-taken; err != nil {
		t.Errorf("after the first was released: %v", err)
	}
	others.expect(t, "what was released", 9, one, two, three)
}

// claimsKeepOrder: what one request owes to one receiver is had by one at a time, whatever else is claimed.
func claimsKeepOrder(t *testing.T, open Open) {
	ours, others, shared := claimants(t, open)
	asked := request(ours.user, 1)
	ours.insertRequests(t, asked)
	first, second, again, elsewhere := callback(asked), callback(asked), callback(asked), callback(asked)
	again.Kind, elsewhere.URL = onetouch.DeliveryReplay, "https://backend.example/other"
	ours.insertDeliveries(t, &first, &second, &again, &elsewhere)
	if !shared {
		ours.expect(t, "all", 9, first, second, again, elsewhere)
		return
	}
	ours.expect(t, "the first", 1, first)
	others.expect(t, "what is not behind it", 9, again, elsewhere)
	ours.updateDelivery(t, sent(first))
	others.expect(t, "what was behind it", 9, second, again, elsewhere)
	third, fourth := callback(asked), callback(asked)
	ours.insertDeliveries(t, &third, &fourth)
	ours.expect(t, "what is behind another's", 9)
	ours.updateDelivery(t, sent(second))
	if due := ours.due(t, 9); !due.More {
		t.Errorf("got %+v, want to hear of what is behind it", due)
	}
	ours.expect(t, "one behind the other", 9, third, fourth)
	others.expect(t, "what the other has not", 9, again, elsewhere)
}

// claimsOfOneThatIsGone are free, and the others are told. It has closed its store as a process closes it that is killed.
func claimsOfOneThatIsGone(t *testing.T, open Open) {
	name := database(t)
	w, second := newWorld(t, open(t, name)), &world{store: open(t, name)}
	one, two, three := w.oweCallbacks(t)
	gone := second.lease(t)
	defer gone.Release()
	gone.expect(t, "its own", 9, one, two, three)
	if gone.Claimant == 0 {
		gone.Release()
		closeStore(t, second.store)
		c := w.lease(t)
		defer c.Release()
		c.expect(t, "of the one before", 9, one, two, three)
		return
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	begun, told := make(chan struct{}), make(chan struct{}, 1)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		w.store.Watch(ctx, time.Millisecond, func() { close(begun) }, func([]string) {
			select {
			case told <- struct{}{}:
			default:
			}
		})
	}()
	defer func() { cancel(); <-watched }()
	<-begun
	c := w.lease(t)
	defer c.Release()
	c.expect(t, "before", 9)
	closeStore(t, second.store)
	<-gone.Held.Done()
	for len(c.due(t, 9).Deliveries) == 0 {
		select {
		case <-told:
		case <-ctx.Done():
			t.Fatal("nobody is told that it is gone")
		}
	}
	c.expect(t, "of the one that is gone", 9, one, two, three)
}
