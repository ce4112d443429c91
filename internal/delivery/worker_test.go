package delivery_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/delivery"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/callback"
)

func TestCallback(t *testing.T) {
	t.Parallel()
	for _, method := range []string{http.MethodPost, http.MethodGet} {
		for _, status := range []onetouch.Status{onetouch.StatusApproved, onetouch.StatusDenied} {
			t.Run(method+" "+string(status), func(t *testing.T) {
				t.Parallel()
				var w *world
				backend := newReceiver(t, &w, func(out http.ResponseWriter, _ *http.Request) {
					out.WriteHeader(http.StatusAccepted)
					_, _ = out.Write([]byte("thank you"))
				})
				w = newWorld(t, backend.URL+"/authy/callback?tenant=7", method)
				w.run(t, delivery.Options{UserAgent: "onetouch/test"})
				request := w.ask(t)
				w.answer(t, request, status)

				got := backend.next(t)
				if got.err != nil {
					t.Fatal(got.err)
				}
				c := got.callback
				if c.UUID != request.UUID || c.AuthyID != w.user.AuthyID || c.DeviceUUID != w.device.UUID ||
					string(c.Status) != string(status) || c.Message != request.Message ||
					!maps.Equal(c.Details, request.Details.Map()) || c.Nonce != strconv.FormatInt(w.clock.Now().Unix(), 10) {
					t.Errorf("got %+v", c)
				}
				if got.Method != method || got.URL.Query().Get("tenant") != "7" || got.UserAgent() != "onetouch/test" {
					t.Errorf("got %s %s from %s", got.Method, got.URL, got.UserAgent())
				}
				if posted := method == http.MethodPost; posted != (got.Header.Get("Content-Type") == "application/json") ||
					posted != json.Valid(got.body) {
					t.Errorf("got %s: %s", got.Header.Get("Content-Type"), got.body)
				}
				checkSent(t, w, request)
			})
		}
	}
}

func checkSent(t *testing.T, w *world, request onetouch.ApprovalRequest) {
	t.Helper()
	d := w.wait(t, request, is(onetouch.DeliverySent))
	if a := d.Log[0]; d.Attempts != 1 || len(d.Log) != 1 || a.StatusCode != http.StatusAccepted || a.Response != "thank you" ||
		!a.Succeeded() || !a.StartedAt.Equal(w.clock.Now()) || !d.NextAttemptAt.IsZero() || d.FinishedAt.IsZero() {
		t.Errorf("got %+v", d)
	}
	if n := w.events(t, request)[onetouch.EventCallbackSent]; n != 1 {
		t.Errorf("%d events say that it was sent", n)
	}
}

func TestPush(t *testing.T) {
	t.Parallel()
	var w *world
	phone := newReceiver(t, &w, nil)
	w = newWorld(t, "", "POST")
	w.webhooks(t, phone.URL+"/push")
	w.run(t, delivery.Options{})
	request := w.ask(t)
	got := phone.next(t)
	want := `{"type":"onetouch_approval_request","approval_request_uuid":"` + request.UUID + `","alert":"Send $12,400 to ACME?"}`
	if string(got.body) != want || got.Method != "POST" || got.URL.Path != "/push" ||
		got.Header.Get("Content-Type") != "application/json" || got.Header.Get(callback.SignatureHeader) != "" {
		t.Errorf("got %s %s %v\n%s\nwant %s", got.Method, got.URL, got.Header, got.body, want)
	}
	w.wait(t, request, is(onetouch.DeliverySent))
	if n := w.events(t, request)[onetouch.EventPushSent]; n != 1 {
		t.Errorf("%d events say that it was sent", n)
	}
}

