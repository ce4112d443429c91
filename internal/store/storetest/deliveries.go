package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// insertDeliveries writes deliveries with their requests, and gives them their numbers.
func (w *world) insertDeliveries(t testing.TB, list ...*onetouch.Delivery) {
	t.Helper()
	w.update(t, func(tx onetouch.Transaction) error {
		for _, d := range list {
			if err := tx.InsertDelivery(d); err != nil {
				return err
			}
		}
		return nil
	})
}

func (w *world) updateDelivery(t testing.TB, d onetouch.Delivery) {
	t.Helper()
	w.update(t, func(tx onetouch.Transaction) error { return tx.UpdateDelivery(d) })
}

func deliveries(t *testing.T, w *world) {
	asked := request(w.user, 1)
	w.insertRequests(t, asked)
	first, second := push(asked, w.device), callback(asked)
	second.Attempts, second.LastError = 3, "connection refused"
	w.insertDeliveries(t, &first, &second)
	if first.ID == 0 || second.ID <= first.ID {
		t.Errorf("numbers are %d, then %d: must be given and grow", first.ID, second.ID)
	}
	for _, d := range []onetouch.Delivery{first, second, sent(second)} {
		w.updateDelivery(t, d)
		same(t, "delivery", view(t, w, func(r onetouch.Reader) (onetouch.Delivery, error) { return r.Delivery(d.ID) }), d)
	}
	unknown := second
	unknown.ID++
	absent(t, w, "delivery", func(r onetouch.Reader) (onetouch.Delivery, error) { return r.Delivery(unknown.ID) })
	refused(t, w, "update", func(tx onetouch.Transaction) error { return tx.UpdateDelivery(unknown) })
	lost := callback(request(w.user, 99))
	if err := w.store.Update(t.Context(), func(tx onetouch.Transaction) error { return tx.InsertDelivery(&lost) }); err == nil {
		t.Error("a delivery of a request that does not exist was written")
	}
}

func deliveriesList(t *testing.T, w *world) {
	one, two := request(w.user, 1), request(w.user, 2)
	w.insertRequests(t, one, two)
	pushOne, callbackOne, callbackTwo := push(one, w.device), callback(one), callback(two)
	w.insertDeliveries(t, &pushOne, &callbackOne, &callbackTwo)
	for _, test := range []struct {
		filter onetouch.DeliveryFilter
		want   []onetouch.Delivery
	}{
		{onetouch.DeliveryFilter{}, []onetouch.Delivery{callbackTwo, callbackOne, pushOne}},
		{onetouch.DeliveryFilter{Limit: 2}, []onetouch.Delivery{callbackTwo, callbackOne}},
		{onetouch.DeliveryFilter{RequestUUID: one.UUID}, []onetouch.Delivery{callbackOne, pushOne}},
		{onetouch.DeliveryFilter{RequestUUID: "none"}, nil},
		{onetouch.DeliveryFilter{Kinds: []onetouch.DeliveryKind{onetouch.DeliveryPush}}, []onetouch.Delivery{pushOne}},
		{
			onetouch.DeliveryFilter{AppID: w.app.ID, RequestUUID: one.UUID, Kinds: []onetouch.DeliveryKind{onetouch.DeliveryCallback}, Limit: 5},
			[]onetouch.Delivery{callbackOne},
		},
		{onetouch.DeliveryFilter{AppID: "other"}, nil},
		{
			onetouch.DeliveryFilter{Kinds: []onetouch.DeliveryKind{onetouch.DeliveryPush, onetouch.DeliveryCallback}, Limit: 2},
			[]onetouch.Delivery{callbackTwo, callbackOne},
		},
		{onetouch.DeliveryFilter{AuthyID: w.user.AuthyID, State: onetouch.DeliveryPending, Limit: 1}, []onetouch.Delivery{callbackTwo}},
		{onetouch.DeliveryFilter{AuthyID: w.user.AuthyID + 1}, nil},
		{onetouch.DeliveryFilter{State: onetouch.DeliverySent}, nil},
	} {
		got := view(t, w, func(r onetouch.Reader) ([]onetouch.Delivery, error) { return r.Deliveries(test.filter) })
		same(t, "list", got, test.want)
	}
}

