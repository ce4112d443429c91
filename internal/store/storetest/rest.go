package storetest

import (
	"slices"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// manyOthers are more rows than a store may look through before it asks otherwise.
const manyOthers = 2100

// listsAtRest are those of an application about which nothing has happened while much did in another one: they are the same.
func listsAtRest(t *testing.T, w *world) {
	var asked []onetouch.ApprovalRequest
	var owed []onetouch.Delivery
	var log []onetouch.Event
	for n, status := range []onetouch.Status{onetouch.StatusPending, onetouch.StatusApproved, onetouch.StatusDenied, onetouch.StatusExpired} {
		r := request(w.user, n)
		if status != onetouch.StatusPending {
			r = decided(r, status, w.device)
		}
		asked = append(asked, r)
		alert, report := push(r, w.device), sent(callback(r))
		owed = append(owed, alert, report)
		log = append(log,
			onetouch.Event{At: r.CreatedAt, Type: onetouch.EventRequestCreated, AppID: w.app.ID, AuthyID: w.user.AuthyID, RequestUUID: r.UUID},
			onetouch.Event{At: r.CreatedAt, Type: onetouch.EventUserUpdated, AppID: w.app.ID, AuthyID: w.user.AuthyID})
	}
	log = append(log, onetouch.Event{At: start(), Type: onetouch.EventClockChanged})
	ping := sent(callback(asked[0]))
	ping.Kind, ping.RequestUUID = onetouch.DeliveryPing, ""
	owed = append(owed, ping)
	w.insertRequests(t, asked...)
	for i := range owed {
		w.insertDeliveries(t, &owed[i])
	}
	w.update(t, func(tx onetouch.Transaction) error {
		for i := range log {
			if err := tx.InsertEvent(&log[i]); err != nil {
				return err
			}
		}
		return nil
	})
	w.bustle(t)

	now := start().Add(manyOthers * 1e9)
	for _, f := range []onetouch.ApprovalRequestFilter{
		{}, {Limit: 2}, {Limit: 50}, {Statuses: []onetouch.Status{onetouch.StatusPending, onetouch.StatusDenied}, Limit: 5},
		{OldestFirst: true, Limit: 3}, {Before: asked[2].UUID, Limit: 5}, {Since: asked[1].CreatedAt, Limit: 9},
	} {
		f.AppID, f.Now = w.app.ID, now
		var want []string
		for _, r := range filterRequests(newestFirst(asked), f) {
			want = append(want, r.UUID)
		}
		var got []string
		for _, r := range view(t, w, func(r onetouch.Reader) ([]onetouch.ApprovalRequest, error) { return r.ApprovalRequests(f) }) {
			got = append(got, r.UUID)
		}
		same(t, "requests", got, want)
	}
	for _, f := range []onetouch.DeliveryFilter{
		{}, {Limit: 3}, {Limit: 50}, {State: onetouch.DeliverySent, Limit: 4}, {State: onetouch.DeliveryFailed, Limit: 4},
		{Kinds: []onetouch.DeliveryKind{onetouch.DeliveryPush}, State: onetouch.DeliveryPending, Limit: 9},
		{Kinds: []onetouch.DeliveryKind{onetouch.DeliveryPing}, Limit: 9}, {AuthyID: w.user.AuthyID, Limit: 9},
	} {
		f.AppID = w.app.ID
		same(t, "deliveries", view(t, w, func(r onetouch.Reader) ([]onetouch.Delivery, error) { return r.Deliveries(f) }),
			filterDeliveries(owed, f))
	}
	for _, f := range []onetouch.EventFilter{
		{}, {Latest: true}, {Latest: true, Limit: 3}, {Latest: true, Limit: 50}, {Limit: 3}, {After: log[1].Sequence, Limit: 50},
		{Latest: true, Limit: 9, Types: []onetouch.EventType{onetouch.EventUserUpdated}},
		{Latest: true, Limit: 9, Types: []onetouch.EventType{onetouch.EventRequestCreated}},
		{Latest: true, Limit: 5, AuthyID: w.user.AuthyID}, {AuthyID: w.user.AuthyID, After: log[0].Sequence},
	} {
		f.AppID = w.app.ID
		same(t, "events", view(t, w, func(r onetouch.Reader) ([]onetouch.Event, error) { return r.Events(f) }), filterEvents(log, f))
	}
	inbox := view(t, w, func(r onetouch.Reader) ([]onetouch.Message, error) {
		return r.Messages(onetouch.MessageFilter{AppID: w.app.ID, Limit: 3})
	})
	var pushed []int64
	for _, m := range inbox {
		pushed = append(pushed, m.ID)
	}
	same(t, "inbox", pushed, []int64{owed[6].ID, owed[4].ID, owed[2].ID})
}

// bustle has much happen in another application.
func (w *world) bustle(t *testing.T) {
	t.Helper()
	other := application("another")
	w.update(t, func(tx onetouch.Transaction) error {
		if err := tx.InsertApplication(&other); err != nil {
			return err
		}
		theirs := user(other, "2025550177")
		if err := tx.InsertUser(&theirs); err != nil {
			return err
		}
		phone := device(theirs, "another's")
		if err := tx.InsertDevice(&phone); err != nil {
			return err
		}
		for n := range manyOthers {
			r := decided(request(theirs, n), onetouch.StatusApproved, phone)
			d := sent(push(r, phone))
			e := onetouch.Event{At: r.CreatedAt, Type: onetouch.EventRequestCreated, AppID: other.ID, AuthyID: theirs.AuthyID, RequestUUID: r.UUID}
			if err := firstError(tx.InsertApprovalRequest(r), tx.InsertDelivery(&d), tx.InsertEvent(&e)); err != nil {
				return err
			}
		}
		return nil
	})
}

func newestFirst(list []onetouch.ApprovalRequest) []onetouch.ApprovalRequest {
	turned := slices.Clone(list)
	slices.Reverse(turned)
	return turned
}

// filterDeliveries chooses by hand.
func filterDeliveries(all []onetouch.Delivery, f onetouch.DeliveryFilter) []onetouch.Delivery {
	var chosen []onetouch.Delivery
	for _, d := range slices.Backward(all) {
		fits := (f.State == "" || d.State == f.State) && (len(f.Kinds) == 0 || slices.Contains(f.Kinds, d.Kind)) &&
			(f.AuthyID == 0 || d.RequestUUID != "")
		if fits && (f.Limit == 0 || len(chosen) < f.Limit) {
			chosen = append(chosen, d)
		}
	}
	return chosen
}

// filterEvents chooses by hand.
func filterEvents(all []onetouch.Event, f onetouch.EventFilter) []onetouch.Event {
	chosen := slices.DeleteFunc(slices.Clone(all), func(e onetouch.Event) bool {
		return e.Sequence <= f.After || len(f.Types) > 0 && !slices.Contains(f.Types, e.Type) ||
			f.AuthyID != 0 && e.AuthyID != f.AuthyID
	})
	switch {
	case f.Limit == 0 || len(chosen) <= f.Limit:
		return chosen
	case f.Latest:
		return chosen[len(chosen)-f.Limit:]
	default:
		return chosen[:f.Limit]
	}
}
