package storetest

import (
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

func clockSetting(t *testing.T, w *world) {
	same(t, "setting before the first", view(t, w, onetouch.Reader.ClockSetting), onetouch.ClockSetting{})
	for _, setting := range []onetouch.ClockSetting{{FrozenAt: start()}, {Ahead: -time.Hour}, {Ahead: 36 * time.Hour}, {}} {
		w.update(t, func(tx onetouch.Transaction) error { return tx.SetClockSetting(setting) })
		same(t, "setting", view(t, w, onetouch.Reader.ClockSetting), setting)
	}
}

// clearing removes everything that a world can have, and the numbers of users and devices begin anew.
func clearing(t *testing.T, w *world) {
	r := request(w.user, 1)
	w.update(t, func(tx onetouch.Transaction) error {
		if err := tx.SetClockSetting(onetouch.ClockSetting{FrozenAt: start()}); err != nil {
			return err
		}
		return tx.InsertApprovalRequest(r)
	})
	w.update(t, func(tx onetouch.Transaction) error { return note(tx, "first") })
	w.update(t, func(tx onetouch.Transaction) error { return note(tx, "last") })
	last := view(t, w, onetouch.Reader.LastEvent)
	first := [2]int64{w.user.AuthyID, w.device.ID}
	w.update(t, func(tx onetouch.Transaction) error { return tx.Clear(false) })

	same(t, "applications", view(t, w, onetouch.Reader.Applications), []onetouch.Application{w.app})
	absent(t, w, "the user", func(r onetouch.Reader) (onetouch.User, error) { return r.User(w.app.ID, w.user.AuthyID) })
	absent(t, w, "the device", func(r onetouch.Reader) (onetouch.Device, error) { return r.Device(w.device.ID) })
	absent(t, w, "the request", func(reader onetouch.Reader) (onetouch.ApprovalRequest, error) {
		return reader.ApprovalRequest(r.UUID)
	})
	same(t, "clock", view(t, w, onetouch.Reader.ClockSetting), onetouch.ClockSetting{})
	same(t, "notes", w.notes(t), []string{"last"})

	w.update(t, func(tx onetouch.Transaction) error {
		if err := note(tx, "next"); err != nil {
			return err
		}
		again := user(w.app, "2025550100")
		if err := tx.InsertUser(&again); err != nil {
			return err
		}
		phone := device(again, "again")
		err := tx.InsertDevice(&phone)
		same(t, "numbers", [2]int64{again.AuthyID, phone.ID}, first)
		return err
	})
	if next := view(t, w, onetouch.Reader.LastEvent); next <= last {
		t.Errorf("the event after the clearing is %d, the last one before was %d", next, last)
	}
	w.update(t, func(tx onetouch.Transaction) error { return tx.Clear(true) })
	same(t, "applications", len(view(t, w, onetouch.Reader.Applications)), 0)
}
