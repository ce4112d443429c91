package onetouch_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// Nobody looks and nothing runs; the clock alone decides.
func TestRequestExpiresByTheClockAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	p, asked := w.register(ada), w.ask(ada, lasting(60))
	w.clock.Advance(time.Minute - time.Microsecond)
	if got := w.status(asked); got != onetouch.StatusPending {
		t.Errorf("a moment before its end the request is %s", got)
	}
	w.clock.Advance(time.Microsecond)
	record, err := w.ApprovalRequest(t.Context(), w.app.ID, asked.UUID)
	if err != nil {
		t.Fatal(err)
	}
	want := asked
	want.Status, want.ProcessedAt, want.UpdatedAt = onetouch.StatusExpired, asked.ExpiresAt, asked.ExpiresAt
	want.Logos = record.Request.Logos
	w.same("the request at its end", record.Request, want)
	forOperator, err := w.AnyApprovalRequest(t.Context(), asked.UUID)
	if err != nil || forOperator.Status != onetouch.StatusExpired {
		t.Errorf("for the operator the request is %s (%v)", forOperator.Status, err)
	}
	w.changesNothing("answer after the end", func() {
		for _, status := range []string{evidence.Approved, evidence.Denied} {
			_, err := w.answer(p, asked, status)
			w.refused(status+" after the end", err, onetouch.CodeApprovalRequestExpired)
		}
	})
}

func TestAnswerJustInTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	p, asked := w.register(ada), w.ask(ada, lasting(60))
	w.clock.Advance(time.Minute - time.Microsecond)
	w.mustAnswer(p, asked, evidence.Approved)
	w.clock.Advance(time.Hour)
	if got := w.status(asked); got != onetouch.StatusApproved {
		t.Errorf("an answered request is %s after its time", got)
	}
}

func TestRequestWithoutEndStaysPending(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	asked := w.ask(w.addUser("202-555-0158"), lasting(0))
	w.clock.Advance(200 * 365 * 24 * time.Hour)
	next, err := w.ExpireDue(t.Context())
	if err != nil || !next.IsZero() || w.status(asked) != onetouch.StatusPending {
		t.Errorf("the request is %s; the next expiry is at %s (%v)", w.status(asked), next, err)
	}
}

func TestExpireDueWritesDownWhatTheClockDecided(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	p := w.register(ada)
	first, second := w.ask(ada, lasting(60)), w.ask(ada, lasting(90))
	answered, later := w.ask(ada, lasting(60)), w.ask(ada, lasting(600))
	w.mustAnswer(p, answered, evidence.Denied)
	before := w.log()
	w.clock.Advance(5 * time.Minute)
	next, err := w.ExpireDue(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.same("the next expiry", next, later.ExpiresAt)
	e := w.everything()
	var expired []string
	for _, event := range e.Events[len(before):] {
		if event.Type != onetouch.EventRequestExpired || event.At != w.clock.Now() || event.AuthyID != ada.AuthyID {
			t.Errorf("the log says %+v", event)
		}
		expired = append(expired, event.RequestUUID)
	}
	w.same("expired, the earliest first", expired, []string{first.UUID, second.UUID})
	w.changesNothing("again", func() {
		if again, err := w.ExpireDue(t.Context()); err != nil || !again.Equal(next) {
			t.Errorf("again: %s, %v", again, err)
		}
	})
	callbacks, err := w.Deliveries(t.Context(), onetouch.DeliveryFilter{RequestUUID: first.UUID, Kinds: []onetouch.DeliveryKind{onetouch.DeliveryCallback}})
	if err != nil || len(callbacks) != 0 {
		t.Errorf("an expired request owes %v (%v); callbacks are for answers", callbacks, err)
	}
}

// More than one batch.
func TestExpireDueOfManyRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	for range 250 {
		w.ask(ada, lasting(60))
	}
	w.clock.Advance(time.Minute)
	if next, err := w.ExpireDue(t.Context()); err != nil || !next.IsZero() {
		t.Fatalf("%s, %v", next, err)
	}
	expired := 0
	for _, event := range w.log() {
		if event == onetouch.EventRequestExpired {
			expired++
		}
	}
	if expired != 250 {
		t.Errorf("%d requests have expired, want 250", expired)
	}
}