// The receiver is down, and comes up later at the same address. Each attempt is signed afresh.
func TestReceiverDownThenUp(t *testing.T) {
	t.Parallel()
	listener := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, "http://"+address+"/cb", "POST")
	w.run(t, delivery.Options{})
	request := w.approve(t)
	d := w.wait(t, request, tried(1))
	if want := "connection refused by " + address; d.LastError != want || d.State != onetouch.DeliveryPending {
		t.Fatalf("got %+v, want %s", d, want)
	}

	nonces := make(chan string, 1)
	server := &httptest.Server{
		Listener: must(net.Listen("tcp", address))(t),
		Config:   &http.Server{Handler: nonceHandler(t, w, nonces)},
	}
	server.Start()
	t.Cleanup(server.Close)
	w.clock.Advance(d.NextAttemptAt.Sub(w.clock.Now()))
	w.wait(t, request, is(onetouch.DeliverySent))
	if nonce := <-nonces; nonce != strconv.FormatInt(w.clock.Now().Unix(), 10) {
		t.Errorf("the nonce is %s, the time %d", nonce, w.clock.Now().Unix())
	}
	want := map[onetouch.EventType]int{onetouch.EventCallbackRetried: 1, onetouch.EventCallbackSent: 1}
	got := w.events(t, request)
	maps.DeleteFunc(got, func(e onetouch.EventType, _ int) bool { return want[e] == 0 })
	if !maps.Equal(got, want) {
		t.Errorf("events: got %v, want %v", got, want)
	}
}

// nonceHandler tells the nonce of each sound callback.
func nonceHandler(t *testing.T, w *world, nonces chan<- string) http.Handler {
	t.Helper()
	verifier := &callback.Verifier{APIKey: w.app.APIKey, Now: w.clock.Now}
	return callback.Handler(verifier, func(_ context.Context, c *callback.Callback) error {
		nonces <- c.Nonce
		return nil
	})
}

// A second, doubling to five minutes, each wait longer by up to a half; after 15 attempts it is given up.
func TestRetrySchedule(t *testing.T) {
	t.Parallel()
	var w *world
	backend := newReceiver(t, &w, status(http.StatusServiceUnavailable))
	w = newWorld(t, backend.URL, "POST")
	w.run(t, delivery.Options{})
	request := w.approve(t)
	const attempts = 15
	wait := time.Second
	for n := 1; n < attempts; n++ {
		d := w.wait(t, request, tried(n))
		a := d.Log[n-1]
		got := d.NextAttemptAt.Sub(a.StartedAt.Add(a.Duration))
		if got < wait || got > wait*3/2 || d.State != onetouch.DeliveryPending || d.LastError != "answered 503 Service Unavailable" {
			t.Errorf("attempt %d: waits %s, want %s to %s: %+v", n, got, wait, wait*3/2, d)
		}
		w.clock.Advance(d.NextAttemptAt.Sub(w.clock.Now()) - time.Microsecond)
		if due, _, err := w.service.DueDeliveries(t.Context(), 0, func(string) int { return 1 }); err != nil || len(due) > 0 {
			t.Errorf("attempt %d: due too early: %v, %v", n, due, err)
		}
		w.clock.Advance(time.Microsecond)
		wait = min(2*wait, 5*time.Minute)
	}
	d := w.wait(t, request, is(onetouch.DeliveryFailed))
	if d.Attempts != attempts || !d.NextAttemptAt.IsZero() || d.FinishedAt.IsZero() {
		t.Errorf("got %+v", d)
	}
	if n := w.events(t, request); n[onetouch.EventCallbackFailed] != 1 || n[onetouch.EventCallbackRetried] != attempts-1 {
		t.Errorf("events: %v", n)
	}
	w.clock.Advance(time.Hour)
	again := w.approve(t)
	w.wait(t, again, tried(1))
	if n := len(backend.requests); n != attempts+1 {
		t.Errorf("%d requests came, want %d", n, attempts+1)
	}
}

// A receiver that remembers what it has verified refuses no later try of a callback as a replay, however fast the tries
// follow each other: no two have the same nonce.
func TestRetriesAreNoReplays(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", "POST")
	verifier := &callback.Verifier{APIKey: w.app.APIKey, Now: w.clock.Now}
	const fails = 5
	var calls atomic.Int64
	refused := make(chan error, fails+1)
	backend := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
		if _, err := verifier.Verify(in); err != nil {
			refused <- err
		}
		if calls.Add(1) <= fails {
			out.WriteHeader(http.StatusInternalServerError)
		}
	}))
	t.Cleanup(backend.Close)
	w.app = must(w.service.UpdateApplication(t.Context(), w.app.ID, onetouch.ApplicationSettings{CallbackURL: &backend.URL}))(t)
	w.run(t, delivery.Options{})
	request := w.approve(t)
	for n := 1; n <= fails; n++ {
		d := w.wait(t, request, tried(n))
		w.clock.Advance(d.NextAttemptAt.Sub(w.clock.Now()))
	}
	w.wait(t, request, is(onetouch.DeliverySent))
	if len(refused) > 0 {
		t.Error(<-refused)
	}
}

