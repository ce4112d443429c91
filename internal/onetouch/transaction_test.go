package onetouch_test

import (
	"errors"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// deed is something a caller does, and how many writes of the store it takes. It is prepared in a world and done later.
type deed struct {
	name    string
	writes  int
	prepare func(w *world) (do func() error)
}

func deeds() []deed {
	return []deed{
		{"first application", 1, func(w *world) func() error {
			bare := bareWorld(w.T, 9)
			w.Service, w.store = bare.Service, bare.store
			return func() error { return second(w.EnsureApplication(w.Context(), onetouch.ApplicationSettings{})) }
		}},
		{"application with new settings", 2, func(w *world) func() error {
			return func() error {
				return second(w.EnsureApplication(w.Context(), onetouch.ApplicationSettings{Name: "New"}))
			}
		}},
		{"new user", 3, func(w *world) func() error {
			n := onetouch.NewUser{Email: "ada@example.com", Cellphone: "202-555-0158"}
			return func() error { return second(w.AddUser(w.Context(), w.app.ID, n)) }
		}},
		{"user who comes back", 3, func(w *world) func() error {
			ada := w.addUser("202-555-0158")
			if err := w.RemoveUser(w.Context(), w.app.ID, ada.AuthyID); err != nil {
				w.Fatal(err)
			}
			n := onetouch.NewUser{Email: "ada@example.com", Cellphone: "202-555-0158"}
			return func() error { return second(w.AddUser(w.Context(), w.app.ID, n)) }
		}},
		{"removal of a user with two devices", 7, func(w *world) func() error {
			ada := w.addUser("202-555-0158")
			w.register(ada)
			w.register(ada)
			return func() error { return w.RemoveUser(w.Context(), w.app.ID, ada.AuthyID) }
		}},
		{"start of a registration", 2, func(w *world) func() error {
			ada := w.addUser("202-555-0158")
			return func() error { return second(w.StartRegistration(w.Context(), w.app.ID, ada.AuthyID)) }
		}},
		{"registration", 4, func(w *world) func() error {
			n := w.newDevice(w.startRegistration(w.addUser("202-555-0158")), newKey(w.T))
			return func() error { return second(w.CompleteRegistration(w.Context(), n)) }
		}},
		{"new name of a device", 1, func(w *world) func() error {
			p := w.register(w.addUser("202-555-0158"))
			return func() error { return second(w.RenameDevice(w.Context(), p.Device, "New")) }
		}},
		{"removal of a device", 2, func(w *world) func() error {
			p := w.register(w.addUser("202-555-0158"))
			return func() error { return w.RemoveDevice(w.Context(), w.app.ID, p.ID) }
		}},
		{"approval request with two pushes", 4, func(w *world) func() error {
			ada := w.addUser("202-555-0158")
			w.register(ada, byStream)
			w.register(ada, byWebhook)
			return func() error { return second(w.CreateApprovalRequest(w.Context(), w.app, ada.AuthyID, question())) }
		}},
		{"answer with its callback", 4, func(w *world) func() error {
			ada := w.addUser("202-555-0158")
			p, asked := w.register(ada), w.ask(ada, question())
			return func() error { return second(w.answer(p, asked, evidence.Approved)) }
		}},
		{"expiry of two requests", 4, func(w *world) func() error {
			ada := w.addUser("202-555-0158")
			w.ask(ada, lasting(1))
			w.ask(ada, lasting(1))
			w.clock.Advance(time.Second)
			return func() error { return second(w.ExpireDue(w.Context())) }
		}},
		{"delivery that succeeds", 3, func(w *world) func() error {
			owed := w.callback()
			return func() error { return second(w.RecordAttempt(w.Context(), onetouch.Attempt{DeliveryID: owed.ID})) }
		}},
		{"delivery that fails", 3, func(w *world) func() error {
			owed := w.callback()
			failed := onetouch.Attempt{DeliveryID: owed.ID, StartedAt: noon(), Error: "answered 500"}
			return func() error { return second(w.RecordAttempt(w.Context(), failed)) }
		}},
		{"delivery given up", 2, func(w *world) func() error {
			owed := w.callback()
			return func() error { return second(w.GiveUp(w.Context(), owed.ID, "no")) }
		}},
	}
}

func second[T any](_ T, err error) error { return err }

// Whichever write of a deed fails, none of the others stays: neither the change without its event, nor an event or a debt
// without the change. When the store is whole again the same deed can be done.
func TestDeedIsDoneWhollyOrNotAtAll(t *testing.T) {
	t.Parallel()
	for _, d := range append(deeds(), deedsOfCalls()...) {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			do := d.prepare(w)
			for written := range d.writes {
				w.store.failAfter(written)
				w.changesNothing("failure of a write", func() {
					if err := do(); !errors.Is(err, errDisk) || onetouch.CodeOf(err) != onetouch.CodeInternal {
						t.Errorf("the store fails after %d writes: got %v, want its error", written, err)
					}
				})
			}
			w.store.failAfter(d.writes) // exactly enough
			if err := do(); err != nil {
				t.Errorf("the store takes %d writes: got %v", d.writes, err)
			}
		})
	}
}

