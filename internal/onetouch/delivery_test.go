package onetouch_test

import (
	"cmp"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// attempt records a try that took a quarter of a second; failure is empty after a success.
func (w *world) attempt(deliveryID int64, failure string) onetouch.Delivery {
	w.Helper()
	d, err := w.RecordAttempt(w.Context(), onetouch.Attempt{
		DeliveryID: deliveryID, StartedAt: w.clock.Now(), Duration: time.Second / 4, StatusCode: 200, Error: failure,
	})
	if err != nil {
		w.Fatal(err)
	}
	return d
}

// callback makes a request, answers it, and returns the callback that is owed.
func (w *world) callback() onetouch.Delivery {
	w.Helper()
	user := w.addUser("202-555-0158")
	asked := w.ask(user, question())
	w.mustAnswer(w.register(user, byNobody), asked, evidence.Approved)
	records, err := w.Deliveries(w.Context(), onetouch.DeliveryFilter{RequestUUID: asked.UUID})
	if err != nil || len(records) != 1 {
		w.Fatalf("got %v, %v, want one callback", records, err)
	}
	return records[0].Delivery
}

func (w *world) due() (ids []int64, next time.Time) {
	w.Helper()
	due, next, err := w.DueDeliveries(w.Context(), 0, most(100))
	if err != nil {
		w.Fatal(err)
	}
	for _, d := range slices.SortedFunc(flat(due), func(a, b onetouch.Delivery) int {
		return cmp.Or(a.NextAttemptAt.Compare(b.NextAttemptAt), cmp.Compare(a.ID, b.ID))
	}) {
		ids = append(ids, d.ID)
	}
	return ids, next
}

// most wants that many of each receiver.
func most(n int) func(string) int { return func(string) int { return n } }

// flat is what is due, of whatever receiver.
func flat(due map[string]onetouch.Due) iter.Seq[onetouch.Delivery] {
	return func(yield func(onetouch.Delivery) bool) {
		for _, receiver := range due {
			for _, d := range receiver.Deliveries {
				if !yield(d) {
					return
				}
			}
		}
	}
}

func TestDeliveryIsRetriedLessAndLessOftenAndGivenUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	owed := w.callback()
	const last = 15
	least := time.Second
	for n := 1; n <= last; n++ {
		if ids, _ := w.due(); len(ids) != 1 || ids[0] != owed.ID {
			t.Fatalf("try %d: due are %v", n, ids)
		}
		ended := w.clock.Now().Add(time.Second / 4)
		d := w.attempt(owed.ID, "connection refused")
		if d.Attempts != n || d.LastError != "connection refused" {
			t.Fatalf("try %d: got %+v", n, d)
		}
		if n == last {
			break
		}
		wait := d.NextAttemptAt.Sub(ended)
		if d.State != onetouch.DeliveryPending || wait < least || wait > least*3/2 {
			t.Fatalf("after try %d: %s, the next one after %s, want %s to %s", n, d.State, wait, least, least*3/2)
		}
		ids, next := w.due()
		if len(ids) != 0 || !next.Equal(d.NextAttemptAt) {
			t.Fatalf("after try %d: due are %v, next at %s, want %s", n, ids, next, d.NextAttemptAt)
		}
		w.clock.Advance(d.NextAttemptAt.Sub(w.clock.Now()))
		least = min(2*least, 5*time.Minute)
	}
	given := w.everything().Deliveries[0]
	if given.State != onetouch.DeliveryFailed || !given.NextAttemptAt.IsZero() || len(given.Log) != last ||
		!given.FinishedAt.Equal(w.clock.Now().Add(time.Second/4)) {
		t.Errorf("after the last try: %+v", given)
	}
	if ids, next := w.due(); len(ids) != 0 || !next.IsZero() {
		t.Errorf("after it was given up: due are %v, next at %s", ids, next)
	}
	log := w.log()
	retried := 0
	for _, event := range log {
		if event == onetouch.EventCallbackRetried {
			retried++
		}
	}
	if retried != last-1 || log[len(log)-1] != onetouch.EventCallbackFailed {
		t.Errorf("the log says %d retries and ends with %s", retried, log[len(log)-1])
	}
}

