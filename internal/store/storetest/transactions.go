package storetest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// note is an event that says which change wrote it.
func note(tx onetouch.Transaction, text string) error {
	return tx.InsertEvent(&onetouch.Event{At: start(), Type: onetouch.EventUserAdded, Note: text})
}

// notes are what the changes that were kept have written.
func (w *world) notes(t testing.TB) []string {
	t.Helper()
	return view(t, w, func(r onetouch.Reader) ([]string, error) {
		log, err := r.Events(onetouch.EventFilter{})
		var texts []string
		for _, e := range log {
			texts = append(texts, e.Note)
		}
		return texts, err
	})
}

var errRefused = errors.New("refused")

func failedChange(t *testing.T, w *world) {
	err := w.store.Update(t.Context(), func(tx onetouch.Transaction) error {
		renamed := w.app
		renamed.Name = "Renamed"
		return firstError(note(tx, "lost"), tx.UpdateApplication(renamed), errRefused)
	})
	if !errors.Is(err, errRefused) {
		t.Errorf("got %v, want the error of the change", err)
	}
	w.update(t, func(tx onetouch.Transaction) error { return note(tx, "kept") })
	same(t, "what is kept", w.notes(t), []string{"kept"})
	same(t, "application", view(t, w, func(r onetouch.Reader) (onetouch.Application, error) {
		return r.Application(w.app.ID)
	}), w.app)
}

// After a statement has failed the database may have ended the transaction. A change that does not care must not have its
// other half kept.
func swallowedFailure(t *testing.T, w *world) {
	err := w.store.Update(t.Context(), func(tx onetouch.Transaction) error {
		double := w.app
		_ = tx.InsertApplication(&double)
		_ = note(tx, "lost")
		return nil
	})
	if err == nil {
		t.Error("a change with a failed statement was kept")
	}
	w.update(t, func(tx onetouch.Transaction) error { return note(tx, "kept") })
	same(t, "what is kept", w.notes(t), []string{"kept"})
}

func panickingChange(t *testing.T, w *world) {
	func() {
		defer func() {
			if got := recover(); got != "no" {
				t.Errorf("recovered %v, want the panic of the change", got)
			}
		}()
		_ = w.store.Update(t.Context(), func(tx onetouch.Transaction) error {
			_ = note(tx, "lost")
			panic("no")
		})
	}()
	w.update(t, func(tx onetouch.Transaction) error { return note(tx, "kept") })
	same(t, "what is kept", w.notes(t), []string{"kept"})
}

// runtime.Goexit is what a failing test calls.
func vanishingChange(t *testing.T, w *world) {
	var gone sync.WaitGroup
	gone.Go(func() {
		_ = w.store.Update(t.Context(), func(tx onetouch.Transaction) error {
			_ = note(tx, "lost")
			runtime.Goexit()
			return nil
		})
	})
	gone.Wait()
	w.update(t, func(tx onetouch.Transaction) error { return note(tx, "kept") })
	same(t, "what is kept", w.notes(t), []string{"kept"})
}

// failingAmongMany lets many changes wait for one that holds them up, so that they come as a crowd. Every way to fail is
// among them.
func failingAmongMany(t *testing.T, w *world) {
	const crowd = 60
	begun, release := make(chan struct{}), make(chan struct{})
	begin := sync.OnceFunc(func() { close(begun) }) // a change may be run again
	var all sync.WaitGroup
	all.Go(func() {
		err := w.store.Update(t.Context(), func(tx onetouch.Transaction) error {
			begin()
			<-release
			return note(tx, "the first")
		})
		if err != nil {
			t.Errorf("the first: %v", err)
		}
	})
	<-begun
	want := []string{"the first"}
	for i := range crowd {
		text := fmt.Sprint(i)
		if i%4 == 0 {
			want = append(want, text)
		}
		all.Go(func() { w.fateOf(t, i, text) })
	}
	close(release)
	all.Wait()
	got := w.notes(t)
	slices.Sort(got)
	slices.Sort(want)
	same(t, "what is kept", got, want)
}

