package onetouch_test

import (
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

func TestDeliverySettings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, test := range []struct {
		timeout, retries string
		concurrency      int
		ok               bool
	}{
		{"", "", 0, true},
		{"1ms", "none", 1, true},
		{"5m", "1s, 2m ,168h", 64, true},
		{"500us", "", 0, false},
		{"6m", "", 0, false},
		{"-1s", "", 0, false},
		{"soon", "", 0, false},
		{"", "999ms", 0, false}, // two tries in one second would have one nonce
		{"", "1s,,2s", 0, false},
		{"", "169h", 0, false},
		{"", "", 65, false},
		{"", "", -1, false},
	} {
		app, err := w.UpdateApplication(t.Context(), w.app.ID, onetouch.ApplicationSettings{DeliverySettings: onetouch.DeliverySettings{
			DeliveryTimeout: &test.timeout, DeliveryRetries: &test.retries, DeliveryConcurrency: &test.concurrency,
		}})
		if test.ok != (err == nil) || test.ok && (app.DeliveryTimeout != test.timeout || app.DeliveryRetries != test.retries) {
			t.Errorf("%+v: got %+v, %v", test, app.DeliverySwitches, err)
		}
		if !test.ok {
			w.refused("settings", err, onetouch.CodeInvalidParameter)
		}
	}
	if got := (onetouch.DeliverySwitches{}).AttemptTimeout(time.Minute); got != time.Minute {
		t.Errorf("an attempt may take %s", got)
	}
}

// The application's own schedule, counted from the end of each attempt; then it is given up.
func TestRetriesOfAnApplication(t *testing.T) {
	t.Parallel()
	for retries, waits := range map[string][]time.Duration{"none": nil, "1s,1m": {time.Second, time.Minute}} {
		w := newWorld(t)
		owed := w.callback()
		if _, err := w.UpdateApplication(t.Context(), w.app.ID, onetouch.ApplicationSettings{
			DeliverySettings: onetouch.DeliverySettings{DeliveryRetries: &retries},
		}); err != nil {
			t.Fatal(err)
		}
		for _, wait := range waits {
			ended := w.clock.Now().Add(time.Second / 4)
			d := w.attempt(owed.ID, "answered 500")
			if got := d.NextAttemptAt.Sub(ended); got < wait || got > wait*3/2 || d.State != onetouch.DeliveryPending {
				t.Errorf("%s: waits %s: %+v", retries, got, d)
			}
			w.clock.Advance(d.NextAttemptAt.Sub(w.clock.Now()))
		}
		if d := w.attempt(owed.ID, "answered 500"); d.State != onetouch.DeliveryFailed || d.Owed() {
			t.Errorf("%s: after the last one %+v", retries, d)
		}
	}
}
