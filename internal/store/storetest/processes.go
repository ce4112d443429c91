package storetest

import (
	"context"
	"fmt"
	"runtime"
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
		await(t, begun, "the watch to begin")
		return func() { cancel(); await(t, ended, "the watch to end") }
	}

	// One change of another's, among our own, is heard.
	stop := watch(time.Millisecond)
	for i := range 20 {
		ours.update(t, func(tx onetouch.Transaction) error { return note(tx, fmt.Sprintf("our own %d", i)) })
	}
	others.update(t, func(tx onetouch.Transaction) error { return note(tx, "another's") })
	await(t, heard, "another's change")
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

// await ends what hangs; it asserts no duration.
func await(t *testing.T, come <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-come:
	case <-time.After(2 * time.Minute):
		stacks := make([]byte, 1<<20)
		t.Fatalf("waited in vain for %s\n%s", what, stacks[:runtime.Stack(stacks, true)])
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

func closeStore(t testing.TB, s Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Errorf("closing: %v", err)
	}
}