// fateOf makes the ith change of a crowd: one in four succeeds.
func (w *world) fateOf(t *testing.T, i int, text string) {
	defer func() {
		if got := recover(); got != nil && got != text {
			t.Errorf("change %d: recovered %v", i, got)
		}
	}()
	err := w.store.Update(t.Context(), func(tx onetouch.Transaction) error {
		if err := note(tx, text); err != nil {
			return err
		}
		switch i % 4 {
		case 1:
			return errRefused
		case 2:
			double := w.app
			return tx.InsertApplication(&double)
		case 3:
			panic(text)
		}
		return nil
	})
	if (err == nil) != (i%4 == 0) || errors.Is(err, errRefused) != (i%4 == 1) {
		t.Errorf("change %d: got %v", i, err)
	}
}

// countingChanges each write the number after the newest that they read. None may read what another is about to change.
func countingChanges(t *testing.T, w *world) { count(t, w, w.store, w.store) }

func count(t *testing.T, w *world, stores ...onetouch.Store) {
	const each = 50
	var all sync.WaitGroup
	for _, s := range stores {
		for range 4 {
			all.Go(func() {
				for range each {
					err := s.Update(t.Context(), func(tx onetouch.Transaction) error {
						last, err := lastNumber(tx)
						return firstError(err, note(tx, fmt.Sprint(last+1)))
					})
					if err != nil {
						t.Errorf("counting: %v", err)
						return
					}
				}
			})
		}
	}
	all.Wait()
	got := w.notes(t)
	if len(got) != 4*each*len(stores) {
		t.Fatalf("%d changes are kept, want %d", len(got), 4*each*len(stores))
	}
	for i, text := range got {
		if text != fmt.Sprint(i+1) {
			t.Fatalf("change %d wrote %s", i+1, text)
		}
	}
}

// lastNumber is what the newest event says; its own number need not follow the one before.
func lastNumber(tx onetouch.Transaction) (int, error) {
	sequence, err := tx.LastEvent()
	if err != nil || sequence == 0 {
		return 0, err
	}
	newest, err := tx.Event(sequence)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(newest.Note)
}

// followedChanges are read by one who asks only for what is newer than the newest seen, as streams do.
func followedChanges(t *testing.T, w *world) {
	const writers, each = 6, 20
	var writing sync.WaitGroup
	for i := range writers {
		writing.Go(func() {
			for n := range each {
				w.update(t, func(tx onetouch.Transaction) error {
					return firstError(note(tx, fmt.Sprintf("%d of %d", n, i)), note(tx, "and its second"))
				})
			}
		})
	}
	written := make(chan struct{})
	go func() {
		defer close(written)
		writing.Wait()
	}()
	var seen []onetouch.Event
	for last, ended := int64(0), false; !ended; {
		select {
		case <-written:
			ended = true // and is read a last time
		default:
		}
		newer := view(t, w, func(r onetouch.Reader) ([]onetouch.Event, error) {
			return r.Events(onetouch.EventFilter{After: last})
		})
		if seen = append(seen, newer...); len(newer) > 0 {
			last = newer[len(newer)-1].Sequence
		}
	}
	if len(seen) != 2*writers*each {
		t.Errorf("who follows has seen %d events of %d: a smaller number appeared after a greater one", len(seen), 2*writers*each)
	}
}

func abandonedChange(t *testing.T, w *world) {
	begun, release := make(chan struct{}), make(chan struct{})
	begin := sync.OnceFunc(func() { close(begun) })
	var first sync.WaitGroup
	first.Go(func() {
		_ = w.store.Update(t.Context(), func(tx onetouch.Transaction) error {
			begin()
			<-release
			return note(tx, "kept")
		})
	})
	<-begun
	ctx, cancel := context.WithCancel(t.Context())
	abandoned := make(chan error, 1)
	go func() {
		abandoned <- w.store.Update(ctx, func(tx onetouch.Transaction) error { return note(tx, "lost") })
	}()
	cancel()
	if err := <-abandoned; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	close(release)
	first.Wait()
	w.update(t, func(tx onetouch.Transaction) error { return note(tx, "the next") })
	same(t, "what is kept", w.notes(t), []string{"kept", "the next"})
}