// Deliveries to one receiver that failed together do not come back together.
func TestRetriesAreSpread(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	w.register(ada, byWebhook)
	times := map[time.Time]bool{}
	for range 20 {
		times[w.attempt(w.pushes(w.ask(ada, question()))[0].ID, "connection refused").NextAttemptAt] = true
	}
	if len(times) < 15 {
		t.Errorf("20 deliveries return at %d different times", len(times))
	}
}

func TestSuccessIsFinal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	owed := w.callback()
	w.attempt(owed.ID, "answered 500")
	w.clock.Advance(time.Second)
	sent := w.attempt(owed.ID, "")
	if sent.State != onetouch.DeliverySent || sent.Attempts != 2 || sent.LastError != "" || !sent.NextAttemptAt.IsZero() {
		t.Errorf("after the success: %+v", sent)
	}
	log := w.log()
	if log[len(log)-1] != onetouch.EventCallbackSent {
		t.Errorf("the log ends with %s", log[len(log)-1])
	}
	// A second worker that had begun before it saw the success is written down, and changes nothing else.
	late := w.attempt(owed.ID, "answered 500")
	want := sent
	want.Attempts = 3
	w.same("delivery after a late failure", late, want)
	w.same("log after a late failure", w.log(), log)
	given, err := w.GiveUp(t.Context(), owed.ID, "nobody needs it")
	if err != nil {
		t.Fatal(err)
	}
	w.same("delivery given up after its success", given, want)
	if ids, next := w.due(); len(ids) != 0 || !next.IsZero() {
		t.Errorf("after the success: due are %v, next at %s", ids, next)
	}
}

func TestAttemptsAreNumberedAndKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	owed := w.callback()
	tries := []onetouch.Attempt{
		{DeliveryID: owed.ID, StartedAt: noon(), Duration: 3 * time.Millisecond, Error: "connection refused"},
		{DeliveryID: owed.ID, StartedAt: noon().Add(time.Second), StatusCode: 500, Response: "oops", Error: "answered 500"},
		{DeliveryID: owed.ID, Number: 99, StartedAt: noon().Add(time.Minute), StatusCode: 200, Response: "fine"},
	}
	for _, a := range tries {
		if _, err := w.RecordAttempt(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	for i := range tries {
		tries[i].Number = i + 1
	}
	w.same("attempts", w.everything().Deliveries[0].Log, tries)
}

func TestDeliveryGivenUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	owed := w.callback()
	w.clock.Advance(time.Minute)
	woken := w.Changed(onetouch.TopicDeliveries)
	got, err := w.GiveUp(t.Context(), owed.ID, "nobody needs it")
	if err != nil {
		t.Fatal(err)
	}
	<-woken
	want := owed
	want.State, want.FinishedAt, want.NextAttemptAt = onetouch.DeliveryFailed, w.clock.Now(), time.Time{}
	want.LastError = "nobody needs it"
	w.same("delivery", got, want)
	events := w.everything().Events
	if last := events[len(events)-1]; last.Type != onetouch.EventCallbackFailed || last.Note != "nobody needs it" {
		t.Errorf("the log ends with %+v", last)
	}
}

func TestUnknownDelivery(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.changesNothing("unknown delivery", func() {
		_, err := w.RecordAttempt(t.Context(), onetouch.Attempt{DeliveryID: 99})
		w.refused("attempt", err, onetouch.CodeDeliveryNotFound)
		_, err = w.GiveUp(t.Context(), 99, "")
		w.refused("giving up", err, onetouch.CodeDeliveryNotFound)
		_, err = w.Parcel(t.Context(), 99)
		w.refused("parcel", err, onetouch.CodeDeliveryNotFound)
	})
}