func status(code int) http.HandlerFunc {
	return func(out http.ResponseWriter, _ *http.Request) { out.WriteHeader(code) }
}

func TestNeverTwiceAfterSuccess(t *testing.T) {
	t.Parallel()
	var w *world
	backend := newReceiver(t, &w, nil)
	w = newWorld(t, backend.URL, "POST")
	stop := w.run(t, delivery.Options{})
	first := w.approve(t)
	w.wait(t, first, is(onetouch.DeliverySent))
	w.clock.Advance(24 * time.Hour)
	stop()
	w.run(t, delivery.Options{})
	second := w.approve(t)
	w.wait(t, second, is(onetouch.DeliverySent))
	for _, want := range []onetouch.ApprovalRequest{first, second} {
		if got := backend.next(t); got.err != nil && want.UUID == second.UUID || !bytes.Contains(got.body, []byte(want.UUID)) {
			t.Errorf("got %s, %v", got.body, got.err)
		}
	}
	if n := len(backend.requests); n > 0 {
		t.Errorf("%d more requests came", n)
	}
}

// 20 deliveries hang at one receiver, more than it may hold at once; those for another are sent meanwhile.
func TestHangingReceiverDelaysNobodyElse(t *testing.T) {
	t.Parallel()
	var w *world
	release := make(chan struct{})
	var now, most atomic.Int64
	hanging := newReceiver(t, &w, func(http.ResponseWriter, *http.Request) {
		most.Store(max(most.Load(), now.Add(1)))
		<-release
		now.Add(-1)
	})
	healthy := newReceiver(t, &w, nil)
	w = newWorld(t, healthy.URL, "POST")
	const hooks = 20
	urls := make([]string, hooks)
	for i := range urls {
		urls[i] = hanging.URL + "/" + strconv.Itoa(i)
	}
	w.webhooks(t, urls...)
	w.run(t, delivery.Options{})
	asked := w.ask(t)
	hanging.next(t)
	for range 3 {
		request := w.ask(t) // 20 more for the hanging one
		w.answer(t, request, onetouch.StatusApproved)
		if c := healthy.callback(t); c.UUID != request.UUID {
			t.Errorf("got %s, want %s", c.UUID, request.UUID)
		}
	}
	for _, d := range w.deliveries(t, asked) {
		if d.State != onetouch.DeliveryPending {
			t.Errorf("the receiver does not hang: %+v", d)
		}
	}
	close(release)
	w.waitAll(t, asked, func(list []onetouch.DeliveryRecord) bool {
		sent := 0
		for _, d := range list {
			if d.State == onetouch.DeliverySent && d.Attempts == 1 {
				sent++
			}
		}
		return sent == hooks
	})
	if most.Load() > 8 {
		t.Errorf("%d attempts ran at once at one receiver", most.Load())
	}
}

// More is due at a hanging receiver than the worker reads at once, and has been for longer.
func TestBacklogDelaysNobodyElse(t *testing.T) {
	t.Parallel()
	var w *world
	release := make(chan struct{})
	hanging := newReceiver(t, &w, func(http.ResponseWriter, *http.Request) { <-release })
	healthy := newReceiver(t, &w, nil)
	w = newWorld(t, healthy.URL, "POST")
	const hooks, asks = 40, 15
	w.webhooks(t, slices.Repeat([]string{hanging.URL}, hooks)...)
	for range asks {
		w.ask(t)
	}
	last := w.approve(t)
	w.run(t, delivery.Options{Timeout: patience})
	if c := healthy.callback(t); c.UUID != last.UUID {
		t.Errorf("got %s", c.UUID)
	}
	close(release)
	for range hooks * asks {
		hanging.next(t)
	}
}

