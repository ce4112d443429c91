package linearizability_test

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/phonetest"
	"github.com/onetouchkit/onetouch/internal/store"
)

// Variables say how many requests live, and repeat what was random.
const (
	livesVariable = "ONETOUCH_TEST_LIVES"
	seedVariable  = "ONETOUCH_TEST_LIVES_SEED"
)

// TestLivesOfRequests: whatever races, every client sees what it could have seen alone.
func TestLivesOfRequests(t *testing.T) {
	t.Parallel()
	for name, database := range map[string]func(t *testing.T) string{
		"in memory": func(*testing.T) string { return store.Memory },
		"SQLite":    func(t *testing.T) string { return filepath.Join(t.TempDir(), "server.db") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkLives(t, database(t), false)
		})
		t.Run(name+", forgotten", func(t *testing.T) {
			t.Parallel()
			checkLives(t, database(t), true)
		})
	}
}

// checkLives has requests live in a database, until one has a life without order. They may be removed when they have ended.
func checkLives(t *testing.T, database string, forgets bool) {
	t.Helper()
	w := newWorld(t, database, func(s onetouch.Store) onetouch.Store { return s })
	w.forgets = forgets
	if forgets { // what is owed keeps a request
		none := ""
		w.app = must(w.service.EnsureApplication(t.Context(), onetouch.ApplicationSettings{CallbackURL: &none}))(t)
	}
	for range number(t, livesVariable, 60) {
		r := w.live(t)
		if !w.isLinearizable(t, r.history) {
			w.show(t, r.history)
			return
		}
		r.checkOwed(t)
	}
	t.Logf("%d lives, %d of which were forgotten", w.lives, w.forgotten)
	if forgets == (w.forgotten == 0) {
		t.Errorf("%d of %d lives were forgotten", w.forgotten, w.lives)
	}
}

// TestLostAnswersAreFound: with a store that says yes to two answers the same test fails.
func TestLostAnswersAreFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.Memory, func(s onetouch.Store) onetouch.Store { return credulous{s} })
	for range 10_000 {
		if !w.isLinearizable(t, w.live(t).history) {
			return
		}
	}
	t.Error("no history shows that answers are lost")
}

// credulous is a store that reports every answer as the first.
type credulous struct{ onetouch.Store }

type credulousTransaction struct{ onetouch.Transaction }

func (c credulous) Update(ctx context.Context, change func(onetouch.Transaction) error) error {
	return c.Store.Update(ctx, func(tx onetouch.Transaction) error { return change(credulousTransaction{tx}) })
}

func (c credulousTransaction) DecideApprovalRequest(r onetouch.ApprovalRequest) (bool, error) {
	_, err := c.Transaction.DecideApprovalRequest(r)
	return true, err
}

// TestHastyRemovalIsFound: with a store that takes every request for ended the same test fails.
func TestHastyRemovalIsFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.Memory, func(s onetouch.Store) onetouch.Store { return hasty{s} })
	w.forgets = true
	for range 10_000 {
		if !w.isLinearizable(t, w.live(t).history) {
			return
		}
	}
	t.Error("no history shows that requests are removed before they have ended")
}

// hasty is a store that says of every request that nothing is to happen any more.
type hasty struct{ onetouch.Store }

type hastyReader struct{ onetouch.Reader }

type hastyTransaction struct{ onetouch.Transaction }

func (h hasty) View(ctx context.Context, read func(onetouch.Reader) error) error {
	return h.Store.View(ctx, func(r onetouch.Reader) error { return read(hastyReader{r}) })
}

func (h hasty) Update(ctx context.Context, change func(onetouch.Transaction) error) error {
	return h.Store.Update(ctx, func(tx onetouch.Transaction) error { return change(hastyTransaction{tx}) })
}

func (h hastyReader) History(kind onetouch.HistoryKind, f onetouch.HistoryFilter) ([]onetouch.Past, error) {
	all, err := h.Reader.History(kind, f)
	return closed(all), err
}

func (h hastyTransaction) History(kind onetouch.HistoryKind, f onetouch.HistoryFilter) ([]onetouch.Past, error) {
	all, err := h.Transaction.History(kind, f)
	return closed(all), err
}

func closed(all []onetouch.Past) []onetouch.Past {
	for i := range all {
		all[i].Open = all[i].Open && all[i].UUID == ""
	}
	return all
}

func number(t *testing.T, variable string, otherwise int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	return must(strconv.Atoi(text))(t)
}

// world is a service, in which one request after the other lives.
type world struct {
	seed    int
	random  *rand.Rand
	clock   *onetouch.ManualClock
	service *onetouch.Service
	app     onetouch.Application
	started time.Time
	lives   int

	forgets   bool
	forgotten int
}

