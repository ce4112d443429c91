package delivery_test

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/delivery"
	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// More receivers hang than there are attempts in flight at most, each with a heap: those for another are sent meanwhile.
func TestManyHangingReceiversDelayNobodyElse(t *testing.T) {
	t.Parallel()
	var w *world
	release := make(chan struct{})
	hang := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release })
	const receivers = 300
	urls := make([]string, receivers)
	for i := range urls {
		hanging := httptest.NewServer(hang)
		t.Cleanup(hanging.Close)
		urls[i] = hanging.URL
	}
	t.Cleanup(func() { close(release) }) // before the servers wait for their handlers
	healthy := newReceiver(t, &w, nil)
	w = newWorld(t, healthy.URL, "POST")
	w.webhooks(t, urls...)
	for range 3 {
		w.ask(t)
	}
	w.run(t, delivery.Options{Timeout: patience, Grace: time.Millisecond})
	for range 3 {
		request := w.approve(t)
		if c := healthy.callback(t); c.UUID != request.UUID {
			t.Errorf("got %s, want %s", c.UUID, request.UUID)
		}
	}
}

// A receiver that does not answer is tried by one attempt at a time; once it answers it gets its share again.
func TestSilentReceiverIsTriedOneByOne(t *testing.T) {
	t.Parallel()
	var w *world
	var mu sync.Mutex
	now, most := 0, 0
	count := func(one int) {
		mu.Lock()
		defer mu.Unlock()
		now += one
		most = max(most, now)
	}
	var silent atomic.Bool
	silent.Store(true)
	release, came := make(chan struct{}), make(chan struct{}, 100)
	backend := newReceiver(t, &w, func(out http.ResponseWriter, _ *http.Request) {
		count(1)
		defer count(-1)
		stays := silent.Load()
		came <- struct{}{}
		if stays {
			panic(http.ErrAbortHandler)
		}
		<-release
		out.WriteHeader(http.StatusOK)
	})
	w = newWorld(t, backend.URL, "POST")
	const heap = 6
	w.settle(t, "", "none", 4)
	for range heap {
		w.approve(t)
	}
	w.run(t, delivery.Options{})
	for range heap {
		<-came
	}
	mu.Lock()
	if most > 2 {
		t.Errorf("%d attempts ran at once at a receiver that never answered", most)
	}
	mu.Unlock()
	silent.Store(false)
	first := w.approve(t)
	<-came
	release <- struct{}{}
	w.wait(t, first, is(onetouch.DeliverySent))
	for range heap {
		w.approve(t)
	}
	for range 4 {
		<-came
	}
	close(release)
	for range heap - 4 {
		<-came
	}
	mu.Lock()
	defer mu.Unlock()
	if most != 4 {
		t.Errorf("%d attempts ran at once, want the application's 4", most)
	}
}

// settle sets how the application's deliveries are sent.
func (w *world) settle(t testing.TB, timeout, retries string, concurrency int) {
	t.Helper()
	w.app = must(w.service.UpdateApplication(t.Context(), w.app.ID, onetouch.ApplicationSettings{
		DeliverySettings: onetouch.DeliverySettings{
			DeliveryTimeout: &timeout, DeliveryRetries: &retries, DeliveryConcurrency: &concurrency,
		},
	}))(t)
}

// An application's own timeout counts, not the worker's.
func TestTimeoutOfAnApplication(t *testing.T) {
	t.Parallel()
	var w *world
	release := make(chan struct{})
	backend := newReceiver(t, &w, func(http.ResponseWriter, *http.Request) { <-release })
	t.Cleanup(func() { close(release) })
	w = newWorld(t, backend.URL, "POST")
	w.settle(t, "20ms", "none", 0)
	w.run(t, delivery.Options{Timeout: patience})
	d := w.wait(t, w.approve(t), is(onetouch.DeliveryFailed))
	if d.LastError != "timed out after 0.02 s" || d.Attempts != 1 {
		t.Errorf("got %+v", d)
	}
}
