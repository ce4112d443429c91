package storetest

import (
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

func webhook(app onetouch.Application, id string) onetouch.Webhook {
	return onetouch.Webhook{
		ID: id, AppID: app.ID, Name: "Webhook " + id, URL: "https://backend.example/" + id, SigningKey: "key of " + id,
		Events:    []onetouch.EventType{onetouch.EventUserAdded, onetouch.EventTokenInvalid},
		CreatedAt: start(), API: onetouch.APIVerify, Disabled: true, Version: "v1", UpdatedAt: start().Add(time.Second),
	}
}

func webhooks(t *testing.T, w *world) {
	read := func(id string) func(onetouch.Reader) (onetouch.Webhook, error) {
		return func(r onetouch.Reader) (onetouch.Webhook, error) { return r.Webhook(id) }
	}
	list := func(appID string) []onetouch.Webhook {
		t.Helper()
		return view(t, w, func(r onetouch.Reader) ([]onetouch.Webhook, error) { return r.Webhooks(appID) })
	}
	absent(t, w, "webhook", read("WH_1"))
	refused(t, w, "update", func(tx onetouch.Transaction) error { return tx.UpdateWebhook(webhook(w.app, "WH_1")) })
	first, second := webhook(w.app, "WH_2"), webhook(w.app, "WH_1")
	second.CreatedAt = start().Add(time.Second)
	w.update(t, func(tx onetouch.Transaction) error {
		return firstError(tx.InsertWebhook(first), tx.InsertWebhook(second))
	})
	same(t, "webhook", view(t, w, read("WH_1")), second)
	same(t, "list", list(w.app.ID), []onetouch.Webhook{first, second})
	same(t, "list of another", list("other"), []onetouch.Webhook(nil))

	first.RemovedAt = start().Add(time.Minute)
	w.update(t, func(tx onetouch.Transaction) error { return tx.UpdateWebhook(first) })
	same(t, "deleted webhook", view(t, w, read("WH_2")), first)
	same(t, "list after a deletion", list(w.app.ID), []onetouch.Webhook{second})
}

// webhookDeliveries are about an event, and about an approval request only if the event is.
func webhookDeliveries(t *testing.T, w *world) {
	asked, hook := request(w.user, 1), webhook(w.app, "WH_1")
	w.insertRequests(t, asked)
	added := onetouch.Event{At: start(), Type: onetouch.EventUserAdded, AppID: w.app.ID, AuthyID: w.user.AuthyID}
	failed := onetouch.Event{
		At: start(), Type: onetouch.EventVerificationInvalid, AppID: w.app.ID, VerificationUUID: "uuid", Note: "wrong",
	}
	w.update(t, func(tx onetouch.Transaction) error {
		return firstError(tx.InsertWebhook(hook), tx.InsertEvent(&added), tx.InsertEvent(&failed))
	})
	for _, e := range []onetouch.Event{added, failed} {
		same(t, "event", view(t, w, func(r onetouch.Reader) (onetouch.Event, error) { return r.Event(e.Sequence) }), e)
	}
	absent(t, w, "event", func(r onetouch.Reader) (onetouch.Event, error) { return r.Event(failed.Sequence + 1) })

	plain := onetouch.Delivery{
		AppID: w.app.ID, Kind: onetouch.DeliveryWebhook, WebhookID: hook.ID, EventSequence: added.Sequence, Method: "POST",
		URL: hook.URL, State: onetouch.DeliveryPending, NextAttemptAt: start(), CreatedAt: start(),
	}
	about, report := plain, callback(asked)
	about.RequestUUID, about.EventSequence = asked.UUID, failed.Sequence
	w.insertDeliveries(t, &plain, &about, &report)
	for _, d := range []onetouch.Delivery{plain, about, report} {
		same(t, "delivery", view(t, w, func(r onetouch.Reader) (onetouch.Delivery, error) { return r.Delivery(d.ID) }), d)
	}
	for _, test := range []struct {
		filter onetouch.DeliveryFilter
		want   []onetouch.Delivery
	}{
		{onetouch.DeliveryFilter{}, []onetouch.Delivery{report, about, plain}},
		{onetouch.DeliveryFilter{WebhookID: hook.ID}, []onetouch.Delivery{about, plain}},
		{onetouch.DeliveryFilter{WebhookID: "none"}, nil},
		{onetouch.DeliveryFilter{RequestUUID: asked.UUID}, []onetouch.Delivery{report, about}},
		{onetouch.DeliveryFilter{Kinds: []onetouch.DeliveryKind{onetouch.DeliveryWebhook}, Limit: 1}, []onetouch.Delivery{about}},
	} {
		got := view(t, w, func(r onetouch.Reader) ([]onetouch.Delivery, error) { return r.Deliveries(test.filter) })
		same(t, "list", got, test.want)
	}
	w.expectDue(t, plain.Receiver(), start().Add(time.Hour), 10, []onetouch.Delivery{plain, about, report})
	lost := plain
	lost.WebhookID = "none"
	if err := w.store.Update(t.Context(), func(tx onetouch.Transaction) error { return tx.InsertDelivery(&lost) }); err == nil {
		t.Error("a delivery to a webhook that does not exist was written")
	}
}
