package sqlite_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// Roles that the test binary plays as another process; the environment names the role and the database.
const (
	roleVariable     = "ONETOUCH_STORE_TEST_ROLE"
	databaseVariable = "ONETOUCH_STORE_TEST_DATABASE"
)

func TestMain(m *testing.M) {
	roles := map[string]func(database string) error{"writer": writeForEver, "counter": countEvents}
	if role, ok := roles[os.Getenv(roleVariable)]; ok {
		if err := role(os.Getenv(databaseVariable)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

// process starts the test binary in a role.
func process(t *testing.T, role, database string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), roleVariable+"="+role, databaseVariable+"="+database)
	cmd.Stderr = os.Stderr
	return cmd
}

// writeForEver makes changes from several goroutines, and prints each once it is acknowledged.
func writeForEver(database string) error {
	ctx := context.Background()
	db, err := openDatabase(ctx, database)
	if err != nil {
		return err
	}
	failed := make(chan error)
	for writer := range 4 {
		go func() {
			for n := 0; ; n++ {
				note := fmt.Sprintf("%d-%d-%d", os.Getpid(), writer, n)
				if err := addEvent(ctx, db, note); err != nil {
					failed <- err
					return
				}
				fmt.Println(note)
			}
		}()
	}
	return <-failed
}

// countEvents reads the number of the last event and writes the next, many times.
func countEvents(database string) error {
	ctx := context.Background()
	db, err := openDatabase(ctx, database)
	if err != nil {
		return err
	}
	for range countedEach {
		err := db.Update(ctx, func(tx onetouch.Transaction) error {
			last, err := tx.LastEvent()
			if err != nil {
				return err
			}
			return tx.InsertEvent(&onetouch.Event{Note: fmt.Sprint(last + 1)})
		})
		if err != nil {
			return errors.Join(err, db.Close())
		}
	}
	return db.Close()
}

const countedEach = 40

func addEvent(ctx context.Context, db *opened, note string) error {
	return db.Update(ctx, func(tx onetouch.Transaction) error { return tx.InsertEvent(&onetouch.Event{Note: note}) })
}

func eventNotes(t testing.TB, db *opened) []string {
	t.Helper()
	var notes []string
	err := db.View(t.Context(), func(r onetouch.Reader) error {
		log, err := r.Events(onetouch.EventFilter{})
		for _, e := range log {
			notes = append(notes, e.Note)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return notes
}

func TestKilledProcessLosesNothingItAcknowledged(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "server.db")
	acknowledged := map[string]bool{}
	for round := range 6 {
		writer := process(t, "writer", path)
		output, err := writer.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := writer.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(output)
		for seen := 0; lines.Scan(); seen++ { // to the end: what was printed before the kill counts
			acknowledged[lines.Text()] = true
			if seen == 40*round { // early, in the middle of the first changes, and later
				if err := writer.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		var killed *exec.ExitError
		if err := writer.Wait(); !errors.As(err, &killed) || killed.Exited() {
			t.Fatalf("the writer was not killed: %v", err)
		}
		expectEvents(t, path, acknowledged)
	}
}

// expectEvents looks for every acknowledged event. A few more may be there, which were committed and not yet printed.
func expectEvents(t *testing.T, path string, acknowledged map[string]bool) {
	t.Helper()
	db := open(t, path)
	defer closeDB(t, db)
	kept := map[string]bool{}
	for _, note := range eventNotes(t, db) {
		if kept[note] {
			t.Errorf("%s is there twice", note)
		}
		kept[note] = true
	}
	for note := range acknowledged {
		if !kept[note] {
			t.Errorf("%s was acknowledged and is lost", note)
		}
	}
	if err := addEvent(t.Context(), db, fmt.Sprintf("after %d", len(kept))); err != nil {
		t.Errorf("a change after the kill: %v", err)
	}
}

func TestProcessesTakeTurns(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "server.db") // which one of them makes
	const processes = 4
	var all sync.WaitGroup
	for range processes {
		all.Go(func() {
			if err := process(t, "counter", path).Run(); err != nil {
				t.Errorf("a process failed: %v", err)
			}
		})
	}
	all.Wait()
	db := open(t, path)
	defer closeDB(t, db)
	notes := eventNotes(t, db)
	if len(notes) != processes*countedEach {
		t.Errorf("%d events, want %d", len(notes), processes*countedEach)
	}
	for i, note := range notes {
		if note != fmt.Sprint(i+1) {
			t.Fatalf("event %d says %s: two processes have read the same", i+1, note)
		}
	}
}

func TestDatabaseLockedByAnotherProcess(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "server.db")
	db, other := open(t, path), open(t, path)
	t.Cleanup(func() { closeDB(t, db); closeDB(t, other) })
	locked, release := make(chan struct{}), make(chan struct{})
	var holder sync.WaitGroup
	holder.Go(func() {
		err := other.Update(context.Background(), func(tx onetouch.Transaction) error {
			close(locked)
			<-release
			return tx.InsertEvent(&onetouch.Event{Note: "the other's"})
		})
		if err != nil {
			t.Errorf("the other: %v", err)
		}
	})
	<-locked

	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := addEvent(ctx, db, "given up"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the context's error", err)
	}
	if notes := eventNotes(t, db); len(notes) != 0 { // a view does not wait
		t.Errorf("a view sees %v before it is committed", notes)
	}
	var waiting sync.WaitGroup
	waiting.Go(func() {
		if err := addEvent(context.Background(), db, "ours"); err != nil {
			t.Errorf("ours: %v", err)
		}
	})
	close(release)
	holder.Wait()
	waiting.Wait()
	if got := strings.Join(eventNotes(t, db), ", "); got != "the other's, ours" {
		t.Errorf("got %s", got)
	}
}

func TestDatabaseLockedForTooLong(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "server.db")
	db, other := open(t, path), open(t, path)
	t.Cleanup(func() { closeDB(t, db); closeDB(t, other) })
	db.engine.LosePatience()
	err := other.Update(t.Context(), func(onetouch.Transaction) error {
		expectRefusal(t, addEvent(context.Background(), db, "lost"), onetouch.CodeStorageUnavailable, "keeps it locked")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := addEvent(t.Context(), db, "kept"); err != nil {
		t.Errorf("after the other has let go: %v", err)
	}
}
