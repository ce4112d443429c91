package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// What processes on one database do for each other. A second store stands for another process.

func watchHearsOthersOnly(t *testing.T, open Open) {
	name := database(t)
	ours, others := newWorld(t, open(t, name)), &world{store: open(t, name)}
	t.Cleanup(func() { closeStore(t, others.store) })
	heard := make(chan struct{}, 1000)
	watch := func(interval time.Duration) (stop func()) {
		ctx, cancel := context.WithCancel(t.Context())
		begun, ended := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(ended)
			ours.store.Watch(ctx, interval, func() { close(begun) }, func([]string) {
				select {
				case heard <- struct{}{}:
				default: // nobody takes them while many come at once
				}
			})
		}()
		<-begun
		return func() { cancel(); <-ended }
	}

	// One change of another's, among our own, is heard.
	stop := watch(time.Millisecond)
	for i := range 20 {
		ours.update(t, func(tx onetouch.Transaction) error { return note(tx, fmt.Sprintf("our own %d", i)) })
	}
	others.update(t, func(tx onetouch.Transaction) error { return note(tx, "another's") })
	<-heard
	stop()
	for len(heard) > 0 {
		<-heard
	}

	// Nobody else makes changes now: many looks, among our own changes, hear nothing.
	stop = watch(time.Microsecond)
	for i := range 500 {
		ours.update(t, func(tx onetouch.Transaction) error { return note(tx, fmt.Sprintf("our own later %d", i)) })
	}
	stop()
	if len(heard) > 0 {
		t.Errorf("heard %d changes, and nobody else made one", len(heard))
	}
}

func watchEnds(t *testing.T, w *world) {
	unheard := func([]string) { t.Error("heard a change, and nobody made one") }
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w.store.Watch(ctx, time.Millisecond, func() {}, unheard)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		w.store.Watch(context.Background(), time.Millisecond, func() {}, unheard)
	}()
	closeStore(t, w.store)
	<-ended
}

// leaseIsTakenAgain also where nobody else can see the database.
func leaseIsTakenAgain(t *testing.T, w *world) {
	for range 2 {
		held, release, err := w.store.Lease(t.Context())
		if err != nil {
			t.Fatalf("taking the lease: %v", err)
		}
		if held.Err() != nil {
			t.Errorf("it is lost at once: %v", held.Err())
		}
		release()
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := w.store.Lease(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

func leaseIsOnes(t *testing.T, open Open) {
	name := database(t)
	ours, others := open(t, name), open(t, name)
	t.Cleanup(func() { closeStore(t, ours); closeStore(t, others) })
	held, release, err := ours.Lease(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, _, err := others.Lease(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("a second lease: got %v, want to wait until the context ends", err)
	}
	taken := make(chan error, 1)
	go func() {
		_, release, err := others.Lease(t.Context())
		if err == nil {
			release()
		}
		taken <- err
	}()
	release()
	<-held.Done()
	if err := <-taken; err != nil {
		t.Errorf("after the first was released: %v", err)
	}
}

func closeStore(t testing.TB, s Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Errorf("closing: %v", err)
	}
}