// expires reports whether the log says that the request has expired.
func (w *world) expires(r onetouch.ApprovalRequest) func() bool {
	return func() bool {
		w.Helper()
		events, err := w.Events(w.Context(), onetouch.EventFilter{RequestUUID: r.UUID})
		if err != nil {
			w.Fatal(err)
		}
		return slices.ContainsFunc(events, func(e onetouch.Event) bool { return e.Type == onetouch.EventRequestExpired })
	}
}

// runExpiry runs the loop until the test ends, and returns what it ended with.
func (w *world) runExpiry() (stop func() error) {
	ctx, cancel := context.WithCancel(w.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.RunExpiry(ctx) }()
	stop = func() error {
		cancel()
		return <-ended
	}
	return stop
}

func TestRunExpiryFollowsTheClock(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	early := w.ask(ada, lasting(30)) // was there before the loop
	stop := w.runExpiry()
	w.clock.Advance(30 * time.Second)
	w.untilLogged("the request that was there before", w.expires(early))

	late, soon := w.ask(ada, lasting(600)), w.ask(ada, lasting(60)) // the second moves the alarm forward
	w.clock.Advance(time.Minute)
	w.untilLogged("the request that came later and ends earlier", w.expires(soon))
	if w.expires(late)() {
		t.Error("the later one has expired with it")
	}
	w.clock.Advance(10 * time.Minute)
	w.untilLogged("the later one", w.expires(late))
	if err := stop(); err != nil {
		t.Errorf("the loop ended with %v", err)
	}
}

// A request that comes while the loop looks at the store must not be overslept.
func TestRunExpiryMissesNoRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	stop := w.runExpiry()
	for range 100 {
		asked := w.ask(ada, lasting(1))
		w.clock.Advance(time.Second)
		w.untilLogged("the request", w.expires(asked))
	}
	if err := stop(); err != nil {
		t.Errorf("the loop ended with %v", err)
	}
}

// The loop that is ended while the store works says nothing of that.
func TestRunExpiryEndsInTheMiddle(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, stop := context.WithCancel(t.Context())
	w.store.failViews(errDisk)
	service := onetouch.NewService(w.store, onetouch.Options{Clock: hesitantClock{w.clock, func() time.Duration {
		stop()
		return 0
	}}})
	if err := service.RunExpiry(ctx); err != nil {
		t.Errorf("the loop ended with %v", err)
	}
}

func TestRunExpiryEndsWithTheStoresError(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.store.failViews(errDisk)
	if err := w.RunExpiry(t.Context()); !errors.Is(err, errDisk) {
		t.Errorf("got %v, want the store's error", err)
	}
	w.store.failViews(nil)
	w.ask(w.addUser("202-555-0158"), lasting(1))
	w.clock.Advance(time.Second)
	w.store.failAfter(0)
	if err := w.RunExpiry(t.Context()); !errors.Is(err, errDisk) {
		t.Errorf("got %v, want the store's error", err)
	}
}

// hesitantClock shows a later time once, as the machine's does before it is put back.
type hesitantClock struct {
	onetouch.Clock
	once func() time.Duration
}

func (c hesitantClock) Now() time.Time { return c.Clock.Now().Add(c.once()) }

func TestClockThatIsPutBackExpiresNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	asked := w.ask(w.addUser("202-555-0158"), lasting(60))
	ahead := time.Hour
	service := onetouch.NewService(w.store, onetouch.Options{Clock: hesitantClock{w.clock, func() time.Duration {
		defer func() { ahead = 0 }()
		return ahead
	}}})
	w.changesNothing("clock put back", func() {
		if next, err := service.ExpireDue(t.Context()); err != nil || !next.Equal(asked.ExpiresAt) {
			t.Errorf("the next expiry is at %s (%v), want %s", next, err, asked.ExpiresAt)
		}
	})
}

