package server_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/server/fault"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// reset empties the server, and gives it a user with a phone again.
func (f *faulty) reset(t *testing.T) {
	t.Helper()
	if _, err := f.control.Reset(t.Context(), controlapi.Reset{}); err != nil {
		t.Fatal(err)
	}
	f.backend, f.user, f.phone = phone(t, f.url, f.http)
}

// callback waits until the callback of a request has ended, or was tried.
func (f *faulty) callback(t *testing.T, uuid string) controlapi.Delivery {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	var found controlapi.Delivery
	look := func() (ended bool) {
		deliveries, err := f.control.Deliveries(ctx, uuid, onetouch.DeliveryCallback)
		if err != nil || len(deliveries) == 0 {
			return false
		}
		found = deliveries[0]
		return found.State != onetouch.DeliveryPending
	}
	for !look() {
		changed := f.Service().Changed(onetouch.TopicDeliveries)
		if look() {
			break
		}
		select {
		case <-changed:
		case <-ctx.Done():
			t.Fatalf("the callback of %s has not ended: %+v", uuid, found)
		}
	}
	return found
}

// TestResetDuringACallback: the numbers of deliveries begin anew, so what comes of a callback of before is not taken for that
// of another one that has its number now.
func TestResetDuringACallback(t *testing.T) {
	t.Parallel()
	called, release := make(chan struct{}, 10), make(chan struct{})
	backend := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		called <- struct{}{}
		<-release
	}))
	t.Cleanup(backend.Close)
	f := newFaulty(t, server.Options{Application: onetouch.ApplicationSettings{CallbackURL: &backend.URL}})
	f.approve(t, f.ask(t))
	<-called
	f.reset(t)
	uuid := f.ask(t)
	f.approve(t, uuid)
	close(release)
	if d := f.callback(t, uuid); d.State != onetouch.DeliverySent {
		t.Errorf("the callback is %+v", d)
	}
	<-called // it did leave
}

// TestResetForgetsFaults: what was decided about a callback is nothing for the one that has its number now.
func TestResetForgetsFaults(t *testing.T) {
	t.Parallel()
	url, next := backendOf(t)
	f := newFaulty(t, server.Options{Application: onetouch.ApplicationSettings{CallbackURL: &url}})
	f.add(t, controlapi.Fault{Callback: fault.Lost, Times: 1})
	uuid := f.ask(t)
	f.approve(t, uuid)
	if d := f.callback(t, uuid); d.State != onetouch.DeliveryFailed {
		t.Fatalf("the callback is not lost but %+v", d)
	}
	f.reset(t)
	uuid = f.ask(t)
	f.approve(t, uuid)
	if got := next(); got != uuid {
		t.Errorf("the callback of %s came, want %s", got, uuid)
	}
}

// TestRestoreDuringAStream: a phone hears of every request that comes after a snapshot was restored.
func TestRestoreDuringAStream(t *testing.T) {
	t.Parallel()
	f := newFaulty(t, server.Options{})
	var snapshot bytes.Buffer
	if err := f.control.SaveSnapshot(t.Context(), &snapshot); err != nil {
		t.Fatal(err)
	}
	heard := make(chan string, 100)
	ctx, leave := context.WithCancel(t.Context())
	listening := make(chan error, 1)
	go func() {
		listening <- f.phone.Pushes(ctx, func(_ context.Context, push device.Push) error {
			heard <- push.ApprovalRequestUUID
			return nil
		})
	}()
	for range 5 {
		if uuid := f.ask(t); <-heard != uuid {
			t.Fatal("another request was pushed")
		}
	}
	if _, err := f.control.RestoreSnapshot(t.Context(), &snapshot); err != nil {
		t.Fatal(err)
	}
	var asked, pushed []string
	for range 7 {
		asked = append(asked, f.ask(t))
	}
	for range 7 {
		pushed = append(pushed, <-heard)
	}
	if !slices.Equal(asked, pushed) {
		t.Errorf("pushed are %v, want %v", pushed, asked)
	}
	leave()
	if err := <-listening; ctx.Err() == nil {
		t.Error(err)
	}
}
