package delivery_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	stdlog "log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/onetouchkit/onetouch/internal/delivery"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/phonetest"
	"github.com/onetouchkit/onetouch/internal/store"
	"github.com/onetouchkit/onetouch/pkg/callback"
	"github.com/onetouchkit/onetouch/pkg/details"
)

// Whatever a test does, the worker leaves no goroutine and no connection behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what must happen. It is over only when a test fails.
const patience = time.Minute

// world is a service with one application, one user and one device, which has no push.
type world struct {
	store   onetouch.Store
	service *onetouch.Service
	clock   *onetouch.ManualClock
	app     onetouch.Application
	user    onetouch.User
	device  phonetest.Phone
}

func newWorld(t testing.TB, callbackURL, method string) *world {
	t.Helper()
	return newWorldIn(t, ":memory:", callbackURL, method)
}

func newWorldIn(t testing.TB, database, callbackURL, method string) *world {
	t.Helper()
	db, err := store.Open(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	w := &world{store: db, clock: onetouch.NewManualClock(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))}
	w.service = onetouch.NewService(db, onetouch.Options{Clock: w.clock})
	w.app = must(w.service.EnsureApplication(t.Context(), onetouch.ApplicationSettings{
		Name: "Acme Bank", CallbackURL: &callbackURL, CallbackMethod: method,
	}))(t)
	w.user = must(w.service.AddUser(t.Context(), w.app.ID, onetouch.NewUser{Email: "ada@example.com", Cellphone: "2025550158"}))(t)
	w.device = w.register(t, onetouch.PushTarget{Type: onetouch.PushNone})
	return w
}

// must returns the value, or ends the test.
func must[T any](value T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func (w *world) register(t testing.TB, push onetouch.PushTarget) phonetest.Phone {
	t.Helper()
	return must(phonetest.RegisterFor(t.Context(), w.service, w.user, func(n *onetouch.NewDevice) { n.Push = push }))(t)
}

// webhooks registers devices that are pushed by HTTP.
func (w *world) webhooks(t testing.TB, urls ...string) []onetouch.Device {
	t.Helper()
	devices := make([]onetouch.Device, len(urls))
	for i, url := range urls {
		devices[i] = w.register(t, onetouch.PushTarget{Type: onetouch.PushWebhook, URL: url}).Device
	}
	return devices
}

func (w *world) ask(t testing.TB) onetouch.ApprovalRequest {
	t.Helper()
	return must(w.service.CreateApprovalRequest(t.Context(), w.app, w.user.AuthyID, onetouch.NewApprovalRequest{
		Message: "Send $12,400 to ACME?", Details: details.List{{Name: "Amount", Value: "$12,400"}, {Name: "City", Value: "Bogotá"}},
	}))(t)
}

func (w *world) answer(t testing.TB, r onetouch.ApprovalRequest, status onetouch.Status) {
	t.Helper()
	must(w.device.Answer(t.Context(), w.service, r, status, ""))(t)
}

// approve owes a callback.
func (w *world) approve(t testing.TB) onetouch.ApprovalRequest {
	t.Helper()
	request := w.ask(t)
	w.answer(t, request, onetouch.StatusApproved)
	return request
}

// run starts a worker. The returned function ends it and waits for it; the test's end does too.
func (w *world) run(t testing.TB, o delivery.Options) (stop func()) {
	t.Helper()
	return w.runWorker(t, delivery.New(w.service, o))
}

func (w *world) runWorker(t testing.TB, worker *delivery.Worker) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := worker.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	stop = func() {
		cancel()
		running.Wait()
	}
	t.Cleanup(stop)
	return stop
}

// deliveries of the request, in the order in which they were owed.
func (w *world) deliveries(t testing.TB, r onetouch.ApprovalRequest) []onetouch.DeliveryRecord {
	t.Helper()
	records := must(w.service.Deliveries(context.Background(), onetouch.DeliveryFilter{RequestUUID: r.UUID}))(t)
	slices.Reverse(records)
	return records
}

// wait returns the one delivery of the request once the condition holds.
func (w *world) wait(t testing.TB, r onetouch.ApprovalRequest, holds func(onetouch.DeliveryRecord) bool) onetouch.DeliveryRecord {
	t.Helper()
	return w.waitAll(t, r, func(d []onetouch.DeliveryRecord) bool { return len(d) == 1 && holds(d[0]) })[0]
}

