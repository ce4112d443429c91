package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/store/sqlite"
)

// crowd runs changes that all wait while a first one is under way, so that they share its transaction, in their order. It
// returns what became of them.
func crowd(t *testing.T, db *opened, changes ...func(onetouch.Transaction) error) []error {
	t.Helper()
	begun, release := make(chan struct{}), make(chan struct{})
	begin := sync.OnceFunc(func() { close(begun) }) // a change may be run again
	var all sync.WaitGroup
	all.Go(func() {
		err := db.Update(context.Background(), func(tx onetouch.Transaction) error {
			begin()
			<-release
			return tx.InsertEvent(&onetouch.Event{Note: "first"})
		})
		if err != nil {
			t.Errorf("the first: %v", err)
		}
	})
	<-begun
	fates := make([]error, len(changes))
	for i, change := range changes {
		all.Go(func() { fates[i] = db.Update(context.Background(), change) })
		for db.engine.Waiting() <= i {
			runtime.Gosched()
		}
	}
	close(release)
	all.Wait()
	return fates
}

func writes(note string) func(onetouch.Transaction) error {
	return func(tx onetouch.Transaction) error { return tx.InsertEvent(&onetouch.Event{Note: note}) }
}

func TestChangesThatWaitShareOneCommit(t *testing.T) {
	t.Parallel()
	db := open(t, filepath.Join(t.TempDir(), "server.db"))
	t.Cleanup(func() { closeDB(t, db) })
	const many = 200 // more than one batch takes
	var sizes []int
	changes := make([]func(onetouch.Transaction) error, many)
	want := []string{"first"}
	for i := range changes {
		note := fmt.Sprint(i)
		want = append(want, note)
		changes[i] = func(tx onetouch.Transaction) error {
			sizes = append(sizes, db.engine.BatchSize())
			return writes(note)(tx)
		}
	}
	if err := errors.Join(crowd(t, db, changes...)...); err != nil {
		t.Fatal(err)
	}
	if got := eventNotes(t, db); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if sizes[0] != 2 || slices.Max(sizes) != sqlite.MaxBatch || sizes[many-1] != many+1-sqlite.MaxBatch {
		t.Errorf("places in their batch are %v: must go up to %d and begin again", sizes, sqlite.MaxBatch)
	}
}

// Whatever ends the transaction of a batch, those that had no part in it are kept.
func TestLostBatchIsMadeAgainOneByOne(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		culprit func(db *opened, tx onetouch.Transaction) error
		says    string
	}{
		{"the database ends the transaction", func(db *opened, _ onetouch.Transaction) error {
			return db.engine.EndTransaction()
		}, "on fire"},
		{"the database ends the transaction and the change does not care", func(db *opened, tx onetouch.Transaction) error {
			_ = db.engine.EndTransaction()
			_ = writes("lost")(tx)
			return nil
		}, "on fire"},
		{"the commit fails", func(db *opened, tx onetouch.Transaction) error {
			return errors.Join(db.engine.DeferForeignKeys(), tx.InsertAttempt(onetouch.Attempt{DeliveryID: 99}),
				writes("lost")(tx))
		}, "FOREIGN KEY"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			db := open(t, filepath.Join(t.TempDir(), "server.db"))
			t.Cleanup(func() { closeDB(t, db) })
			culprit := func(tx onetouch.Transaction) error { return test.culprit(db, tx) }
			fates := crowd(t, db, writes("before"), culprit, writes("after"))
			if fates[0] != nil || fates[2] != nil {
				t.Errorf("the others: %v, %v", fates[0], fates[2])
			}
			if fates[1] == nil || !strings.Contains(fates[1].Error(), test.says) {
				t.Errorf("the culprit: got %v, want an error that says %q", fates[1], test.says)
			}
			notes := eventNotes(t, db)
			slices.Sort(notes)
			if got := strings.Join(notes, " "); got != "after before first" {
				t.Errorf("kept are: %s", got)
			}
		})
	}
}

// Who was refused because of a change that is lost afterwards is judged again.
func TestRefusalOnLostGroundsIsJudgedAgain(t *testing.T) {
	t.Parallel()
	db := open(t, filepath.Join(t.TempDir(), "server.db"))
	t.Cleanup(func() { closeDB(t, db) })
	taken := errors.New("taken")
	takes := func(tx onetouch.Transaction) error { // the first of those who come
		log, err := tx.Events(onetouch.EventFilter{})
		if err == nil && slices.ContainsFunc(log, func(e onetouch.Event) bool { return e.Note == "mine" }) {
			err = taken
		}
		return errors.Join(err, writes("mine")(tx))
	}
	fails := func(tx onetouch.Transaction) error {
		return errors.Join(takes(tx), db.engine.DeferForeignKeys(), tx.InsertAttempt(onetouch.Attempt{DeliveryID: 99}))
	}
	fates := crowd(t, db, fails, takes, writes("after"))
	if fates[0] == nil || fates[1] != nil || fates[2] != nil {
		t.Errorf("got %v, want the first one's failure only", fates)
	}
}

func TestChangeThatWaitsCanGiveUp(t *testing.T) {
	t.Parallel()
	db := open(t, ":memory:")
	t.Cleanup(func() { closeDB(t, db) })
	begun, release := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		err := db.Update(context.Background(), func(tx onetouch.Transaction) error {
			close(begun)
			<-release
			return writes("first")(tx)
		})
		if err != nil {
			t.Errorf("the first: %v", err)
		}
	})
	<-begun
	ctx, cancel := context.WithCancel(t.Context())
	var gaveUp, stayed error
	all.Go(func() { gaveUp = db.Update(ctx, writes("lost")) })
	for db.engine.Waiting() < 1 {
		runtime.Gosched()
	}
	all.Go(func() { stayed = db.Update(context.Background(), writes("second")) })
	for db.engine.Waiting() < 2 {
		runtime.Gosched()
	}
	cancel()
	for db.engine.Waiting() > 1 {
		runtime.Gosched()
	}
	close(release)
	all.Wait()
	if !errors.Is(gaveUp, context.Canceled) || stayed != nil {
		t.Errorf("got %v and %v, want context.Canceled and nil", gaveUp, stayed)
	}
	if got := strings.Join(eventNotes(t, db), " "); got != "first second" {
		t.Errorf("kept are: %s", got)
	}
}

func TestCloseWaitsForWhatRuns(t *testing.T) {
	t.Parallel()
	db := open(t, filepath.Join(t.TempDir(), "server.db"))
	begun, release := make(chan struct{}, 2), make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() {
		err := db.View(context.Background(), func(r onetouch.Reader) error {
			begun <- struct{}{}
			<-release
			_, err := r.LastEvent()
			return err
		})
		if err != nil {
			t.Errorf("the view: %v", err)
		}
	})
	running.Go(func() {
		err := db.Update(context.Background(), func(tx onetouch.Transaction) error {
			begun <- struct{}{}
			<-release
			return writes("kept")(tx)
		})
		if err != nil {
			t.Errorf("the change: %v", err)
		}
	})
	<-begun
	<-begun
	var closing, late sync.WaitGroup
	closing.Go(func() { closeDB(t, db) })
	for db.engine.Waiting() < 1 {
		runtime.Gosched()
	}
	var refused error
	late.Go(func() { refused = db.Update(context.Background(), writes("lost")) }) // behind Close
	for db.engine.Waiting() < 2 {
		runtime.Gosched()
	}
	close(release)
	running.Wait()
	closing.Wait()
	late.Wait()
	if refused == nil {
		t.Error("a change behind Close succeeded")
	}
}
