package onetouch_test

import (
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// The service remembers the requests of the last moments. What another process has made of them counts at once all the
// same.
func TestRequestAnsweredThroughAnotherProcess(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	there := onetouch.NewService(w.store, onetouch.Options{Clock: w.clock})
	ada := w.addUser("202-555-0158")
	p, asked := w.register(ada), w.ask(ada, question())
	if _, err := there.Answer(t.Context(), p.Device, asked.UUID, w.sign(p, asked, evidence.Denied)); err != nil {
		t.Fatal(err)
	}
	if got := w.status(asked); got != onetouch.StatusDenied {
		t.Errorf("the status is %s", got)
	}
	for what, jws := range map[string]string{
		"valid answer": w.sign(p, asked, evidence.Approved), "what is no answer": "nonsense",
	} {
		w.changesNothing(what, func() {
			_, err := w.Answer(t.Context(), p.Device, asked.UUID, jws)
			w.refused(what, err, onetouch.CodeApprovalRequestNotPending)
		})
	}
}

// What another process removes because it is old is forgotten as soon as that tells of it, and what is asked after that is
// remembered until the next time.
func TestRequestRemovedByAnotherProcess(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	signals := &onetouch.Signals{}
	store := &announcing{Store: w.store.Store, hears: signals}
	there := onetouch.NewService(store, onetouch.Options{Clock: w.clock})
	w.Service = onetouch.NewService(w.store, onetouch.Options{Clock: w.clock, Signals: signals})
	ada := w.addUser("202-555-0158")
	p := w.register(ada, byStream)
	for range 2 {
		asked := w.ask(ada, question())
		w.mustAnswer(p, asked, evidence.Approved)
		owed, err := w.Deliveries(t.Context(), onetouch.DeliveryFilter{RequestUUID: asked.UUID})
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range owed {
			w.attempt(d.ID, "")
		}
		w.clock.Advance(kept + day)
		if !w.has(asked) {
			t.Fatal("it is gone before it was removed")
		}
		removed, err := there.RemoveOld(t.Context(), w.clock.Now().Add(-kept))
		if err != nil || removed.Requests != 1 {
			t.Fatalf("removed %+v, %v", removed, err)
		}
		if w.has(asked) {
			t.Error("it is told of after it was removed")
		}
	}
}

// A push that leaves after the answer is still seen to have left.
func TestPushThatLeavesAfterTheAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	p, asked := w.register(ada, byStream), w.ask(ada, question())
	notified := func() bool {
		t.Helper()
		record, err := w.ApprovalRequest(t.Context(), w.app.ID, asked.UUID)
		if err != nil || record.Request.Status != onetouch.StatusApproved {
			t.Fatalf("got %+v, %v", record.Request, err)
		}
		return record.Request.Notified
	}
	w.mustAnswer(p, asked, evidence.Approved)
	if notified() {
		t.Error("it is notified before a push has left")
	}
	w.attempt(w.pushes(asked)[0].ID, "")
	if !notified() {
		t.Error("it is not notified although a push has left")
	}
}

// What is remembered of a settled request is what the store has, also after many others, and however large it is.
func TestSettledRequestsAreAsStored(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	fresh := onetouch.NewService(w.store, onetouch.Options{Clock: w.clock})
	ada := w.addUser("202-555-0158")
	p := w.register(ada, byStream)
	large := question()
	for range 900 {
		large.Message += "many words"
	}
	var all []onetouch.ApprovalRequest
	for _, n := range []onetouch.NewApprovalRequest{question(), large, {Message: "bare"}} {
		asked := w.ask(ada, n)
		w.attempt(w.pushes(asked)[0].ID, "")
		w.mustAnswer(p, asked, evidence.Approved)
		all = append(all, asked)
	}
	same := func() {
		t.Helper()
		for _, asked := range all {
			here, err := w.ApprovalRequest(t.Context(), w.app.ID, asked.UUID)
			if err != nil {
				t.Fatal(err)
			}
			there, err := fresh.ApprovalRequest(t.Context(), w.app.ID, asked.UUID)
			if err != nil {
				t.Fatal(err)
			}
			w.same("request", here, there)
		}
	}
	same()
	for range 1100 { // more than are remembered
		w.ask(ada, lasting(1))
	}
	w.clock.Advance(time.Hour)
	same()
}