// What was due when it was read, but has ended when its turn comes, is not sent.
func TestEndedBeforeItsTurn(t *testing.T) {
	t.Parallel()
	var w *world
	backend := newReceiver(t, &w, nil)
	w = newWorld(t, backend.URL, "POST")
	stop := w.run(t, delivery.Options{})
	first := w.approve(t)
	d := w.wait(t, first, is(onetouch.DeliverySent))
	stop()

	late := &lateStore{Store: w.store, due: []onetouch.Delivery{d.Delivery}}
	w.service = onetouch.NewService(late, onetouch.Options{Clock: w.clock})
	second := w.approve(t)
	stop = w.run(t, delivery.Options{})
	w.wait(t, second, is(onetouch.DeliverySent))
	for _, want := range []onetouch.ApprovalRequest{first, second} {
		if c := backend.callback(t); c.UUID != want.UUID {
			t.Errorf("got %s, want %s", c.UUID, want.UUID)
		}
	}
	stop()
	if n := len(backend.requests); n > 0 || late.due != nil {
		t.Errorf("%d more requests came; %d deliveries were not called due", n, len(late.due))
	}
}

// Two devices of a user are pushed at one URL. The first push fails: the second waits for it.
func TestOrderOfOneRequest(t *testing.T) {
	t.Parallel()
	var w *world
	var request onetouch.ApprovalRequest
	asked := make(chan struct{})
	var calls atomic.Int64
	phone := newReceiver(t, &w, func(out http.ResponseWriter, _ *http.Request) {
		<-asked
		d := w.deliveries(t, request)
		switch calls.Add(1) {
		case 1:
			out.WriteHeader(http.StatusBadGateway)
		case 2:
			if d[0].Attempts != 1 || d[1].Attempts != 0 {
				t.Errorf("the second was tried before the first: %+v", d)
			}
		default:
			if d[0].State != onetouch.DeliverySent || d[1].Attempts != 0 {
				t.Errorf("the second was sent before the first: %+v", d)
			}
		}
	})
	w = newWorld(t, "", "POST")
	w.webhooks(t, phone.URL, phone.URL)
	w.run(t, delivery.Options{})
	request = w.ask(t)
	close(asked)
	d := w.waitAll(t, request, func(d []onetouch.DeliveryRecord) bool { return d[0].Attempts == 1 })
	if d[1].Attempts != 0 || !d[1].NextAttemptAt.Equal(d[0].NextAttemptAt) {
		t.Fatalf("got %+v", d)
	}
	if due, later, err := w.service.OwedDeliveries(t.Context(), 0); due != 0 || later != 2 || err != nil {
		t.Errorf("%d are due, %d later, %v", due, later, err)
	}
	w.clock.Advance(d[0].NextAttemptAt.Sub(w.clock.Now()))
	w.waitAll(t, request, func(d []onetouch.DeliveryRecord) bool {
		return d[0].State == onetouch.DeliverySent && d[1].State == onetouch.DeliverySent
	})
	if calls.Load() != 3 {
		t.Errorf("%d requests came", calls.Load())
	}
}

// What is owed is in the store: a worker that starts later sends it, and goes on with the schedule of one before it.
func TestRestart(t *testing.T) {
	t.Parallel()
	var w *world
	var up atomic.Bool
	backend := newReceiver(t, &w, func(out http.ResponseWriter, _ *http.Request) {
		if !up.Load() {
			out.WriteHeader(http.StatusInternalServerError)
		}
	})
	w = newWorld(t, backend.URL, "POST")
	request := w.approve(t)
	stop := w.run(t, delivery.Options{})
	w.wait(t, request, tried(1))
	stop()
	up.Store(true)
	d := w.deliveries(t, request)[0]
	later := w.approve(t) // while no worker runs
	w.run(t, delivery.Options{})
	w.wait(t, later, is(onetouch.DeliverySent))
	if again := w.deliveries(t, request)[0]; again.Attempts != 1 {
		t.Errorf("tried before its time: %+v", again)
	}
	w.clock.Advance(d.NextAttemptAt.Sub(w.clock.Now()))
	if d = w.wait(t, request, is(onetouch.DeliverySent)); d.Attempts != 2 {
		t.Errorf("got %+v", d)
	}
}

