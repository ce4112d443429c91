package onetouch_test

import (
	"slices"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// What the log says of a delivery names its kind, whatever kind it is.
func TestEventsOfDeliveries(t *testing.T) {
	t.Parallel()
	states := []onetouch.DeliveryState{onetouch.DeliverySent, onetouch.DeliveryFailed, onetouch.DeliveryPending}
	var got []onetouch.EventType
	for _, kind := range onetouch.DeliveryKinds() {
		for _, state := range states {
			got = append(got, kind.Event(state))
		}
	}
	for _, want := range []onetouch.EventType{
		onetouch.EventPushSent, onetouch.EventPushFailed, onetouch.EventPushRetried,
		onetouch.EventCallbackSent, onetouch.EventCallbackFailed, onetouch.EventCallbackRetried,
		onetouch.EventWebhookSent, onetouch.EventWebhookFailed, onetouch.EventWebhookRetried,
	} {
		if !slices.Contains(got, want) {
			t.Errorf("no kind says %s: %v", want, got)
		}
	}
	slices.Sort(got)
	if n := len(slices.Compact(slices.Clone(got))); n != len(got) {
		t.Errorf("two kinds say the same: %v", got)
	}
}

// Only what a worker has still to send is owed.
func TestOwed(t *testing.T) {
	t.Parallel()
	now := noon()
	for _, test := range []struct {
		d         onetouch.Delivery
		owed, due bool
	}{
		{onetouch.Delivery{State: onetouch.DeliveryPending, NextAttemptAt: now}, true, true},
		{onetouch.Delivery{State: onetouch.DeliveryPending, NextAttemptAt: now.Add(1)}, true, false},
		{onetouch.Delivery{State: onetouch.DeliveryPending}, false, false}, // waits on a stream
		{onetouch.Delivery{State: onetouch.DeliverySent, NextAttemptAt: now}, false, false},
		{onetouch.Delivery{State: onetouch.DeliveryFailed}, false, false},
	} {
		if test.d.Owed() != test.owed || test.d.Due(now) != test.due {
			t.Errorf("%+v: owed %t, due %t", test.d, test.d.Owed(), test.d.Due(now))
		}
	}
}

// A list says which event each webhook is told of, and which pushes nobody needs any more.
func TestListedDeliveries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	p := w.register(ada, byStream)
	if _, err := w.CreateWebhook(t.Context(), w.app.ID, onetouch.NewWebhook{
		Name: "all", URL: "http://127.0.0.1:1/", Events: []string{string(onetouch.EventRequestResponded)},
	}); err != nil {
		t.Fatal(err)
	}
	asked := w.ask(ada, question())
	list := func() map[onetouch.DeliveryKind]onetouch.DeliveryRecord {
		records, err := w.Deliveries(t.Context(), onetouch.DeliveryFilter{RequestUUID: asked.UUID})
		if err != nil {
			t.Fatal(err)
		}
		byKind := map[onetouch.DeliveryKind]onetouch.DeliveryRecord{}
		for _, record := range records {
			byKind[record.Kind] = record
		}
		return byKind
	}
	if push := list()[onetouch.DeliveryPush]; push.Obsolete != "" || push.Owed() {
		t.Errorf("the push is %+v", push)
	}
	w.mustAnswer(p, asked, "denied")
	got := list()
	if push := got[onetouch.DeliveryPush]; push.Obsolete != "not sent: the approval request was denied already" {
		t.Errorf("the push is %+v", push)
	}
	if hook := got[onetouch.DeliveryWebhook]; hook.Event != onetouch.EventRequestResponded || !hook.Owed() || hook.Obsolete != "" {
		t.Errorf("the webhook is %+v", hook)
	}
}