// Who waits is woken after the commit, and only by one: what they then read is there.
func TestFailedDeedWakesNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	woken := w.Changed(onetouch.TopicEvents)
	w.store.failAfter(1)
	if _, err := w.AddUser(t.Context(), w.app.ID, onetouch.NewUser{Email: "a@b.co", Cellphone: "202-555-0158"}); err == nil {
		t.Fatal("the store did not fail")
	}
	select {
	case <-woken:
		t.Error("a change that was not made has woken somebody")
	default:
	}
	w.store.repair()
	w.addUser("202-555-0158")
	<-woken
	if last, err := w.LastEvent(t.Context()); err != nil || last != 1 {
		t.Errorf("the woken one reads event %d (%v), want 1", last, err)
	}
}

func TestEventsAreNumberedInTheirOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	p := w.register(ada, byWebhook)
	asked := w.ask(ada, question())
	w.attempt(w.pushes(asked)[0].ID, "")
	w.mustAnswer(p, asked, evidence.Approved)
	all := w.everything().Events
	w.same("the story", w.log(), []onetouch.EventType{
		onetouch.EventUserAdded, onetouch.EventRegistrationStart, onetouch.EventDeviceRegistered, onetouch.EventRequestCreated,
		onetouch.EventPushSent, onetouch.EventRequestResponded,
	})
	for i, e := range all {
		if e.Sequence != int64(i+1) {
			t.Errorf("event %d has number %d", i+1, e.Sequence)
		}
	}
	for _, test := range []struct {
		filter onetouch.EventFilter
		want   []onetouch.Event
	}{
		{onetouch.EventFilter{After: 2, Limit: 2}, all[2:4]},
		{onetouch.EventFilter{Limit: 2, Latest: true}, all[4:]},
		{onetouch.EventFilter{RequestUUID: asked.UUID}, all[3:]},
		{onetouch.EventFilter{RequestUUID: asked.UUID, After: 4}, all[4:]},
		{onetouch.EventFilter{RequestUUID: "none"}, nil},
		{onetouch.EventFilter{After: int64(len(all)), RequestUUID: "no"}, nil},
	} {
		got, err := w.Events(t.Context(), test.filter)
		if err != nil {
			t.Fatal(err)
		}
		w.same("filtered log", got, test.want)
	}
}

// A seeded source repeats a whole run: every identifier and secret.
func TestSeededSourceRepeatsARun(t *testing.T) {
	t.Parallel()
	run := func(seed byte) []string {
		w := bareWorld(t, seed)
		w.app = w.ensure(onetouch.ApplicationSettings{})
		ada := w.addUser("202-555-0158")
		token := w.startRegistration(ada)
		registered, err := w.CompleteRegistration(t.Context(), w.newDevice(token, newKey(t)))
		if err != nil {
			t.Fatal(err)
		}
		asked := w.ask(ada, question())
		return []string{
			w.app.ID, w.app.APIKey, ada.ID, token, registered.UUID, registered.AccessToken, string(registered.TOTPSecret),
			asked.UUID, asked.ID, asked.Challenge,
		}
	}
	first, again, other := run(1), run(1), run(2)
	seen := map[string]bool{}
	for i := range first {
		if first[i] != again[i] {
			t.Errorf("value %d is %q, then %q", i, first[i], again[i])
		}
		if seen[first[i]] || seen[other[i]] {
			t.Errorf("value %d is given twice", i)
		}
		seen[first[i]], seen[other[i]] = true, true
	}
}
