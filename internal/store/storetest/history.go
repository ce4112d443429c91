package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// past reads a history.
func (w *world) past(t testing.TB, kind onetouch.HistoryKind, f onetouch.HistoryFilter) []onetouch.Past {
	t.Helper()
	return view(t, w, func(r onetouch.Reader) ([]onetouch.Past, error) { return r.History(kind, f) })
}

// remove removes records, and says what that was.
func (w *world) remove(t testing.TB, kind onetouch.HistoryKind, numbers ...int64) (removed onetouch.Removed) {
	t.Helper()
	w.update(t, func(tx onetouch.Transaction) (err error) {
		removed, err = tx.RemoveHistory(kind, numbers)
		return err
	})
	return removed
}

func numbersOf(some []onetouch.Past) []int64 {
	var numbers []int64
	for _, past := range some {
		numbers = append(numbers, past.Number)
	}
	return numbers
}

// historyOfRequests tells what is open and what was last, and removes a request with all that is about it.
func historyOfRequests(t *testing.T, w *world) {
	pending, plain := request(w.user, 1), decided(request(w.user, 2), onetouch.StatusApproved, w.device)
	owing, told := decided(request(w.user, 3), onetouch.StatusDenied, w.device), decided(request(w.user, 4), onetouch.StatusExpired, w.device)
	w.insertRequests(t, pending, plain, owing, told)
	owed, done, alert, again := callback(owing), sent(callback(told)), push(told, w.device), sent(callback(told))
	again.Kind = onetouch.DeliveryReplay
	w.insertDeliveries(t, &owed, &done, &alert, &again)
	hook := webhook(w.app, "WH1")
	happened := onetouch.Event{At: start().Add(time.Hour), Type: onetouch.EventCallbackSent, AppID: w.app.ID, RequestUUID: told.UUID}
	other := onetouch.Event{At: start(), Type: onetouch.EventUserAdded, AppID: w.app.ID}
	w.update(t, func(tx onetouch.Transaction) error {
		return firstError(tx.InsertWebhook(hook), tx.InsertEvent(&happened), tx.InsertEvent(&other))
	})
	heard := sent(callback(told))
	heard.Kind, heard.WebhookID, heard.EventSequence = onetouch.DeliveryWebhook, hook.ID, happened.Sequence
	w.insertDeliveries(t, &heard)
	w.update(t, func(tx onetouch.Transaction) error {
		return firstError(
			tx.InsertAttempt(onetouch.Attempt{DeliveryID: done.ID, Number: 1, StartedAt: start()}),
			tx.InsertDeliveryContent(onetouch.DeliveryContent{DeliveryID: again.ID, ReplayOf: done.ID, Payload: "{}"}))
	})

	all := w.past(t, onetouch.HistoryRequests, onetouch.HistoryFilter{})
	var got []onetouch.Past
	for _, past := range all {
		past.Number = 0
		got = append(got, past)
	}
	same(t, "history", got, []onetouch.Past{
		{UUID: pending.UUID, Began: pending.CreatedAt, Latest: pending.UpdatedAt, Open: true},
		{UUID: plain.UUID, Began: plain.CreatedAt, Latest: plain.ProcessedAt},
		{UUID: owing.UUID, Began: owing.CreatedAt, Latest: owing.ProcessedAt, Open: true},
		{UUID: told.UUID, Began: told.CreatedAt, Latest: happened.At},
	})
	same(t, "page", w.past(t, onetouch.HistoryRequests, onetouch.HistoryFilter{After: all[0].Number, Limit: 2}), all[1:3])
	some := []onetouch.Past{all[1], all[3]}
	same(t, "some", w.past(t, onetouch.HistoryRequests, onetouch.HistoryFilter{Numbers: append(numbersOf(some), 999)}), some)

	same(t, "removed", w.remove(t, onetouch.HistoryRequests, append(numbersOf(some), 999)...),
		onetouch.Removed{Requests: 2, Deliveries: 4, Events: 1})
	same(t, "removed of none", w.remove(t, onetouch.HistoryRequests), onetouch.Removed{})
	absent(t, w, "request", byUUID(plain.UUID))
	absent(t, w, "request", byUUID(told.UUID))
	for _, d := range []onetouch.Delivery{done, alert, again, heard} {
		absent(t, w, "delivery", func(r onetouch.Reader) (onetouch.Delivery, error) { return r.Delivery(d.ID) })
	}
	absent(t, w, "content", func(r onetouch.Reader) (onetouch.DeliveryContent, error) { return r.DeliveryContent(again.ID) })
	same(t, "attempts", view(t, w, func(r onetouch.Reader) ([]onetouch.Attempt, error) { return r.Attempts(done.ID) }),
		[]onetouch.Attempt(nil))
	same(t, "events", view(t, w, func(r onetouch.Reader) ([]onetouch.Event, error) { return r.Events(onetouch.EventFilter{}) }),
		[]onetouch.Event{other})
	same(t, "what is left", w.past(t, onetouch.HistoryRequests, onetouch.HistoryFilter{}), []onetouch.Past{all[0], all[2]})
	same(t, "delivery", view(t, w, func(r onetouch.Reader) (onetouch.Delivery, error) { return r.Delivery(owed.ID) }), owed)
	next := callback(owing)
	w.insertDeliveries(t, &next)
	if next.ID <= heard.ID {
		t.Errorf("the next delivery is %d, which %d was before", next.ID, heard.ID)
	}
}

