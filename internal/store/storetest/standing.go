package storetest

import (
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// standing counts what is there now, in one application.
func standing(t *testing.T, w *world) {
	counted := func(appID string, at time.Time) onetouch.Standing {
		t.Helper()
		return view(t, w, func(r onetouch.Reader) (onetouch.Standing, error) { return r.Standing(appID, at) })
	}
	same(t, "at first", counted(w.app.ID, start()), onetouch.Standing{Users: 1, Devices: 1})
	gone, second := user(w.app, "2025550151"), user(w.app, "2025550152")
	gone.RemovedAt = start()
	lost := device(w.user, "lost")
	lost.RemovedAt = start()
	w.update(t, func(tx onetouch.Transaction) error {
		return firstError(tx.InsertUser(&gone), tx.InsertUser(&second), tx.InsertDevice(&lost))
	})
	pending, short := request(w.user, 1), expiring(request(w.user, 2), 10)
	answered := decided(request(w.user, 3), onetouch.StatusApproved, w.device)
	w.insertRequests(t, pending, short, answered)
	owed, done := callback(answered), sent(callback(answered))
	w.insertDeliveries(t, &owed, &done)
	same(t, "standing", counted(w.app.ID, short.CreatedAt),
		onetouch.Standing{Users: 2, Devices: 1, Requests: 2, Owed: 1})
	same(t, "after one request has expired", counted(w.app.ID, short.ExpiresAt),
		onetouch.Standing{Users: 2, Devices: 1, Requests: 1, Owed: 1})
	same(t, "all applications", counted("", short.ExpiresAt), onetouch.Standing{Users: 2, Devices: 1, Requests: 1, Owed: 1})
	same(t, "another application", counted("another", start()), onetouch.Standing{})
}
