package storetest

import (
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// everything is all that a world of one application, user and device can hold.
type everything struct {
	Applications []onetouch.Application
	Users        []onetouch.User
	Registration onetouch.Registration
	Devices      []onetouch.Device
	Requests     []onetouch.ApprovalRequest
	Deliveries   []onetouch.Delivery
	Attempts     []onetouch.Attempt
	Events       []onetouch.Event
}

func (w *world) everything(t testing.TB, token string) everything {
	t.Helper()
	return view(t, w, func(r onetouch.Reader) (e everything, err error) {
		var failures [8]error
		e.Applications, failures[0] = r.Applications()
		e.Users, failures[1] = r.Users(onetouch.UserFilter{})
		e.Registration, failures[2] = r.Registration(onetouch.SecretDigest(token))
		e.Devices, failures[3] = r.Devices(onetouch.DeviceFilter{WithRemoved: true})
		e.Requests, failures[4] = r.ApprovalRequests(onetouch.ApprovalRequestFilter{})
		e.Deliveries, failures[5] = r.Deliveries(onetouch.DeliveryFilter{})
		e.Events, failures[6] = r.Events(onetouch.EventFilter{})
		if len(e.Deliveries) > 0 {
			e.Attempts, failures[7] = r.Attempts(e.Deliveries[0].ID)
		}
		return e, firstError(failures[:]...)
	})
}

func reopening(t *testing.T, open Open) {
	name := database(t)
	w := newWorld(t, open(t, name))
	asked := expiring(request(w.user, 1), 60)
	answered := decided(asked, onetouch.StatusApproved, w.device)
	owed := callback(asked)
	w.update(t, func(tx onetouch.Transaction) error {
		err := firstError(tx.InsertRegistration(registration(w.user, "token")), tx.InsertApprovalRequest(asked),
			tx.InsertDelivery(&owed), note(tx, "written"))
		if err != nil {
			return err
		}
		_, err = tx.DecideApprovalRequest(answered)
		return firstError(err, tx.InsertAttempt(onetouch.Attempt{DeliveryID: owed.ID, Number: 1, StartedAt: start()}))
	})
	before := w.everything(t, "token")
	if len(before.Requests) != 1 || len(before.Attempts) != 1 || len(before.Events) != 1 {
		t.Fatalf("not everything was written: %+v", before)
	}
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	again := &world{store: open(t, name)}
	same(t, "what was written", again.everything(t, "token"), before)
	next := user(w.app, "2025550177")
	again.update(t, func(tx onetouch.Transaction) error { return tx.InsertUser(&next) })
	if next.AuthyID <= w.user.AuthyID {
		t.Errorf("Authy ID %d is given after %d", next.AuthyID, w.user.AuthyID)
	}
	if err := again.store.Close(); err != nil {
		t.Fatal(err)
	}
}

// consistentView changes the store in the middle of a view.
func consistentView(t *testing.T, open Open) {
	w := newWorld(t, open(t, database(t)))
	w.update(t, func(tx onetouch.Transaction) error { return note(tx, "before") })
	err := w.store.View(t.Context(), func(r onetouch.Reader) error {
		before, err := r.LastEvent()
		if err != nil {
			return err
		}
		changed := make(chan struct{})
		go func() {
			defer close(changed)
			if err := w.store.Update(t.Context(), func(tx onetouch.Transaction) error { return note(tx, "meanwhile") }); err != nil {
				t.Errorf("a change beside a view: %v", err)
			}
		}()
		<-changed
		log, err := r.Events(onetouch.EventFilter{After: before})
		if len(log) > 0 {
			t.Errorf("a view sees %v, which came after it began", log)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "notes", w.notes(t), []string{"before", "meanwhile"})
}

// twoStores stands for two processes.
func twoStores(t *testing.T, open Open) {
	name := database(t)
	w := newWorld(t, open(t, name))
	second := open(t, name)
	count(t, w, w.store, second)
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	w.update(t, func(tx onetouch.Transaction) error { return note(tx, "after the other has closed") })
}