func deliveriesDue(t *testing.T, w *world) {
	asked := request(w.user, 0)
	w.insertRequests(t, asked)
	at := func(seconds int) time.Time { return start().Add(time.Duration(seconds) * time.Second) }
	late, soon, tied, other := callback(asked), callback(asked), callback(asked), callback(asked)
	done, waiting := sent(callback(asked)), push(asked, w.device)
	late.NextAttemptAt, soon.NextAttemptAt, tied.NextAttemptAt = at(30), at(10), at(10)
	other.URL, other.NextAttemptAt = "http://ada:pw@Other.example:81?x", at(20)
	w.insertDeliveries(t, &late, &soon, &tied, &other, &done, &waiting)
	const here, there = "backend.example", "other.example:81"
	both := func(hereDue bool, hereNext time.Time, thereDue bool, thereNext time.Time) []onetouch.Receiver {
		return []onetouch.Receiver{{Name: here, Due: hereDue, Next: hereNext}, {Name: there, Due: thereDue, Next: thereNext}}
	}
	for _, test := range []struct {
		now        time.Time
		most       int
		want       []onetouch.Delivery
		receivers  []onetouch.Receiver
		due, later int
	}{
		{at(9), 10, nil, both(false, at(10), false, at(20)), 0, 4},
		{at(10), 10, []onetouch.Delivery{soon, tied}, both(true, at(30), false, at(20)), 2, 2},
		{at(10), 1, []onetouch.Delivery{soon}, both(true, at(30), false, at(20)), 2, 2},
		{at(30), 10, []onetouch.Delivery{soon, tied, late}, both(true, time.Time{}, true, time.Time{}), 4, 0},
	} {
		w.expectDue(t, here, test.now, test.most, test.want)
		same(t, "receivers", view(t, w, func(r onetouch.Reader) ([]onetouch.Receiver, error) { return r.Receivers(test.now) }),
			test.receivers)
		w.expectOwed(t, 0, test.now, [2]int{test.due, test.later})
	}
	w.expectDue(t, there, at(20), 10, []onetouch.Delivery{other})
	w.expectDue(t, "nobody", at(99), 10, nil)
	w.expectOwed(t, soon.ID, at(10), [2]int{1, 1}) // tied, and other
	soon.NextAttemptAt = at(60)                    // failed, and tried again later
	failed := tied
	failed.State, failed.NextAttemptAt, failed.FinishedAt = onetouch.DeliveryFailed, time.Time{}, at(11)
	w.updateDelivery(t, soon)
	w.updateDelivery(t, failed)
	w.expectDue(t, here, at(30), 10, []onetouch.Delivery{late})
}

func (w *world) expectDue(t *testing.T, receiver string, now time.Time, most int, want []onetouch.Delivery) {
	t.Helper()
	got := view(t, w, func(r onetouch.Reader) (onetouch.Due, error) { return r.DueDeliveries(receiver, now, most) })
	same(t, "due", got, onetouch.Due{Deliveries: want, More: len(want) == most})
}

func (w *world) expectOwed(t *testing.T, after int64, now time.Time, want [2]int) {
	t.Helper()
	same(t, "counts", view(t, w, func(r onetouch.Reader) ([2]int, error) {
		due, later, err := r.OwedDeliveries(after, now)
		return [2]int{due, later}, err
	}), want)
}