func newWorld(t *testing.T, database string, around func(onetouch.Store) onetouch.Store) *world {
	t.Helper()
	db := must(store.Open(t.Context(), database))(t)
	t.Cleanup(func() { _ = db.Close() })
	w := &world{
		seed: number(t, seedVariable, int(time.Now().UnixNano()&0xffffff)), started: time.Now(),
		clock: onetouch.NewManualClock(time.Now().Truncate(time.Second)),
	}
	t.Logf("%s=%d", seedVariable, w.seed)
	w.random = rand.New(rand.NewPCG(uint64(w.seed), 0))
	w.service = onetouch.NewService(dawdling{around(db)}, onetouch.Options{Clock: dawdlingClock{w.clock}})
	url := "http://127.0.0.1:1/callback" // nobody sends: it is owed only
	w.app = must(w.service.EnsureApplication(t.Context(), onetouch.ApplicationSettings{CallbackURL: &url}))(t)
	return w
}

// request is one life, with those who take part in it.
type request struct {
	*world
	user    onetouch.User
	phones  [2]phonetest.Phone
	asked   onetouch.ApprovalRequest
	mu      sync.Mutex
	history []porcupine.Operation
}

// live has several clients do things with one request, at the same time.
func (w *world) live(t *testing.T) *request {
	t.Helper()
	w.lives++
	r := &request{world: w}
	r.user = must(w.service.AddUser(t.Context(), w.app.ID, onetouch.NewUser{
		Email: "ada@example.com", Cellphone: strconv.Itoa(2_000_000_000 + w.lives),
	}))(t)
	for i := range r.phones {
		r.phones[i] = must(phonetest.RegisterFor(t.Context(), w.service, r.user))(t)
	}
	seconds := int64(life)
	r.asked = must(w.service.CreateApprovalRequest(t.Context(), w.app, r.user.AuthyID, onetouch.NewApprovalRequest{
		Message: "Pay?", SecondsToExpire: &seconds,
	}))(t)
	var clients sync.WaitGroup
	for client, deeds := range w.plan() {
		clients.Go(func() {
			for _, d := range deeds {
				r.record(client, d, func() came { return r.do(d) })
			}
		})
	}
	clients.Wait()
	r.record(0, deed{kind: polls}, func() came { return r.do(deed{kind: polls}) })
	return r
}

// plan says who does what: phones answer, others read, the clock moves, and somebody may remove a device or the user.
func (w *world) plan() [][]deed {
	pick := func(of ...deed) deed { return of[w.random.IntN(len(of))] }
	several := func(most int, of ...deed) (all []deed) {
		for range 1 + w.random.IntN(most) {
			all = append(all, pick(of...))
		}
		return all
	}
	plan := [][]deed{
		several(4, deed{kind: polls}, deed{kind: lists}),
		several(4, deed{kind: polls}, deed{kind: polls, device: 1}, deed{kind: writesDown}),
		several(life+1, deed{kind: advances}),
	}
	for phone := range 2 {
		yes := deed{kind: answers, device: phone, status: onetouch.StatusApproved}
		no := deed{kind: answers, device: phone, status: onetouch.StatusDenied}
		plan = append(plan, several(3, yes, no, yes, no, deed{kind: authenticates, device: phone}))
	}
	if w.random.IntN(2) == 0 {
		plan = append(plan, several(2, deed{kind: removesDevice}, deed{kind: removesDevice, device: 1}, deed{kind: removesUser}))
	}
	if w.forgets {
		plan = append(plan, several(3, deed{kind: forgets}))
	}
	return plan
}

// record does something, and notes when.
func (r *request) record(client int, d deed, do func() came) {
	called := time.Since(r.started)
	c := do()
	returned := time.Since(r.started)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.history = append(r.history, porcupine.Operation{
		ClientId: client, Input: d, Call: int64(called), Output: c, Return: int64(returned),
	})
}

