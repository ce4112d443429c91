package delivery_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/delivery"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/callback"
)

// A callback whose attempt could not be written down, as after a crash, is sent again byte for byte, so that a receiver that
// remembers does nothing for it; unless so much time has gone by that its nonce would be too old.
func TestResentAfterCrash(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		late, away time.Duration // before it was sent at first, and until it is sent again
		same       bool
	}{
		{0, 0, true},
		{0, time.Minute, true},
		{30 * time.Second, 30 * time.Second, true},
		{0, time.Minute + time.Second, false},
		{time.Hour, time.Minute, true}, // it was scheduled anew when it was sent at first
		{time.Hour, time.Hour, false},
	} {
		name := "late by " + test.late.String() + ", away for " + test.away.String()
		var w *world
		var brittle *brittleStore
		backend := newReceiver(t, &w, func(http.ResponseWriter, *http.Request) { brittle.setBroken(true) })
		w = newWorld(t, backend.URL, "POST")
		brittle = &brittleStore{Store: w.store}
		request := w.approve(t)
		w.clock.Advance(test.late)
		crashing := onetouch.NewService(brittle, onetouch.Options{Clock: w.clock})
		if err := delivery.New(crashing, delivery.Options{}).Run(t.Context()); !errors.Is(err, errBroken) {
			t.Fatal(err)
		}
		first := backend.next(t)
		w.clock.Advance(test.away)
		stop := w.run(t, delivery.Options{})
		w.wait(t, request, is(onetouch.DeliverySent))
		stop()
		second := backend.next(t)
		if same := first.Header.Get(callback.NonceHeader) == second.Header.Get(callback.NonceHeader) &&
			first.Header.Get(callback.SignatureHeader) == second.Header.Get(callback.SignatureHeader) &&
			bytes.Equal(first.body, second.body); same != test.same {
			t.Errorf("%s: sent again as %v %s, at first as %v %s", name, second.Header, second.body, first.Header, first.body)
		}
		if age := w.clock.Now().Sub(nonceOf(t, second.Request)); age > time.Minute+time.Second {
			t.Errorf("%s: the nonce is %s old", name, age)
		}
	}
}

func nonceOf(t *testing.T, r *http.Request) time.Time {
	t.Helper()
	return time.Unix(must(strconv.ParseInt(r.Header.Get(callback.NonceHeader), 10, 64))(t), 0)
}

// One that had to wait for long is scheduled anew before it is sent, so that its nonce is fresh, and lasts if the service dies.
func TestLateCallbackHasAFreshNonce(t *testing.T) {
	t.Parallel()
	var w *world
	arrived, release := make(chan struct{}), make(chan struct{})
	backend := newReceiver(t, &w, func(http.ResponseWriter, *http.Request) {
		arrived <- struct{}{}
		<-release
	})
	w = newWorld(t, backend.URL, "POST")
	request := w.approve(t)
	w.clock.Advance(time.Hour)
	w.run(t, delivery.Options{})
	<-arrived
	got := backend.next(t)
	if d := w.deliveries(t, request)[0]; !d.NextAttemptAt.Equal(w.clock.Now()) || d.Attempts != 0 {
		t.Errorf("it is scheduled for %s: %+v", d.NextAttemptAt, d)
	}
	if got.err != nil || !nonceOf(t, got.Request).Equal(w.clock.Now().Truncate(time.Second)) {
		t.Errorf("got %v, signed at %s", got.err, nonceOf(t, got.Request))
	}
	close(release)
	w.wait(t, request, is(onetouch.DeliverySent))
}

// What is cut off when the service stops is sent again as it was: a receiver that has handled it does so once.
func TestCutOffIsHandledOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", "POST")
	verifier := &callback.Verifier{APIKey: w.app.APIKey, Now: w.clock.Now}
	var handled atomic.Int64
	begun, release := make(chan struct{}), make(chan struct{})
	backend := httptest.NewServer(callback.Handler(verifier, func(context.Context, *callback.Callback) error {
		handled.Add(1)
		begun <- struct{}{}
		<-release
		return nil
	}))
	t.Cleanup(backend.Close)
	w.app = must(w.service.UpdateApplication(t.Context(), w.app.ID, onetouch.ApplicationSettings{CallbackURL: &backend.URL}))(t)
	stop := w.run(t, delivery.Options{Grace: time.Nanosecond})
	request := w.approve(t)
	<-begun
	stop()
	d := w.deliveries(t, request)[0]
	if d.State != onetouch.DeliveryPending || d.Attempts != 1 || !d.Due(w.clock.Now()) {
		t.Errorf("after it was cut off: %+v", d)
	}
	close(release)
	w.run(t, delivery.Options{})
	d = w.wait(t, request, is(onetouch.DeliverySent))
	if handled.Load() != 1 || d.Attempts != 2 || d.Log[0].Exchange.Nonce != d.Log[1].Exchange.Nonce {
		t.Errorf("handled %d times: %+v", handled.Load(), d)
	}
}