func attempts(t *testing.T, w *world) {
	asked := request(w.user, 1)
	w.insertRequests(t, asked)
	owed, other := callback(asked), callback(asked)
	w.insertDeliveries(t, &owed, &other)
	tries := []onetouch.Attempt{
		{
			DeliveryID: owed.ID, Number: 1, StartedAt: start(), Duration: 1234567 * time.Nanosecond, Error: "connection refused",
		},
		{
			DeliveryID: owed.ID, Number: 2, StartedAt: start().Add(time.Minute), Duration: time.Second, StatusCode: 204,
			Response: "fine", Exchange: onetouch.Exchange{
				Nonce: "1772600000", Signature: "c2ln", Headers: []onetouch.Header{{Name: "Date", Value: "now"}, {Name: "X", Value: ""}},
				Phases: onetouch.Phases{
					Lookup: time.Microsecond, Connect: 2 * time.Microsecond, TLS: 3 * time.Microsecond, Send: 4 * time.Microsecond,
					Wait: 5 * time.Second, Receive: 6 * time.Microsecond, Reused: true,
				},
			},
		},
	}
	w.update(t, func(tx onetouch.Transaction) error {
		return firstError(tx.InsertAttempt(tries[1]), tx.InsertAttempt(tries[0]))
	})
	read := func(id int64) []onetouch.Attempt {
		t.Helper()
		return view(t, w, func(r onetouch.Reader) ([]onetouch.Attempt, error) { return r.Attempts(id) })
	}
	same(t, "attempts", read(owed.ID), tries)
	same(t, "attempts of another", read(other.ID), []onetouch.Attempt(nil))
}

func deliveryContents(t *testing.T, w *world) {
	asked := request(w.user, 1)
	w.insertRequests(t, asked)
	first, again, third, ping := callback(asked), callback(asked), callback(asked), callback(asked)
	again.Kind, third.Kind, ping.Kind, ping.RequestUUID = onetouch.DeliveryReplay, onetouch.DeliveryReplay, onetouch.DeliveryPing, ""
	w.insertDeliveries(t, &first, &again, &third, &ping)
	for _, content := range []onetouch.DeliveryContent{
		{DeliveryID: again.ID, ReplayOf: first.ID, Nonce: "1772600000", Signature: "c2ln"},
		{DeliveryID: third.ID, ReplayOf: first.ID, Payload: `{"a":1}`},
		{DeliveryID: ping.ID, Payload: `{}`},
	} {
		w.update(t, func(tx onetouch.Transaction) error { return tx.InsertDeliveryContent(content) })
		same(t, "content", view(t, w, func(r onetouch.Reader) (onetouch.DeliveryContent, error) {
			return r.DeliveryContent(content.DeliveryID)
		}), content)
	}
	absent(t, w, "content", func(r onetouch.Reader) (onetouch.DeliveryContent, error) { return r.DeliveryContent(first.ID) })
	replays := func(id int64, most int) []onetouch.Delivery {
		return view(t, w, func(r onetouch.Reader) ([]onetouch.Delivery, error) { return r.Replays(id, most) })
	}
	same(t, "replays", replays(first.ID, 5), []onetouch.Delivery{third, again})
	same(t, "newest replay", replays(first.ID, 1), []onetouch.Delivery{third})
	same(t, "replays of none", replays(ping.ID, 5), []onetouch.Delivery(nil))
}

// streamPushes compares the store with pushes filtered by hand, over all arguments.
func streamPushes(t *testing.T, w *world) {
	second := device(w.user, "second")
	w.update(t, func(tx onetouch.Transaction) error { return tx.InsertDevice(&second) })
	type owed struct {
		onetouch.Delivery
		asked onetouch.ApprovalRequest
	}
	var all []owed
	for n := range 8 {
		asked := request(w.user, n)
		w.insertRequests(t, asked)
		for _, d := range []onetouch.Device{w.device, second} {
			p := push(asked, d)
			switch n % 4 {
			case 0:
				if d.ID == second.ID {
					p.Method = onetouch.SentByBackend // not for the stream
				}
			case 1:
				p = sent(p)
			case 2:
				p.URL, p.Method = "https://push.example/", "POST" // nor is this
			}
			w.insertDeliveries(t, &p)
			all = append(all, owed{p, asked})
		}
		report := callback(asked)
		w.insertDeliveries(t, &report)
		if n%4 == 3 {
			all[len(all)-1].asked = decided(asked, onetouch.StatusDenied, second)
			all[len(all)-2].asked = all[len(all)-1].asked
			w.decide(t, all[len(all)-1].asked)
		}
	}
	expect := func(d onetouch.Device, after int64, unsentOnly bool, most int) []onetouch.Push {
		var pushes []onetouch.Push
		for _, o := range all {
			fits := o.DeviceID == d.ID && o.ID > after && o.Method == "" && o.asked.Status == onetouch.StatusPending &&
				(!unsentOnly || o.State == onetouch.DeliveryPending)
			if fits && len(pushes) < most {
				pushes = append(pushes, onetouch.Push{ID: o.ID, RequestUUID: o.RequestUUID, Message: o.asked.Message})
			}
		}
		return pushes
	}
	for _, d := range []onetouch.Device{w.device, second, {ID: second.ID + 1}} {
		for after := range all[len(all)-1].ID + 1 {
			for _, unsentOnly := range []bool{false, true} {
				for _, most := range []int{2, 100} {
					got := view(t, w, func(r onetouch.Reader) ([]onetouch.Push, error) {
						return r.StreamPushes(d.ID, after, unsentOnly, most)
					})
					if want := expect(d, after, unsentOnly, most); !slices.Equal(got, want) {
						t.Fatalf("after %d, unsent only %t, most %d: got %v, want %v", after, unsentOnly, most, got, want)
					}
				}
			}
		}
	}
}