func TestDueDeliveriesAreThoseThatWaitLongest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	w.register(ada, byWebhook)
	w.register(ada, byStream) // what waits for its stream is never due
	first := w.pushes(w.ask(ada, question()))[0].ID
	w.clock.Advance(time.Second)
	second := w.pushes(w.ask(ada, question()))[0].ID
	retried := w.attempt(first, "answered 500") // and so comes after the second

	byReceiver, next, err := w.DueDeliveries(t.Context(), 0, most(1))
	due := slices.Collect(flat(byReceiver))
	if err != nil || len(due) != 1 || due[0].ID != second || !next.Equal(retried.NextAttemptAt) {
		t.Errorf("got %v, %s, %v, want %d, and %d at %s", due, next, err, second, first, retried.NextAttemptAt)
	}
	count := func() [2]int {
		t.Helper()
		due, later, err := w.OwedDeliveries(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		return [2]int{due, later}
	}
	w.same("due now and later", count(), [2]int{1, 1})
	w.clock.Advance(2 * time.Second)
	if ids, next := w.due(); len(ids) != 2 || ids[0] != second || ids[1] != first || !next.IsZero() {
		t.Errorf("later: due are %v, next at %s", ids, next)
	}
	w.same("due later, and after that", count(), [2]int{2, 0})
	if !retried.Due(w.clock.Now()) || retried.Due(noon()) {
		t.Error("a delivery does not know when it is due")
	}
}

// What one request owes to one receiver keeps its order: the push, when it was given to the backend's own URL, comes
// before the callback.
func TestWhatIsOwedToOneReceiverKeepsItsOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	p := w.register(ada, onetouch.PushTarget{Type: onetouch.PushWebhook, URL: callbackURL})
	asked := w.ask(ada, question())
	other := w.ask(ada, question())
	w.mustAnswer(p, asked, evidence.Approved)
	push := w.attempt(w.pushes(asked)[0].ID, "connection refused")
	ids, next := w.due()
	w.same("due while the first is retried", ids, []int64{w.pushes(other)[0].ID})
	w.same("the next one", next, push.NextAttemptAt)
	w.clock.Advance(2 * time.Second)
	callbacks, err := w.Deliveries(t.Context(), onetouch.DeliveryFilter{RequestUUID: asked.UUID, Kinds: []onetouch.DeliveryKind{onetouch.DeliveryCallback}})
	if err != nil || len(callbacks) != 1 {
		t.Fatal(callbacks, err)
	}
	ids, _ = w.due()
	w.same("due after that", ids, []int64{w.pushes(other)[0].ID, push.ID, callbacks[0].ID})
}

func TestParcelHoldsAllThatADeliverySays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	pushed, answerer := w.register(ada, byWebhook), w.register(ada, byNobody)
	asked := w.ask(ada, question())
	push := w.pushes(asked)[0]
	parcel, err := w.Parcel(t.Context(), push.ID)
	if err != nil {
		t.Fatal(err)
	}
	if parcel.Device.ID != pushed.ID || parcel.Request.UUID != asked.UUID || parcel.Obsolete() != "" {
		t.Errorf("the push is %+v", parcel)
	}
	w.mustAnswer(answerer, asked, evidence.Denied)
	if parcel, err = w.Parcel(t.Context(), push.ID); err != nil || parcel.Device.ID != pushed.ID || parcel.Obsolete() == "" {
		t.Errorf("the push of an answered request is for %d and obsolete because %q (%v)",
			parcel.Device.ID, parcel.Obsolete(), err)
	}
	callbacks, err := w.Deliveries(t.Context(), onetouch.DeliveryFilter{Kinds: []onetouch.DeliveryKind{onetouch.DeliveryCallback}})
	if err != nil || len(callbacks) != 1 {
		t.Fatal(callbacks, err)
	}
	parcel, err = w.Parcel(t.Context(), callbacks[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	w.same("the callback's parts", []any{parcel.Application, parcel.User, parcel.Device, parcel.Request.Status, parcel.Obsolete()},
		[]any{w.app, w.known(ada), answerer.Device, onetouch.StatusDenied, ""})
}

func TestPushThatNobodyNeedsAnyMore(t *testing.T) {
	t.Parallel()
	for what, happens := range map[string]func(w *world, p phone){
		"the device is removed": func(w *world, p phone) {
			if err := w.RemoveDevice(w.Context(), w.app.ID, p.ID); err != nil {
				w.Fatal(err)
			}
		},
		"the request expires": func(w *world, _ phone) { w.clock.Advance(time.Minute) },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			ada := w.addUser("202-555-0158")
			p := w.register(ada, byWebhook)
			push := w.pushes(w.ask(ada, lasting(60)))[0]
			happens(w, p)
			parcel, err := w.Parcel(t.Context(), push.ID)
			if err != nil || parcel.Obsolete() == "" {
				t.Errorf("the push is obsolete because %q (%v)", parcel.Obsolete(), err)
			}
		})
	}
}
