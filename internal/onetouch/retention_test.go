package onetouch_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

const (
	day  = 24 * time.Hour
	kept = 30 * day
)

// removeOld removes what has ended so long ago that it is not kept.
func (w *world) removeOld() onetouch.Removed {
	w.Helper()
	removed, err := w.RemoveOld(w.Context(), w.clock.Now().Add(-kept))
	if err != nil {
		w.Fatal(err)
	}
	return removed
}

// has reports whether the backend finds a request.
func (w *world) has(r onetouch.ApprovalRequest) bool {
	w.Helper()
	_, err := w.ApprovalRequest(w.Context(), w.app.ID, r.UUID)
	if err != nil {
		w.refused("request that was removed", err, onetouch.CodeApprovalRequestNotFound)
	}
	return err == nil
}

func TestOldRequestsAreRemoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	p := w.register(ada)
	answered, owing, denied := w.ask(ada, question()), w.ask(ada, question()), w.ask(ada, question())
	forever, expired := w.ask(ada, lasting(0)), w.ask(ada, lasting(60))
	for _, r := range []onetouch.ApprovalRequest{answered, owing, denied} {
		w.mustAnswer(p, r, evidence.Denied)
	}
	callbackOf := func(r onetouch.ApprovalRequest) int64 {
		list, err := w.Deliveries(t.Context(), onetouch.DeliveryFilter{
			RequestUUID: r.UUID, Kinds: []onetouch.DeliveryKind{onetouch.DeliveryCallback},
		})
		if err != nil || len(list) != 1 {
			t.Fatalf("callbacks %v, %v", list, err)
		}
		return list[0].ID
	}
	w.attempt(callbackOf(answered), "")
	again := callbackOf(denied)
	w.attempt(again, "")
	w.clock.Advance(kept) // to the microsecond: it counts as kept
	if _, err := w.ExpireDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	if removed := w.removeOld(); removed != (onetouch.Removed{}) {
		t.Errorf("removed %+v before their time", removed)
	}
	w.clock.Advance(time.Second)
	if _, err := w.Replay(t.Context(), again, onetouch.Replay{}); err != nil {
		t.Fatal(err)
	}
	recent := w.ask(ada, question())
	before := w.everything()
	// the answered one with push and callback; of the log also what nothing is about any more
	w.same("removed", w.removeOld(), onetouch.Removed{Requests: 1, Deliveries: 2, Events: 3 + 3})
	for _, want := range []struct {
		name    string
		request onetouch.ApprovalRequest
		there   bool
	}{
		{"answered", answered, false}, {"owed a callback", owing, true}, {"owed a replay", denied, true},
		{"pending for ever", forever, true}, {"written down as expired just now", expired, true}, {"new", recent, true},
	} {
		if got := w.has(want.request); got != want.there {
			t.Errorf("%s: it is there: %t", want.name, got)
		}
	}
	after := w.everything()
	w.same("users", after.Users, before.Users)
	w.same("devices", after.Devices, before.Devices)
	told := after.Events[len(after.Events)-1]
	if told.Type != onetouch.EventHistoryRemoved || told.Sequence <= before.Events[len(before.Events)-1].Sequence ||
		!strings.HasSuffix(told.Note, "2026-03-04T12:00:01Z") {
		t.Errorf("the log ends with %+v", told)
	}
	for _, e := range after.Events {
		if e.At.Before(w.clock.Now().Add(-kept)) && e.RequestUUID == "" {
			t.Errorf("%+v is there", e)
		}
	}

	w.attempt(callbackOf(owing), "")
	if removed := w.removeOld(); removed != (onetouch.Removed{}) {
		t.Errorf("removed %+v, about which something has happened just now", removed)
	}
	w.clock.Advance(kept + day)
	w.removeOld()
	if w.has(owing) || !w.has(denied) || !w.has(forever) {
		t.Error("a callback that was sent keeps its request, or one that is owed does not")
	}
	if count := countOf(w.log(), onetouch.EventHistoryRemoved); count != 1 {
		t.Errorf("the log tells %d times that something was removed, of which the last says all", count)
	}
}

func countOf(log []onetouch.EventType, want onetouch.EventType) (count int) {
	for _, one := range log {
		if one == want {
			count++
		}
	}
	return count
}