func events(t *testing.T, w *world) {
	same(t, "last event of none", view(t, w, onetouch.Reader.LastEvent), int64(0))
	asked, other := request(w.user, 1), request(w.user, 2)
	w.insertRequests(t, asked, other)
	log := []onetouch.Event{
		{
			At: start(), Type: onetouch.EventRequestResponded, AppID: w.app.ID, AuthyID: w.user.AuthyID, DeviceID: w.device.ID,
			RequestUUID: asked.UUID, DeliveryID: 7, Note: "approved",
		},
		{At: start().Add(-time.Hour), Type: onetouch.EventUserAdded, AppID: "some"}, // the clock may go back, the number never does
		{At: start(), Type: onetouch.EventRequestExpired, AppID: "some", RequestUUID: other.UUID},
		{At: start(), Type: onetouch.EventCallbackSent, RequestUUID: asked.UUID},
	}
	for i := range log {
		w.update(t, func(tx onetouch.Transaction) error { return tx.InsertEvent(&log[i]) })
		same(t, "last event", view(t, w, onetouch.Reader.LastEvent), log[i].Sequence)
		if i > 0 && log[i].Sequence <= log[i-1].Sequence || log[i].Sequence == 0 {
			t.Errorf("event %d has number %d: must grow", i, log[i].Sequence)
		}
	}
	for _, test := range []struct {
		filter onetouch.EventFilter
		want   []onetouch.Event
	}{
		{onetouch.EventFilter{}, log},
		{onetouch.EventFilter{Limit: 2}, log[:2]},
		{onetouch.EventFilter{After: log[1].Sequence}, log[2:]},
		{onetouch.EventFilter{After: log[3].Sequence}, nil},
		{onetouch.EventFilter{RequestUUID: asked.UUID}, []onetouch.Event{log[0], log[3]}},
		{onetouch.EventFilter{RequestUUID: asked.UUID, After: log[0].Sequence, Limit: 5}, log[3:]},
		{onetouch.EventFilter{RequestUUID: "none"}, nil},
		{onetouch.EventFilter{Latest: true}, log},
		{onetouch.EventFilter{Latest: true, Limit: 3}, log[1:]},
		{onetouch.EventFilter{AppID: w.app.ID}, []onetouch.Event{log[0], log[3]}}, // and what is of no application
		{onetouch.EventFilter{AppID: "another"}, log[3:]},
		{onetouch.EventFilter{AuthyID: w.user.AuthyID, RequestUUID: asked.UUID}, log[:1]},
		{onetouch.EventFilter{Types: []onetouch.EventType{log[1].Type, log[3].Type}}, []onetouch.Event{log[1], log[3]}},
		{onetouch.EventFilter{Types: []onetouch.EventType{log[1].Type, log[3].Type}, Latest: true, Limit: 1}, log[3:]},
	} {
		same(t, "events", view(t, w, func(r onetouch.Reader) ([]onetouch.Event, error) { return r.Events(test.filter) }), test.want)
	}
	refused(t, w, "event of a request that does not exist", func(tx onetouch.Transaction) error {
		return tx.InsertEvent(&onetouch.Event{Type: onetouch.EventRequestCreated, RequestUUID: "none"})
	})
}