func (w *world) waitAll(
	t testing.TB, r onetouch.ApprovalRequest, hold func([]onetouch.DeliveryRecord) bool,
) []onetouch.DeliveryRecord {
	t.Helper()
	over := time.After(patience)
	for {
		changed := w.service.Changed(onetouch.TopicDeliveries)
		d := w.deliveries(t, r)
		if hold(d) {
			return d
		}
		select {
		case <-changed:
		case <-over:
			t.Fatalf("it does not come to that: %+v", d)
		}
	}
}

func is(state onetouch.DeliveryState) func(onetouch.DeliveryRecord) bool {
	return func(d onetouch.DeliveryRecord) bool { return d.State == state }
}

func tried(times int) func(onetouch.DeliveryRecord) bool {
	return func(d onetouch.DeliveryRecord) bool { return d.Attempts == times }
}

// events of the request, by type.
func (w *world) events(t testing.TB, r onetouch.ApprovalRequest) map[onetouch.EventType]int {
	t.Helper()
	counts := map[onetouch.EventType]int{}
	for _, e := range must(w.service.Events(t.Context(), onetouch.EventFilter{RequestUUID: r.UUID}))(t) {
		counts[e.Type]++
	}
	return counts
}

// received is a request as it came, and whether it is a sound callback.
type received struct {
	*http.Request
	body     []byte
	callback *callback.Callback
	err      error
}

// receiver is a backend that verifies. answer says what it answers; nil is 200.
type receiver struct {
	*httptest.Server
	requests chan received // every one that came
}

func newReceiver(t testing.TB, w **world, answer http.HandlerFunc) *receiver {
	t.Helper()
	r := &receiver{requests: make(chan received, 10000)}
	r.Server = httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
		body, err := io.ReadAll(in.Body)
		if err != nil {
			t.Error(err)
		}
		in.Body = io.NopCloser(bytes.NewReader(body))
		got := received{Request: in, body: body}
		verifier := &callback.Verifier{APIKey: (*w).app.APIKey, Now: (*w).clock.Now, MaxAge: time.Second}
		got.callback, got.err = verifier.Verify(in)
		r.requests <- got
		if answer != nil {
			answer(out, in)
		}
	}))
	t.Cleanup(r.Close)
	return r
}

// next is the next request that comes.
func (r *receiver) next(t testing.TB) received {
	t.Helper()
	select {
	case got := <-r.requests:
		return got
	case <-time.After(patience):
		t.Fatal("nothing came")
		return received{}
	}
}

// callback is the next request, which must be a sound callback.
func (r *receiver) callback(t testing.TB) *callback.Callback {
	t.Helper()
	got := r.next(t)
	if got.err != nil {
		t.Fatal(got.err)
	}
	return got.callback
}

// log is what a worker says of itself.
type log struct {
	mu   sync.Mutex
	text []byte
}

func (l *log) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, text...)
	return len(text), nil
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.text)
}

// std is the log as older packages take it.
func (l *log) std() *stdlog.Logger { return stdlog.New(l, "", 0) }

func (l *log) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// brittleStore does not take changes while it is broken.
type brittleStore struct {
	onetouch.Store
	mu     sync.Mutex
	broken bool
}

var errBroken = errors.New("the disk is full")

func (s *brittleStore) setBroken(broken bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = broken
}

func (s *brittleStore) Update(ctx context.Context, change func(onetouch.Transaction) error) error {
	s.mu.Lock()
	broken := s.broken
	s.mu.Unlock()
	if broken {
		return errBroken
	}
	return s.Store.Update(ctx, change)
}

// lateStore tells the worker once that something is due which is not any more.
type lateStore struct {
	onetouch.Store
	due []onetouch.Delivery
}

func (s *lateStore) Claim(ctx context.Context, c onetouch.Claimant, read func(onetouch.Reader) error) error {
	return s.Store.Claim(ctx, c, func(r onetouch.Reader) error { return read(lateReader{Reader: r, store: s}) })
}

type lateReader struct {
	onetouch.Reader
	store *lateStore
}

// DueDeliveries is called by the worker only, one call after another.
func (r lateReader) DueDeliveries(receiver string, now time.Time, limit int) (onetouch.Due, error) {
	due, err := r.Reader.DueDeliveries(receiver, now, limit)
	due.Deliveries = append(r.store.due, due.Deliveries...)
	r.store.due = nil
	return due, err
}