// watchedClock tells when somebody begins to wait for a time.
type watchedClock struct {
	*onetouch.ManualClock
	waits chan time.Time
}

func (c watchedClock) At(t time.Time) (<-chan struct{}, func()) {
	reached, stop := c.ManualClock.At(t)
	c.waits <- t
	return reached, stop
}

// The loop sleeps until the next expiry, and is woken for a request that ends earlier, whatever it slept for before.
func TestRunExpirySleepsUntilTheNextExpiry(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clock := watchedClock{w.clock, make(chan time.Time, 10)}
	w.Service = onetouch.NewService(w.store, onetouch.Options{Clock: clock})
	ada := w.addUser("202-555-0158")
	sleepsUntil := func(want time.Time) {
		t.Helper()
		select {
		case got := <-clock.waits:
			if !got.Equal(want) {
				t.Fatalf("the loop sleeps until %s, want %s", got, want)
			}
		case <-time.After(time.Minute):
			t.Fatalf("the loop was not woken to sleep until %s", want)
		}
	}
	stop := w.runExpiry()
	sleepsUntil(time.Time{}) // for ever: nothing expires
	hour := w.ask(ada, lasting(3600))
	sleepsUntil(hour.ExpiresAt)
	minute := w.ask(ada, lasting(60))
	sleepsUntil(minute.ExpiresAt)
	w.ask(ada, lasting(0))
	w.ask(ada, lasting(7200)) // neither is a reason to wake up
	w.clock.Advance(time.Minute)
	sleepsUntil(hour.ExpiresAt)
	again := w.ask(ada, lasting(60)) // later than what it slept for at first, earlier than what it sleeps for now
	sleepsUntil(again.ExpiresAt)
	w.clock.Advance(3 * time.Hour)
	sleepsUntil(time.Time{})
	last := w.ask(ada, lasting(1))
	sleepsUntil(last.ExpiresAt)
	if err := stop(); err != nil {
		t.Errorf("the loop ended with %v", err)
	}
}

// Who is told that a request is over is told the last word: an answer that was being written counts, or comes too late.
func TestExpiryThatWasToldIsWrittenDown(t *testing.T) {
	t.Parallel()
	for name, look := range map[string]func(w *world, asked onetouch.ApprovalRequest) error{
		"one": func(w *world, asked onetouch.ApprovalRequest) error {
			return second(w.ApprovalRequest(w.Context(), w.app.ID, asked.UUID))
		},
		"list": func(w *world, _ onetouch.ApprovalRequest) error {
			return second(w.ApprovalRequests(w.Context(), onetouch.ApprovalRequestFilter{}))
		},
		"challenges of the Verify API": func(w *world, asked onetouch.ApprovalRequest) error {
			user, err := w.UserOf(w.Context(), w.app.ID, asked.AuthyID)
			if err != nil {
				return err
			}
			found, err := w.Challenges(w.Context(), user, onetouch.ApprovalRequestFilter{})
			if len(found) != 1 || found[0].Request.Status != onetouch.StatusExpired {
				w.Errorf("the challenges are %+v", found)
			}
			return err
		},
		"evidence": func(w *world, asked onetouch.ApprovalRequest) error {
			_, err := w.Evidence(w.Context(), asked.UUID)
			w.refused("evidence of no answer", err, onetouch.CodeEvidenceNotFound)
			return nil
		},
		"push that comes too late": func(w *world, asked onetouch.ApprovalRequest) error {
			owed, err := w.Deliveries(w.Context(), onetouch.DeliveryFilter{RequestUUID: asked.UUID})
			if err != nil {
				return err
			}
			return second(w.Parcel(w.Context(), owed[0].ID))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			ada := w.addUser("202-555-0158")
			w.register(ada)
			asked := w.ask(ada, lasting(60))
			w.clock.Advance(time.Minute)
			if err := look(w, asked); err != nil {
				t.Fatal(err)
			}
			err := w.store.View(t.Context(), func(r onetouch.Reader) error {
				stored, err := r.ApprovalRequest(asked.UUID)
				w.same("what is stored", stored.Status, onetouch.StatusExpired)
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}
