package delivery_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/delivery"
	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// What became of deliveries is counted by kind, and how long the attempts took.
func TestCounts(t *testing.T) {
	t.Parallel()
	var w *world
	answers := make(chan int, 10)
	backend := newReceiver(t, &w, func(out http.ResponseWriter, _ *http.Request) { out.WriteHeader(<-answers) })
	w = newWorld(t, backend.URL, "POST")
	w.settle(t, "", "1s", 0)
	worker := delivery.New(w.service, delivery.Options{})
	for _, c := range worker.Metrics().Counts() {
		if c.Sent+c.Failed+c.GivenUp+c.Took.Count != 0 || len(c.Took.Buckets) == 0 {
			t.Errorf("before anything was sent: %+v", c)
		}
	}
	stop := w.runWorker(t, worker)
	for _, codes := range [][]int{{200}, {500, 200}, {500, 500}} {
		request := w.approve(t)
		for n, code := range codes {
			answers <- code
			d := w.wait(t, request, tried(n+1))
			if d.Owed() {
				w.clock.Advance(d.NextAttemptAt.Sub(w.clock.Now()))
			}
		}
	}
	device := w.webhooks(t, backend.URL)[0]
	pushed := w.ask(t)
	answers <- 200
	w.wait(t, pushed, is(onetouch.DeliverySent))
	answers <- 500 // the next one is tried once, and obsolete when its time comes
	obsolete := w.ask(t)
	d := w.wait(t, obsolete, tried(1))
	if err := w.service.RemoveDevice(t.Context(), w.app.ID, device.ID); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(d.NextAttemptAt.Sub(w.clock.Now()))
	w.wait(t, obsolete, is(onetouch.DeliveryFailed))
	stop() // all is counted then

	var kinds []onetouch.DeliveryKind
	for _, c := range worker.Metrics().Counts() {
		kinds = append(kinds, c.Kind)
		want := map[onetouch.DeliveryKind]delivery.Counts{
			onetouch.DeliveryCallback: {Sent: 2, Failed: 3, GivenUp: 1}, onetouch.DeliveryPush: {Sent: 1, Failed: 1, GivenUp: 1},
		}[c.Kind]
		attempts := want.Sent + want.Failed
		if c.Sent != want.Sent || c.Failed != want.Failed || c.GivenUp != want.GivenUp || c.Took.Count != attempts {
			t.Errorf("%s: got %+v", c.Kind, c)
		}
		if (c.Took.Sum > 0) != (attempts > 0) {
			t.Errorf("%s: in all %s", c.Kind, c.Took.Sum)
		}
		last := 0
		for i, b := range c.Took.Buckets {
			if b.Count < last || b.Count > attempts || i > 0 && b.UpTo <= c.Took.Buckets[i-1].UpTo {
				t.Errorf("%s: the buckets are %v", c.Kind, c.Took.Buckets)
			}
			last = b.Count
		}
		if average := c.Took.Sum / time.Duration(max(attempts, 1)); average < 10*time.Second && last == 0 && attempts > 0 {
			t.Errorf("%s: no bucket has any: %v", c.Kind, c.Took.Buckets)
		}
	}
	want := []onetouch.DeliveryKind{
		onetouch.DeliveryPush, onetouch.DeliveryCallback, onetouch.DeliveryWebhook, onetouch.DeliveryVerifyEvent,
		onetouch.DeliveryReplay, onetouch.DeliveryPing,
	}
	if !slices.Equal(kinds, want) {
		t.Errorf("got %v", kinds)
	}
}