// Attempts in flight may end when the worker has to, and are written down.
func TestGrace(t *testing.T) {
	t.Parallel()
	var w *world
	release := make(chan struct{})
	backend := newReceiver(t, &w, func(http.ResponseWriter, *http.Request) { <-release })
	w = newWorld(t, backend.URL, "POST")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	worker := delivery.New(w.service, delivery.Options{Timeout: patience, Grace: patience})
	go func() { ended <- worker.Run(ctx) }()
	request := w.approve(t)
	backend.next(t)
	cancel()
	next := w.approve(t)
	close(release)
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if d := w.deliveries(t, request)[0]; d.State != onetouch.DeliverySent {
		t.Errorf("got %+v", d)
	}
	if d := w.deliveries(t, next)[0]; d.Attempts != 0 {
		t.Errorf("sent after the end: %+v", d)
	}
}

// After the grace they are cut off. That is written down too, and they are owed still.
func TestGraceOver(t *testing.T) {
	t.Parallel()
	var w *world
	release := make(chan struct{})
	backend := newReceiver(t, &w, func(http.ResponseWriter, *http.Request) { <-release })
	t.Cleanup(func() { close(release) }) // before the server waits for its handlers
	w = newWorld(t, backend.URL, "POST")
	stop := w.run(t, delivery.Options{Timeout: patience, Grace: time.Millisecond})
	request := w.approve(t)
	backend.next(t)
	stop()
	d := w.deliveries(t, request)[0]
	if d.State != onetouch.DeliveryPending || d.Attempts != 1 || !strings.Contains(d.LastError, "the service stopped") {
		t.Errorf("got %+v", d)
	}
}

// A success that the store would not take is not sent again once the store is back.
func TestStoreFails(t *testing.T) {
	t.Parallel()
	var w *world
	var broken *brittleStore
	backend := newReceiver(t, &w, func(http.ResponseWriter, *http.Request) { broken.setBroken(true) })
	w = newWorld(t, backend.URL, "POST")
	broken = &brittleStore{Store: w.store}
	w.service = onetouch.NewService(broken, onetouch.Options{Clock: w.clock})
	request := w.approve(t)
	worker := delivery.New(w.service, delivery.Options{})
	for range 3 {
		if err := worker.Run(t.Context()); !errors.Is(err, errBroken) {
			t.Fatalf("got %v", err)
		}
	}
	broken.setBroken(false)
	w.runWorker(t, worker)
	w.wait(t, request, is(onetouch.DeliverySent))
	if n := len(backend.requests); n != 1 {
		t.Errorf("%d requests came", n)
	}
}

// A push is for registered devices and pending requests only.
func TestObsoletePush(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(t *testing.T, w *world, d onetouch.Device, r onetouch.ApprovalRequest){
		"not sent: the device was removed": func(t *testing.T, w *world, d onetouch.Device, _ onetouch.ApprovalRequest) {
			t.Helper()
			if err := w.service.RemoveDevice(t.Context(), w.app.ID, d.ID); err != nil {
				t.Fatal(err)
			}
		},
		"not sent: the approval request was denied already": func(
			t *testing.T, w *world, _ onetouch.Device, r onetouch.ApprovalRequest,
		) {
			t.Helper()
			w.answer(t, r, onetouch.StatusDenied)
		},
		"not sent: the approval request was expired already": func(
			_ *testing.T, w *world, _ onetouch.Device, r onetouch.ApprovalRequest,
		) {
			w.clock.Advance(time.Duration(r.SecondsToExpire) * time.Second)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var w *world
			phone := newReceiver(t, &w, nil)
			w = newWorld(t, "", "POST")
			device := w.webhooks(t, phone.URL)[0]
			request := w.ask(t)
			end(t, w, device, request)
			w.run(t, delivery.Options{})
			d := w.wait(t, request, is(onetouch.DeliveryFailed))
			if d.LastError != name || d.Attempts != 0 || len(phone.requests) > 0 {
				t.Errorf("got %+v, and %d requests came", d, len(phone.requests))
			}
			if n := w.events(t, request)[onetouch.EventPushFailed]; n != 1 {
				t.Errorf("%d events say so", n)
			}
		})
	}
}

