package onetouch_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/phonetest"
	"github.com/onetouchkit/onetouch/internal/store"
	"github.com/onetouchkit/onetouch/pkg/details"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a service with its application, on a clock that stands still.
type world struct {
	*testing.T
	*onetouch.Service
	clock *onetouch.ManualClock
	store *faultyStore
	app   onetouch.Application
}

// noon is when every story begins.
func noon() time.Time { return time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC) }

const callbackURL = "http://127.0.0.1:3000/callback"

// newWorld makes a world; the settings may change what its application is like.
func newWorld(t *testing.T, settings ...onetouch.ApplicationSettings) *world {
	t.Helper()
	w := bareWorld(t, 1)
	callback := callbackURL
	w.app = w.ensure(onetouch.ApplicationSettings{Name: "Acme Bank", CallbackURL: &callback})
	for _, s := range settings {
		w.app = w.ensure(s)
	}
	return w
}

// bareWorld has no application. Two of the same seed give the same identifiers.
func bareWorld(t *testing.T, seed byte) *world {
	t.Helper()
	db, err := store.Open(t.Context(), ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("closing the store: %v", err)
		}
	})
	w := &world{T: t, clock: onetouch.NewManualClock(noon()), store: &faultyStore{Store: db}}
	w.Service = onetouch.NewService(w.store, onetouch.Options{Clock: w.clock, Random: newRandom(seed)})
	return w
}

// random is a seeded source that is safe for concurrent use.
type random struct {
	mu     sync.Mutex
	source *rand.ChaCha8
}

func newRandom(seed byte) *random { return &random{source: rand.NewChaCha8([32]byte{seed})} }

func (r *random) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.source.Read(p)
}

func (w *world) ensure(s onetouch.ApplicationSettings) onetouch.Application {
	w.Helper()
	app, err := w.EnsureApplication(w.Context(), s)
	if err != nil {
		w.Fatal(err)
	}
	return app
}

// addUser adds a user of the application by their phone number.
func (w *world) addUser(cellphone string) onetouch.User {
	w.Helper()
	user, err := w.AddUser(w.Context(), w.app.ID, onetouch.NewUser{Email: "ada@example.com", Cellphone: cellphone})
	if err != nil {
		w.Fatal(err)
	}
	return user
}

// phone is a registered device with what only the device knows.
type phone = phonetest.Phone