func begunChange(t *testing.T, w *world) {
	ctx, cancel := context.WithCancel(t.Context())
	err := w.store.Update(ctx, func(tx onetouch.Transaction) error {
		cancel()
		return note(tx, "kept")
	})
	if err != nil {
		t.Errorf("a change that had begun was not finished: %v", err)
	}
	same(t, "what is kept", w.notes(t), []string{"kept"})
}

func abandonedView(t *testing.T, w *world) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, read := range w.waysToRead() {
		err := read(ctx, func(onetouch.Reader) error {
			t.Error("it began")
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v, want context.Canceled", name, err)
		}
	}
}

// waysToRead are to show the same.
func (w *world) waysToRead() map[string]func(context.Context, func(onetouch.Reader) error) error {
	return map[string]func(context.Context, func(onetouch.Reader) error) error{
		"view": w.store.View, "glance": w.store.Glance,
	}
}

// lastEvents are the number of the newest event as every way of reading shows it.
func (w *world) lastEvents(t *testing.T) map[string]int64 {
	last := map[string]int64{}
	for name, read := range w.waysToRead() {
		err := read(t.Context(), func(r onetouch.Reader) (err error) {
			last[name], err = r.LastEvent()
			return err
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	return last
}

func glanceBesideChange(t *testing.T, open Open) {
	w := newWorld(t, open(t, database(t)))
	same(t, "before", w.lastEvents(t), map[string]int64{"view": 0, "glance": 0})
	begun, release := make(chan struct{}), make(chan struct{})
	begin := sync.OnceFunc(func() { close(begun) })
	var all sync.WaitGroup
	all.Go(func() {
		w.update(t, func(tx onetouch.Transaction) error {
			err := note(tx, "the first")
			begin()
			<-release
			return err
		})
	})
	<-begun
	same(t, "during the change", w.lastEvents(t), map[string]int64{"view": 0, "glance": 0})
	close(release)
	all.Wait()
	same(t, "after the change", w.lastEvents(t), map[string]int64{"view": 1, "glance": 1})
}

func viewAfterChange(t *testing.T, w *world) {
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := range 10 {
				text := fmt.Sprintf("%d of %d", n, i)
				w.update(t, func(tx onetouch.Transaction) error { return note(tx, text) })
				for name, last := range w.lastEvents(t) {
					if last <= int64(n) {
						t.Errorf("%s shows %d events after %s", name, last, text)
					}
				}
				if !slices.Contains(w.notes(t), text) {
					t.Errorf("change %s cannot be seen after it was made", text)
				}
			}
		})
	}
	all.Wait()
}

func failedView(t *testing.T, w *world) {
	for name, read := range w.waysToRead() {
		if err := read(t.Context(), func(onetouch.Reader) error { return errRefused }); !errors.Is(err, errRefused) {
			t.Errorf("%s: got %v, want its own error", name, err)
		}
	}
	absent(t, w, "device", func(r onetouch.Reader) (onetouch.Device, error) { return r.Device(-1) })
	same(t, "device after failed views", view(t, w, func(r onetouch.Reader) (onetouch.Device, error) {
		return r.Device(w.device.ID)
	}), w.device)
}

func useAfterClose(t *testing.T, w *world) {
	for range 2 {
		if err := w.store.Close(); err != nil {
			t.Fatalf("closing: %v", err)
		}
	}
	if err := w.store.Update(t.Context(), func(tx onetouch.Transaction) error { return note(tx, "lost") }); err == nil {
		t.Error("a change after Close succeeded")
	}
	if _, err := lookUp(t, w, onetouch.Reader.LastEvent); err == nil {
		t.Error("a view after Close succeeded")
	}
}