// Many at once: each comes, and none twice.
func TestMany(t *testing.T) {
	t.Parallel()
	var w *world
	var calls atomic.Int64
	backend := newReceiver(t, &w, func(out http.ResponseWriter, _ *http.Request) {
		if calls.Add(1)%5 == 0 {
			out.WriteHeader(http.StatusInternalServerError)
		}
	})
	w = newWorld(t, backend.URL, "POST")
	const many = 300
	requests := make([]onetouch.ApprovalRequest, many)
	for i := range many / 2 {
		requests[i] = w.approve(t)
	}
	w.run(t, delivery.Options{})
	for i := many / 2; i < many; i++ {
		requests[i] = w.approve(t)
	}
	attempts := 0
	for _, request := range requests {
		d := w.wait(t, request, func(d onetouch.DeliveryRecord) bool {
			if wait := d.NextAttemptAt.Sub(w.clock.Now()); d.Attempts > 0 && wait > 0 {
				w.clock.Advance(wait)
			}
			return d.State == onetouch.DeliverySent
		})
		for _, failed := range d.Log[:len(d.Log)-1] {
			if failed.Succeeded() {
				t.Errorf("sent again after a success: %+v", d)
			}
		}
		attempts += len(d.Log)
	}
	if got := calls.Load(); got != int64(attempts) || attempts <= many {
		t.Errorf("%d requests came for %d deliveries with %d attempts", got, many, attempts)
	}
}

// The log helps a developer, and helps nobody else.
func TestLog(t *testing.T) {
	t.Parallel()
	var w *world
	var calls atomic.Int64
	backend := newReceiver(t, &w, func(out http.ResponseWriter, in *http.Request) {
		if calls.Add(1) == 1 {
			http.Redirect(out, in, "/login?session=hush1", http.StatusFound)
		}
	})
	w = newWorld(t, strings.Replace(backend.URL, "http://", "http://ada:hush2@", 1)+"/cb?token=hush3", "POST")
	var said log
	w.run(t, delivery.Options{Logger: said.logger()})
	request := w.approve(t)
	d := w.wait(t, request, tried(1))
	want := "answered 302 Found, a redirect to " + backend.URL + "/login; redirects are not followed"
	if d.LastError != want {
		t.Errorf("got %s, want %s", d.LastError, want)
	}
	w.clock.Advance(d.NextAttemptAt.Sub(w.clock.Now()))
	w.wait(t, request, is(onetouch.DeliverySent))
	for range 2 {
		got := backend.next(t)
		if user, password, ok := got.BasicAuth(); got.err != nil || !ok || user != "ada" || password != "hush2" {
			t.Errorf("got %s:%s, %v", user, password, got.err)
		}
		for _, secret := range []string{
			w.app.APIKey, got.Header.Get(callback.SignatureHeader), "hush", url.QueryEscape(request.Message), request.Message,
		} {
			if strings.Contains(said.String(), secret) {
				t.Errorf("the log says %q:\n%s", secret, said.String())
			}
		}
	}
	for _, part := range []string{request.UUID, strings.TrimPrefix(backend.URL, "http://"), "302 Found", "level=WARN"} {
		if !strings.Contains(said.String(), part) {
			t.Errorf("the log lacks %q:\n%s", part, said.String())
		}
	}
}

// A proxy of the environment is not asked for a receiver on this machine. The environment is read once in a process, so
// this takes a second one.
func TestLoopbackNeedsNoProxy(t *testing.T) {
	t.Parallel()
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestCallback$")
	command.Env = append(os.Environ(), "HTTP_PROXY=http://127.0.0.1:1", "http_proxy=http://127.0.0.1:1", "NO_PROXY=", "no_proxy=")
	if out, err := command.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
