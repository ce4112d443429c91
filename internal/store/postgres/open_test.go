//go:build unix

package postgres_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/store"
	"github.com/onetouchkit/onetouch/internal/store/engine"
	"github.com/onetouchkit/onetouch/internal/store/postgres"
	server "github.com/onetouchkit/onetouch/internal/testneeds/postgres"
)

// patience ends what hangs; it asserts nothing.
const patience = time.Minute

// say runs statements on a database as somebody else would.
func say(t *testing.T, url, statements string) {
	t.Helper()
	ask(t, url, statements)
}

// ask is say, and returns the first value of the last answer.
func ask(t *testing.T, url, statements string) string {
	t.Helper()
	conn, err := pgconn.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	results, err := conn.Exec(t.Context(), statements).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if last := results[len(results)-1]; len(last.Rows) > 0 {
		return string(last.Rows[0][0])
	}
	return ""
}

func open(t *testing.T, url string) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func refuses(t *testing.T, url, reason string) {
	t.Helper()
	db, err := store.Open(t.Context(), url)
	if err == nil {
		_ = db.Close()
		t.Fatalf("%s is opened, want %q", store.Shown(url), reason)
	}
	said := err.Error()
	if onetouch.CodeOf(err) != onetouch.CodeStorageUnavailable || !strings.Contains(said, reason) ||
		strings.Contains(said, "secret") || strings.Contains(said, "\n") {
		t.Errorf("%s: got %v, want one line that says %q", store.Shown(url), err, reason)
	}
}

func TestDatabasesThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	foreign, newer := server.Database(t), server.Database(t)
	say(t, foreign, "CREATE TABLE orders (id INT)")
	refuses(t, foreign, "its schema public belongs to another program")
	refuses(t, foreign+"&search_path=missing", "its search_path names no schema")

	db, err := store.Open(t.Context(), newer)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	say(t, newer, "INSERT INTO onetouch_schema (version_id, is_applied) VALUES (99, true)")
	refuses(t, newer, "it was written by a newer onetouch (its schema is version 99")

	refuses(t, strings.Replace(foreign, "/t_", "/missing_", 1), "there is no such database")
	refuses(t, strings.Replace(foreign, "onetouch@", "nobody:secret@", 1), "user nobody is refused")
	refuses(t, "postgres://ada:secret@127.0.0.1:1/onetouch", "onetouch at 127.0.0.1:1 cannot be reached: connection refused")
	refuses(t, "postgres://ada:secret@host.invalid/onetouch", "there is no host host.invalid")
	refuses(t, "postgres://ada:secret@127.0.0.1:x/onetouch", "must be such as postgres://")
	refuses(t, foreign+"&application_name=x&sslmode=verify-full&sslrootcert=/missing/secret", "must be such as postgres://")
}

func TestOneOfManyMigrates(t *testing.T) {
	t.Parallel()
	url := server.Database(t)
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			db, err := store.Open(t.Context(), url)
			if err != nil {
				t.Error(err)
				return
			}
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

// A schema of one's own in a database that others use.
func TestSchemasAreApart(t *testing.T) {
	t.Parallel()
	url := server.Database(t)
	say(t, url, "CREATE TABLE orders (id INT); CREATE SCHEMA a; CREATE SCHEMA b")
	a, b := open(t, url+"&search_path=a"), open(t, url+"&search_path=b")
	for _, db := range []*store.DB{a, b} {
		lease, err := db.Lease(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(lease.Release)
	}
	note(t, a)
	if last := lastEvent(t, b); last != 0 {
		t.Errorf("one sees event %d of the other", last)
	}
}

func note(t *testing.T, db *store.DB) {
	t.Helper()
	err := db.Update(t.Context(), func(tx onetouch.Transaction) error {
		return tx.InsertEvent(&onetouch.Event{Type: onetouch.EventUserAdded})
	})
	if err != nil {
		t.Error(err)
	}
}

func lastEvent(t *testing.T, db *store.DB) (last int64) {
	t.Helper()
	err := db.View(t.Context(), func(r onetouch.Reader) (err error) {
		last, err = r.LastEvent()
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return last
}

// Connections that are lost come back by themselves, and no change is made twice or lost.
func TestDatabaseRestarts(t *testing.T) {
	t.Parallel()
	machine := server.Start(t)
	db := open(t, machine.Database(t))
	lease, err := db.Lease(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer lease.Release()
	const writers, each = 4, 50
	var all sync.WaitGroup
	halfway := make(chan struct{}, writers)
	for range writers {
		all.Go(func() {
			for n := range each {
				if n == each/2 {
					halfway <- struct{}{}
				}
				note(t, db)
				_ = lastEvent(t, db)
			}
		})
	}
	<-halfway
	machine.Restart(t, nil)
	all.Wait()
	if lease.Held.Err() != nil {
		t.Error("what was claimed is lost by a restart")
	}
	notes := 0
	err = db.View(t.Context(), func(r onetouch.Reader) error {
		events, err := r.Events(onetouch.EventFilter{})
		notes = len(events)
		return err
	})
	if err != nil || notes != writers*each {
		t.Errorf("%d changes were acknowledged, %d are there: %v", writers*each, notes, err)
	}
}

// While the database is away every change waits for it, and all of them no longer than one.
func TestChangesWaitForTheDatabaseTogether(t *testing.T) {
	t.Parallel()
	machine := server.Start(t)
	db, err := postgres.Open(t.Context(), machine.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	const many = 100
	db.HavePatience(patience / many)
	change := func(ctx context.Context) error {
		return db.Update(ctx, func(c engine.Connection) error {
			_, err := c.Exec("UPDATE delivery_numbers SET last = last", nil)
			return err
		})
	}
	machine.Restart(t, func() {
		ctx, cancel := context.WithTimeout(t.Context(), patience/2)
		defer cancel()
		var all sync.WaitGroup
		for range many {
			all.Go(func() {
				if err := change(ctx); onetouch.CodeOf(err) != onetouch.CodeStorageUnavailable {
					t.Errorf("got %v, want that it cannot be reached", err)
				}
			})
		}
		all.Wait()
	})
	db.HavePatience(patience)
	if err := errors.Join(change(t.Context()), db.Close()); err != nil {
		t.Errorf("after that: %v", err)
	}
}

// A change sees what those before it have written, whatever the database takes transactions for.
func TestChangesSeeThoseBefore(t *testing.T) {
	t.Parallel()
	url := server.Database(t) + "&default_transaction_isolation=repeatable%20read"
	var all sync.WaitGroup
	for _, db := range []*store.DB{open(t, url), open(t, url)} {
		all.Go(func() {
			for range 50 {
				err := db.Update(t.Context(), func(tx onetouch.Transaction) error {
					last, err := tx.LastEvent()
					if err != nil {
						return err
					}
					event := onetouch.Event{Type: onetouch.EventUserAdded}
					err = tx.InsertEvent(&event)
					if event.Sequence != last+1 {
						t.Errorf("event %d comes after %d", event.Sequence, last)
					}
					return err
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

// A server that starts together with its database waits for that.
func TestDatabaseThatIsStarting(t *testing.T) {
	t.Parallel()
	pooler, through := newPooler(t, server.Database(t))
	pooler.starting.Store(3)
	db, err := postgres.Open(t.Context(), through)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}