func newKey(t *testing.T) *evidence.PrivateKey {
	t.Helper()
	key, err := evidence.GenerateKey(evidence.ES256)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// register registers a device of the user.
func (w *world) register(user onetouch.User, push ...onetouch.PushTarget) phone {
	w.Helper()
	token, err := w.StartRegistration(w.Context(), user.AppID, user.AuthyID)
	if err != nil {
		w.Fatal(err)
	}
	key := newKey(w.T)
	n := w.newDevice(token, key)
	for _, target := range push {
		n.Push = target
	}
	registered, err := w.CompleteRegistration(w.Context(), n)
	if err != nil {
		w.Fatal(err)
	}
	return phone{Device: registered.Device, Key: key, AccessToken: registered.AccessToken}
}

// newDevice is what a device sends to register.
func (w *world) newDevice(token string, key *evidence.PrivateKey) onetouch.NewDevice {
	w.Helper()
	n, err := phonetest.NewDevice(key, token)
	if err != nil {
		w.Fatal(err)
	}
	n.Name = "Ada's Pixel"
	return n
}

// question is an approval request that is sound.
func question() onetouch.NewApprovalRequest {
	return onetouch.NewApprovalRequest{
		Message:       "Send $12,400 to ACME?",
		Details:       details.List{{Name: "To", Value: "ACME"}, {Name: "Amount", Value: "$12,400"}},
		HiddenDetails: details.List{{Name: "ip", Value: "10.0.0.1"}},
	}
}

// lasting is a question with an end.
func lasting(seconds int64) onetouch.NewApprovalRequest {
	n := question()
	n.SecondsToExpire = &seconds
	return n
}

func (w *world) ask(user onetouch.User, n onetouch.NewApprovalRequest) onetouch.ApprovalRequest {
	w.Helper()
	request, err := w.CreateApprovalRequest(w.Context(), w.app, user.AuthyID, n)
	if err != nil {
		w.Fatal(err)
	}
	return request
}

// sign is what an honest device signs.
func (w *world) sign(p phone, r onetouch.ApprovalRequest, status string) string {
	w.Helper()
	jws, err := evidence.Sign(p.Key, w.statement(p, r, status))
	if err != nil {
		w.Fatal(err)
	}
	return jws
}

func (w *world) statement(p phone, r onetouch.ApprovalRequest, status string) evidence.Statement {
	w.Helper()
	statement, err := p.Statement(r, status, w.clock.Now())
	if err != nil {
		w.Fatal(err)
	}
	return statement
}

func (w *world) answer(p phone, r onetouch.ApprovalRequest, status string) (onetouch.RequestRecord, error) {
	w.Helper()
	return w.Answer(w.Context(), p.Device, r.UUID, w.sign(p, r, status))
}

// mustAnswer is answer when it has to be taken.
func (w *world) mustAnswer(p phone, r onetouch.ApprovalRequest, status string) onetouch.RequestRecord {
	w.Helper()
	record, err := w.answer(p, r, status)
	if err != nil {
		w.Fatal(err)
	}
	return record
}

// status is what the backend is told when it asks.
func (w *world) status(r onetouch.ApprovalRequest) onetouch.Status {
	w.Helper()
	record, err := w.ApprovalRequest(w.Context(), w.app.ID, r.UUID)
	if err != nil {
		w.Fatal(err)
	}
	return record.Request.Status
}

// everything is all that the store holds, as the operator sees it.
type everything struct {
	Applications []onetouch.Application
	Users        []onetouch.User
	Devices      []onetouch.Device
	Requests     []onetouch.ApprovalRequest
	Deliveries   []onetouch.DeliveryRecord
	Events       []onetouch.Event
	Messages     []onetouch.Message
	Activities   []onetouch.Activity
	Statistics   []onetouch.Statistics // of each application
	Webhooks     []onetouch.Webhook
}

func (w *world) everything() everything {
	w.Helper()
	ctx := context.Background()
	var e everything
	var errs [6]error
	e.Applications, errs[0] = w.Applications(ctx)
	e.Users, errs[1] = w.Users(ctx, onetouch.UserFilter{})
	e.Devices, errs[2] = w.Devices(ctx, onetouch.DeviceFilter{WithRemoved: true})
	e.Requests, errs[3] = w.ApprovalRequests(ctx, onetouch.ApprovalRequestFilter{})
	e.Deliveries, errs[4] = w.Deliveries(ctx, onetouch.DeliveryFilter{})
	e.Events, errs[5] = w.Events(ctx, onetouch.EventFilter{})
	if err := errors.Join(append(errs[:], w.everythingOfCalls(ctx, &e))...); err != nil {
		w.Fatal(err)
	}
	return e
}

// changesNothing runs work and checks that the store is as it was.
func (w *world) changesNothing(what string, work func()) {
	w.Helper()
	before := w.everything()
	work()
	if diff := cmp.Diff(before, w.everything()); diff != "" {
		w.Errorf("%s: it was refused and changed something (-before +after):\n%s", what, diff)
	}
}

// refused checks the code of a refusal, and that its message is a line that a user can be shown.
func (w *world) refused(what string, err error, want onetouch.Code) {
	w.Helper()
	if got := onetouch.CodeOf(err); got != want {
		w.Errorf("%s: got code %q (%v), want %q", what, got, err, want)
		return
	}
	if text := err.Error(); text == "" || strings.ContainsAny(text, "\n\r") || strings.Contains(text, "%!") {
		w.Errorf("%s: the message is no line for a user: %q", what, text)
	}
}

// log is the types of the events so far.
func (w *world) log() []onetouch.EventType {
	w.Helper()
	var types []onetouch.EventType
	for _, e := range w.everything().Events {
		types = append(types, e.Type)
	}
	return types
}

// untilLogged waits for events until done.
func (w *world) untilLogged(what string, done func() bool) {
	w.Helper()
	deadline := time.After(time.Minute)
	for {
		changed := w.Changed(onetouch.TopicEvents)
		if done() {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			w.Fatalf("waited in vain for: %s", what)
		}
	}
}

func (w *world) same(what string, got, want any) {
	w.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		w.Errorf("%s differs (-want +got):\n%s", what, diff)
	}
}

// stranger is the application of somebody else, with a user, a device and a request.
type stranger struct {
	app     onetouch.Application
	user    onetouch.User
	device  onetouch.Device
	request onetouch.ApprovalRequest
}

// addStranger writes it past the service, which makes one application only.
func (w *world) addStranger() stranger {
	w.Helper()
	s := stranger{app: onetouch.Application{
		ID: "ffffffffffffffffffffffff", Name: "Stranger", APIKey: "the stranger's key",
		Callback: onetouch.CallbackTarget{Method: "POST"}, PushSender: onetouch.PushByAuthy, CreatedAt: noon(),
	}}
	err := w.store.Update(w.Context(), func(tx onetouch.Transaction) error { return tx.InsertApplication(&s.app) })
	if err != nil {
		w.Fatal(err)
	}
	theirs := *w
	theirs.app = s.app
	s.user = theirs.addUser("2025550199")
	s.device = theirs.register(s.user).Device
	s.request = theirs.ask(s.user, question())
	return s
}

