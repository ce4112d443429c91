package engine_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/store/engine"
)

// How changes share a transaction is tested with the engine on SQLite. Here is what they do about a database that fails.

// failing is a writer without a database.
type failing struct {
	begin   func() error
	commit  func() error
	begun   int
	commits int
}

func (f *failing) Begin(context.Context, time.Time) error {
	f.begun++
	return f.begin()
}
func (f *failing) Connection() engine.Connection { return nil }
func (f *failing) Save() error                   { return nil }
func (f *failing) Keep(bool) error               { return nil }
func (f *failing) Undo(bool) (bool, error)       { return true, nil }
func (f *failing) Commit() error {
	f.commits++
	return f.commit()
}

var errAway = errors.New("the database is away")

// A change that came while another one waited in vain does not wait anew; one that comes later does.
func TestChangesWaitTogether(t *testing.T) {
	t.Parallel()
	turn := engine.NewTurn(nil)
	const many = 20
	w := &failing{begin: func() error {
		for turn.Waiting() < many-1 {
			runtime.Gosched()
		}
		return errAway
	}}
	changes := engine.NewChanges(turn, w, 1)
	change := func() {
		err := changes.Update(context.Background(), 0, func(engine.Connection) error { return errors.New("it was run") })
		if !errors.Is(err, errAway) {
			t.Errorf("got %v", err)
		}
	}
	var all sync.WaitGroup
	for range many {
		all.Go(change)
	}
	all.Wait()
	if w.begun != 1 {
		t.Errorf("%d of them waited", w.begun)
	}
	w.begin = func() error { return errAway }
	change()
	if w.begun != 2 {
		t.Error("a later one was not tried")
	}
}

// A change is run again for as long as it is patient, if the database says that it may be.
func TestChangeIsRunAgain(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		failure  error
		patience time.Duration
		runs     int
		want     error
	}{
		"the database had to": {engine.Again(errAway), time.Hour, 3, nil},
		"without patience":    {engine.Again(errAway), 0, 1, errAway},
		"it may be committed": {errAway, time.Hour, 1, errAway},
		"no cause is known":   {engine.Again(nil), time.Hour, 3, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &failing{begin: func() error { return nil }}
			w.commit = func() error {
				if w.commits < 3 {
					return test.failure
				}
				return nil
			}
			runs := 0
			err := engine.NewChanges(engine.NewTurn(nil), w, 1).Update(t.Context(), test.patience, func(engine.Connection) error {
				runs++
				return nil
			})
			if !errors.Is(err, test.want) || runs != test.runs {
				t.Errorf("it was run %d times: %v, want %d times: %v", runs, err, test.runs, test.want)
			}
		})
	}
}

// A change lets go first who is ready to come, and shares its commit with those.
func TestChangesWaitForWhoIsReady(t *testing.T) {
	t.Parallel()
	nothing := func() error { return nil }
	w := &failing{begin: nothing, commit: nothing}
	changes := engine.NewChanges(engine.NewTurn(nil), w, 2)
	var all sync.WaitGroup
	update := func(change func()) {
		err := changes.Update(t.Context(), time.Hour, func(engine.Connection) error {
			change()
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	const pairs = 200
	for range pairs {
		update(func() { all.Go(func() { update(func() {}) }) })
		all.Wait()
	}
	if w.commits > 3*pairs/2 { // who comes is late now and then
		t.Errorf("%d changes took %d commits", 2*pairs, w.commits)
	}
}
