package storetest

import (
	"path/filepath"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// restoring puts back what was saved, and nothing else.
func restoring(t *testing.T, w *world) {
	owner := onetouch.Account{SID: "AC1", AuthToken: "token"}
	w.update(t, func(tx onetouch.Transaction) error {
		if err := tx.InsertAccount(owner); err != nil {
			return err
		}
		if err := tx.SetClockSetting(onetouch.ClockSetting{FrozenAt: start()}); err != nil {
			return err
		}
		return tx.InsertApprovalRequest(request(w.user, 1))
	})
	saved := filepath.Join(t.TempDir(), "saved.db")
	if err := w.store.Save(t.Context(), saved); err != nil {
		t.Fatal(err)
	}
	if err := w.store.Save(t.Context(), saved); err == nil {
		t.Error("a file that is there is overwritten")
	}
	w.update(t, func(tx onetouch.Transaction) error { return note(tx, "later") })
	w.update(t, func(tx onetouch.Transaction) error { return tx.Clear(true) })
	last := view(t, w, onetouch.Reader.LastEvent)

	if err := w.store.Restore(t.Context(), saved, onetouch.Event{Type: onetouch.EventRestored, At: start()}); err != nil {
		t.Fatal(err)
	}
	same(t, "account", view(t, w, onetouch.Reader.Account), owner)
	same(t, "applications", view(t, w, onetouch.Reader.Applications), []onetouch.Application{w.app})
	same(t, "user", view(t, w, func(r onetouch.Reader) (onetouch.User, error) { return r.User(w.app.ID, w.user.AuthyID) }), w.user)
	same(t, "device", view(t, w, func(r onetouch.Reader) (onetouch.Device, error) { return r.Device(w.device.ID) }), w.device)
	same(t, "request", view(t, w, func(r onetouch.Reader) (onetouch.ApprovalRequest, error) {
		return r.ApprovalRequest(request(w.user, 1).UUID)
	}).Message, request(w.user, 1).Message)
	same(t, "clock", view(t, w, onetouch.Reader.ClockSetting), onetouch.ClockSetting{FrozenAt: start()})
	log := view(t, w, func(r onetouch.Reader) ([]onetouch.Event, error) { return r.Events(onetouch.EventFilter{}) })
	if len(log) != 1 || log[0].Type != onetouch.EventRestored || log[0].Sequence <= last {
		t.Errorf("the log is %+v, the last event before was %d", log, last)
	}

	another := user(w.app, "2025550199")
	w.update(t, func(tx onetouch.Transaction) error { return tx.InsertUser(&another) })
	if another.AuthyID != w.user.AuthyID+1 {
		t.Errorf("the next user is %d, the one before is %d", another.AuthyID, w.user.AuthyID)
	}
}

// restoringNothing leaves everything as it is.
func restoringNothing(t *testing.T, w *world) {
	missing := filepath.Join(t.TempDir(), "missing", "x", "missing.db")
	if err := w.store.Save(t.Context(), missing); err == nil {
		t.Error("a copy is saved where there is no folder")
	}
	if err := w.store.Restore(t.Context(), t.TempDir(), onetouch.Event{Type: onetouch.EventRestored, At: start()}); err == nil {
		t.Error("a folder is restored")
	}
	same(t, "applications", view(t, w, onetouch.Reader.Applications), []onetouch.Application{w.app})
	w.update(t, func(tx onetouch.Transaction) error { return note(tx, "after that") })
}