func (r *request) do(d deed) came {
	ctx, none := context.Background(), came{device: -1}
	switch d.kind {
	case answers:
		_, err := r.phones[d.device].Answer(ctx, r.service, r.asked, d.status, "")
		none.code, none.status = codeOf(err), statusIn(err)
	case polls:
		return r.poll(ctx, d)
	case lists:
		found, err := r.service.ApprovalRequests(ctx, onetouch.ApprovalRequestFilter{AuthyID: r.user.AuthyID})
		switch {
		case err == nil && len(found) == 0:
			return came{code: onetouch.CodeApprovalRequestNotFound, device: -1}
		case err != nil || len(found) > 1:
			return came{code: onetouch.CodeInternal}
		}
		return r.seen(found[0], nil)
	case advances:
		r.clock.Advance(time.Second)
	case writesDown:
		_, err := r.service.ExpireDue(ctx)
		none.code = codeOf(err)
	case removesDevice:
		none.code = codeOf(r.service.RemoveDevice(ctx, r.app.ID, r.phones[d.device].ID))
	case removesUser:
		none.code = codeOf(r.service.RemoveUser(ctx, r.app.ID, r.user.AuthyID))
	case authenticates:
		_, err := r.service.AuthenticateDevice(ctx, r.phones[d.device].AccessToken)
		none.code = codeOf(err)
	case forgets:
		_, err := r.service.RemoveOld(ctx, r.clock.Now().Add(time.Second))
		none.code = codeOf(err)
	}
	return none
}

// poll reads the request as a backend or, for device 1, as a phone.
func (r *request) poll(ctx context.Context, d deed) came {
	if d.device == 1 {
		found, err := r.service.DeviceApprovalRequest(ctx, r.phones[1].Device, r.asked.UUID)
		return r.seen(found.Request, err)
	}
	found, err := r.service.ApprovalRequest(ctx, r.app.ID, r.asked.UUID)
	return r.seen(found.Request, err)
}

func (r *request) seen(found onetouch.ApprovalRequest, err error) came {
	by := slices.IndexFunc(r.phones[:], func(p phonetest.Phone) bool { return p.ID == found.Answer.DeviceID })
	return came{code: codeOf(err), status: found.Status, device: by}
}

func codeOf(err error) onetouch.Code {
	if err == nil {
		return ""
	}
	return onetouch.CodeOf(err)
}

// statusIn is the status that a refusal of an answer names.
func statusIn(err error) onetouch.Status {
	for _, status := range []onetouch.Status{onetouch.StatusApproved, onetouch.StatusDenied} {
		if err != nil && strings.Contains(err.Error(), string(status)) {
			return status
		}
	}
	return ""
}

// checkOwed: an answer, its event and its callback are one, and go as one.
func (r *request) checkOwed(t *testing.T) {
	t.Helper()
	answered := 0
	switch stored, err := r.service.AnyApprovalRequest(t.Context(), r.asked.UUID); {
	case onetouch.CodeOf(err) == onetouch.CodeApprovalRequestNotFound && r.forgets:
		r.forgotten++
	case err != nil:
		t.Error(err)
	case stored.Status.Answered():
		answered = 1
	}
	callbacks := answered
	if r.forgets {
		callbacks = 0
	}
	owed := must(r.service.Deliveries(t.Context(), onetouch.DeliveryFilter{
		RequestUUID: r.asked.UUID, Kinds: []onetouch.DeliveryKind{onetouch.DeliveryCallback},
	}))(t)
	events := must(r.service.Events(t.Context(), onetouch.EventFilter{
		RequestUUID: r.asked.UUID, Types: []onetouch.EventType{onetouch.EventRequestResponded},
	}))(t)
	if len(owed) != callbacks || len(events) != answered {
		t.Errorf("%d callbacks and %d events of answers, want %d and %d", len(owed), len(events), callbacks, answered)
	}
}

// isLinearizable has the checker look for an order.
func (w *world) isLinearizable(t *testing.T, history []porcupine.Operation) bool {
	t.Helper()
	result := porcupine.CheckOperationsTimeout(model(), history, time.Minute)
	if result == porcupine.Unknown {
		t.Error("the checker found no answer within a minute")
	}
	return result != porcupine.Illegal
}

// show writes the picture of a history that has no order.
func (w *world) show(t *testing.T, history []porcupine.Operation) {
	t.Helper()
	_, info := porcupine.CheckOperationsVerbose(model(), history, time.Minute)
	file := must(os.CreateTemp("", "onetouch-life-*.html"))(t) //nolint:usetesting // to be looked at after the test
	defer func() { _ = file.Close() }()
	if err := porcupine.Visualize(model(), info, file); err != nil { //nolint:misspell // its name
		t.Error(err)
	}
	slices.SortFunc(history, func(a, b porcupine.Operation) int { return int(a.Call - b.Call) })
	var lines []string
	for _, o := range history {
		lines = append(lines, time.Duration(o.Call).String()+" – "+time.Duration(o.Return).String()+" "+
			describe(o.Input.(deed), o.Output.(came)))
	}
	t.Errorf("life %d of %s=%d has no order; see %s\n%s", w.lives, seedVariable, w.seed, file.Name(), strings.Join(lines, "\n"))
}

func must[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}