// historyOfDeliveries has what is about a request, what is owed and what was sent again stay.
func historyOfDeliveries(t *testing.T, w *world) {
	asked := decided(request(w.user, 1), onetouch.StatusApproved, w.device)
	w.insertRequests(t, asked)
	ping := sent(callback(asked))
	ping.Kind, ping.RequestUUID = onetouch.DeliveryPing, ""
	again, owed, about := ping, ping, sent(callback(asked))
	again.Kind = onetouch.DeliveryReplay
	owed.State, owed.NextAttemptAt = onetouch.DeliveryPending, start()
	text := message(w.user, 5, onetouch.ChannelSMS)
	w.insertDeliveries(t, &ping, &again, &owed, &about)
	w.insertMessage(t, &text)
	w.update(t, func(tx onetouch.Transaction) error {
		return tx.InsertDeliveryContent(onetouch.DeliveryContent{DeliveryID: again.ID, ReplayOf: ping.ID, Payload: "{}"})
	})
	want := func(d onetouch.Delivery, open bool) onetouch.Past {
		return onetouch.Past{Number: d.ID, Began: d.CreatedAt, Latest: d.FinishedAt, Open: open}
	}
	spoken := onetouch.Past{Number: text.ID, Began: text.CreatedAt, Latest: text.CreatedAt}
	same(t, "history", w.past(t, onetouch.HistoryDeliveries, onetouch.HistoryFilter{}),
		[]onetouch.Past{want(ping, true), want(again, false), want(owed, true), want(about, true), spoken})
	same(t, "removed", w.remove(t, onetouch.HistoryDeliveries, again.ID, text.ID), onetouch.Removed{Deliveries: 2})
	same(t, "messages", view(t, w, func(r onetouch.Reader) ([]onetouch.Message, error) {
		return r.Messages(onetouch.MessageFilter{})
	}), []onetouch.Message(nil))
	same(t, "what is left", w.past(t, onetouch.HistoryDeliveries, onetouch.HistoryFilter{}),
		[]onetouch.Past{want(ping, false), want(owed, true), want(about, true)})
}

// historyOfEvents has what is about a request stay, and what a webhook is told of.
func historyOfEvents(t *testing.T, w *world) {
	asked, hook := request(w.user, 1), webhook(w.app, "WH1")
	w.insertRequests(t, asked)
	plain := onetouch.Event{At: start(), Type: onetouch.EventUserAdded, AppID: w.app.ID}
	about, heard := plain, plain
	about.RequestUUID = asked.UUID
	w.update(t, func(tx onetouch.Transaction) error {
		return firstError(tx.InsertWebhook(hook), tx.InsertEvent(&plain), tx.InsertEvent(&about), tx.InsertEvent(&heard))
	})
	told := sent(callback(asked))
	told.Kind, told.RequestUUID, told.WebhookID, told.EventSequence = onetouch.DeliveryWebhook, "", hook.ID, heard.Sequence
	w.insertDeliveries(t, &told)
	want := []onetouch.Past{
		{Number: plain.Sequence, Began: start(), Latest: start()},
		{Number: about.Sequence, Began: start(), Latest: start(), Open: true},
		{Number: heard.Sequence, Began: start(), Latest: start(), Open: true},
	}
	same(t, "history", w.past(t, onetouch.HistoryEvents, onetouch.HistoryFilter{}), want)
	w.remove(t, onetouch.HistoryDeliveries, told.ID)
	same(t, "removed", w.remove(t, onetouch.HistoryEvents, plain.Sequence, heard.Sequence), onetouch.Removed{Events: 2})
	same(t, "what is left", w.past(t, onetouch.HistoryEvents, onetouch.HistoryFilter{}), want[1:2])
}

// historyOfSmallThings is of what nothing refers to.
func historyOfSmallThings(t *testing.T, w *world) {
	code := password(w.user, "123456", 1)
	check := onetouch.PhoneVerification{
		UUID: "uuid", AppID: w.app.ID, Phone: onetouch.PhoneNumber{CountryCode: 1, National: "2025550100"}, CreatedAt: start(),
		ExpiresAt: start().Add(time.Minute),
	}
	activity := onetouch.Activity{AppID: w.app.ID, AuthyID: w.user.AuthyID, Type: "banned", CreatedAt: start()}
	w.update(t, func(tx onetouch.Transaction) error {
		return firstError(tx.InsertOneTimePassword(&code), tx.InsertPhoneVerification(&check), tx.InsertActivity(&activity))
	})
	for _, test := range []struct {
		kind    onetouch.HistoryKind
		want    onetouch.Past
		removed onetouch.Removed
	}{
		{
			onetouch.HistoryPasswords,
			onetouch.Past{Number: code.ID, Began: code.CreatedAt, Latest: slices.MaxFunc([]time.Time{code.ExpiresAt, code.UsedAt}, time.Time.Compare)},
			onetouch.Removed{Passwords: 1},
		},
		{
			onetouch.HistoryVerifications, onetouch.Past{Number: check.ID, UUID: check.UUID, Began: start(), Latest: check.ExpiresAt},
			onetouch.Removed{Verifications: 1},
		},
		{
			onetouch.HistoryActivities, onetouch.Past{Number: activity.ID, Began: start(), Latest: start()},
			onetouch.Removed{Activities: 1},
		},
	} {
		same(t, "history", w.past(t, test.kind, onetouch.HistoryFilter{Limit: 5}), []onetouch.Past{test.want})
		same(t, "removed", w.remove(t, test.kind, test.want.Number), test.removed)
		same(t, "what is left", w.past(t, test.kind, onetouch.HistoryFilter{Limit: 5}), []onetouch.Past(nil))
	}
}