// faultyStore fails when the test says so.
type faultyStore struct {
	onetouch.Store
	mu sync.Mutex
	// writesLeft is how many further writes succeed; nil is all of them.
	writesLeft *int
	viewError  error
}

var (
	errDisk = errors.New("the disk is on fire")
	errLost = errors.New("the commit is lost")
)

func (s *faultyStore) failAfter(writes int) { s.mu.Lock(); s.writesLeft = &writes; s.mu.Unlock() }

func (s *faultyStore) failViews(err error) { s.mu.Lock(); s.viewError = err; s.mu.Unlock() }

func (s *faultyStore) repair() { s.mu.Lock(); s.writesLeft, s.viewError = nil, nil; s.mu.Unlock() }

// write fails when no writes are left.
func (s *faultyStore) write() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.writesLeft == nil {
		return nil
	}
	if *s.writesLeft == 0 {
		return errDisk
	}
	*s.writesLeft--
	return nil
}

func (s *faultyStore) View(ctx context.Context, read func(onetouch.Reader) error) error {
	if err := s.failedView(); err != nil {
		return err
	}
	return s.Store.View(ctx, read)
}

func (s *faultyStore) Glance(ctx context.Context, read func(onetouch.Reader) error) error {
	if err := s.failedView(); err != nil {
		return err
	}
	return s.Store.Glance(ctx, read)
}

func (s *faultyStore) failedView() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.viewError
}

// Update runs every change twice, as a store may whose commit is lost: a change that leaves something of its first run behind
// ends otherwise than its test wants.
func (s *faultyStore) Update(ctx context.Context, change func(onetouch.Transaction) error) error {
	_ = s.Store.Update(ctx, func(tx onetouch.Transaction) error {
		if err := change(tx); err != nil {
			return err
		}
		return errLost
	})
	return s.Store.Update(ctx, func(tx onetouch.Transaction) error { return change(faultyTransaction{tx, s}) })
}

type faultyTransaction struct {
	onetouch.Transaction
	store *faultyStore
}

// guard does a write unless none are left.
func (t faultyTransaction) guard(write func() error) error {
	if err := t.store.write(); err != nil {
		return err
	}
	return write()
}

func (t faultyTransaction) InsertApplication(a *onetouch.Application) error {
	return t.guard(func() error { return t.Transaction.InsertApplication(a) })
}

func (t faultyTransaction) UpdateApplication(a onetouch.Application) error {
	return t.guard(func() error { return t.Transaction.UpdateApplication(a) })
}

func (t faultyTransaction) InsertUser(u *onetouch.User) error {
	return t.guard(func() error { return t.Transaction.InsertUser(u) })
}

func (t faultyTransaction) UpdateUser(u onetouch.User) error {
	return t.guard(func() error { return t.Transaction.UpdateUser(u) })
}

func (t faultyTransaction) InsertRegistration(r onetouch.Registration) error {
	return t.guard(func() error { return t.Transaction.InsertRegistration(r) })
}

func (t faultyTransaction) UpdateRegistration(r onetouch.Registration) error {
	return t.guard(func() error { return t.Transaction.UpdateRegistration(r) })
}

func (t faultyTransaction) InsertDevice(d *onetouch.Device) error {
	return t.guard(func() error { return t.Transaction.InsertDevice(d) })
}

func (t faultyTransaction) UpdateDevice(d onetouch.Device) error {
	return t.guard(func() error { return t.Transaction.UpdateDevice(d) })
}

func (t faultyTransaction) InsertApprovalRequest(r onetouch.ApprovalRequest) error {
	return t.guard(func() error { return t.Transaction.InsertApprovalRequest(r) })
}

func (t faultyTransaction) DecideApprovalRequest(r onetouch.ApprovalRequest) (decided bool, err error) {
	err = t.guard(func() (err error) {
		decided, err = t.Transaction.DecideApprovalRequest(r)
		return err
	})
	return decided, err
}

func (t faultyTransaction) RemoveHistory(kind onetouch.HistoryKind, numbers []int64) (r onetouch.Removed, err error) {
	err = t.guard(func() (err error) {
		r, err = t.Transaction.RemoveHistory(kind, numbers)
		return err
	})
	return r, err
}

func (t faultyTransaction) InsertDelivery(d *onetouch.Delivery) error {
	return t.guard(func() error { return t.Transaction.InsertDelivery(d) })
}

func (t faultyTransaction) UpdateDelivery(d onetouch.Delivery) error {
	return t.guard(func() error { return t.Transaction.UpdateDelivery(d) })
}

func (t faultyTransaction) InsertAttempt(a onetouch.Attempt) error {
	return t.guard(func() error { return t.Transaction.InsertAttempt(a) })
}

func (t faultyTransaction) InsertEvent(e *onetouch.Event) error {
	return t.guard(func() error { return t.Transaction.InsertEvent(e) })
}