// What is about no request goes by itself, and a webhook is still told of what it is owed.
func TestOldCodesAreRemoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	told, owed := w.createWebhook("totp_token_sent"), w.createWebhook("totp_token_sent")
	w.sendToken(ada, onetouch.ChannelSMS)
	w.mustStartVerification("202-555-0159")
	w.report(ada, onetouch.ActivityCookieLogin)
	w.attempt(w.owedTo(told)[0].Delivery.ID, "")
	w.clock.Advance(kept + day)
	removed := w.removeOld()
	if removed.Passwords != 1 || removed.Verifications != 1 || removed.Activities != 1 || removed.Deliveries != 3 {
		t.Errorf("removed %+v", removed)
	}
	if left := w.everything(); len(left.Messages) != 0 || len(left.Activities) != 0 {
		t.Errorf("left are %+v", left)
	}
	owing := w.owedTo(owed)
	if len(owing) != 1 || owing[0].Event.Type != onetouch.EventTokenSent {
		t.Fatalf("the webhook is owed %+v", owing)
	}
	w.attempt(owing[0].Delivery.ID, "")
	w.clock.Advance(kept + day)
	w.removeOld()
	w.same("log", w.log(), []onetouch.EventType{onetouch.EventHistoryRemoved})
}

// More than one change is needed, and others come between.
func TestManyOldRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	const many = 105
	for range many {
		w.ask(ada, lasting(60))
	}
	stays := w.ask(ada, lasting(0))
	w.clock.Advance(time.Minute)
	if _, err := w.ExpireDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(kept + day)
	w.store.failAfter(3) // an event and two changes
	removed, err := w.RemoveOld(t.Context(), w.clock.Now().Add(-kept))
	if !errors.Is(err, errDisk) || removed.Requests != 40 {
		t.Errorf("removed %+v, %v", removed, err)
	}
	w.store.repair()
	w.same("removed at last", removed.Requests+w.removeOld().Requests, many)
	w.same("requests", len(w.everything().Requests), 1)
	if !w.has(stays) {
		t.Error("the one that has no end is gone")
	}
	if log := w.log(); countOf(log, onetouch.EventHistoryRemoved) != 2 {
		t.Errorf("the log is %v", log)
	}
}

func TestRunRetentionFollowsTheClock(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	ctx, stop := context.WithCancel(t.Context())
	looks, ended := make(chan onetouch.Removed), make(chan error, 1)
	go func() {
		ended <- w.RunRetention(ctx, kept, func(before time.Time, removed onetouch.Removed) {
			if !before.Equal(w.clock.Now().Add(-kept)) {
				t.Errorf("it is removed what has ended before %s, at %s", before, w.clock.Now())
			}
			looks <- removed
		})
	}()
	w.same("first look", <-looks, onetouch.Removed{})
	w.mustAnswer(w.register(ada, byNobody), w.ask(ada, question()), evidence.Approved)
	due, _ := w.due()
	w.attempt(due[0], "")
	w.clock.Advance(kept + day)
	if removed := <-looks; removed.Requests != 1 {
		t.Errorf("removed %+v", removed)
	}
	w.store.failViews(errDisk)
	w.clock.Advance(day)
	<-looks
	if err := <-ended; !errors.Is(err, errDisk) {
		t.Errorf("ended with %v", err)
	}
	stop()
	if !slices.Contains(onetouch.EventTypes(), onetouch.EventHistoryRemoved) {
		t.Error("its event is not listed")
	}
}

// What one process has removed another one that keeps things as long does not remember.
func TestRemovedByAnotherProcess(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	p, asked := w.register(ada), w.ask(ada, question())
	pushes, err := w.Deliveries(t.Context(), onetouch.DeliveryFilter{RequestUUID: asked.UUID})
	if err != nil || len(pushes) != 1 {
		t.Fatalf("pushes %v, %v", pushes, err)
	}
	w.attempt(pushes[0].ID, "")
	there := onetouch.NewService(w.store, onetouch.Options{Clock: w.clock})
	if _, err := there.Answer(t.Context(), p.Device, asked.UUID, w.sign(p, asked, evidence.Approved)); err != nil {
		t.Fatal(err)
	}
	callbacks, err := w.Deliveries(t.Context(), onetouch.DeliveryFilter{
		RequestUUID: asked.UUID, Kinds: []onetouch.DeliveryKind{onetouch.DeliveryCallback},
	})
	if err != nil || len(callbacks) != 1 {
		t.Fatalf("callbacks %v, %v", callbacks, err)
	}
	w.attempt(callbacks[0].ID, "")
	w.clock.Advance(kept + day)
	if w.removeOld(); w.has(asked) {
		t.Fatal("it is still there")
	}
	if _, err := there.RemoveOld(t.Context(), w.clock.Now().Add(-kept)); err != nil {
		t.Fatal(err)
	}
	_, err = there.ApprovalRequest(t.Context(), w.app.ID, asked.UUID)
	w.refused("elsewhere", err, onetouch.CodeApprovalRequestNotFound)
}
