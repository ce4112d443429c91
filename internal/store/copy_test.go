//go:build unix

package store_test

import (
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	_ "modernc.org/sqlite"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/store"
	"github.com/onetouchkit/onetouch/internal/testneeds/postgres"
)

func account() onetouch.Account { return onetouch.Account{SID: "AC1", AuthToken: "token"} }

// fill makes a database with something in it, and returns what its users are.
func fill(t *testing.T, database string) onetouch.User {
	t.Helper()
	db, err := store.Open(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	var user onetouch.User
	err = db.Update(t.Context(), func(tx onetouch.Transaction) error {
		if err := tx.InsertAccount(account()); err != nil {
			return err
		}
		app := onetouch.Application{ID: "app", Name: "A zero \x00 and a one \x01", APIKey: "key"}
		if err := tx.InsertApplication(&app); err != nil {
			return err
		}
		user = onetouch.User{AuthyID: 4711, ID: "user", AppID: app.ID, Email: "a@b.co", CountryCode: 1, Cellphone: "2025550100"}
		if err := tx.InsertUser(&user); err != nil {
			return err
		}
		event := onetouch.Event{Type: onetouch.EventUserAdded, AppID: app.ID, AuthyID: user.AuthyID}
		if err := tx.InsertEvent(&event); err != nil {
			return err
		}
		hook := onetouch.Webhook{ID: "hook", AppID: app.ID}
		if err := tx.InsertWebhook(hook); err != nil {
			return err
		}
		owed := onetouch.Delivery{AppID: app.ID, Kind: onetouch.DeliveryWebhook, WebhookID: hook.ID, EventSequence: event.Sequence}
		return tx.InsertDelivery(&owed)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return user
}

func TestCopyBetweenEngines(t *testing.T) {
	t.Parallel()
	first, shared, last := filepath.Join(t.TempDir(), "a.db"), postgres.Database(t), filepath.Join(t.TempDir(), "b.db")
	user := fill(t, first)
	before, err := store.Copy(t.Context(), first, shared, false, func(store.Copied) {})
	if err != nil {
		t.Fatal(err)
	}
	_, err = store.Copy(t.Context(), first, shared, false, func(store.Copied) {})
	if err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("a database with something in it: %v", err)
	}
	if _, err := store.Copy(t.Context(), first, shared, true, func(store.Copied) {}); err != nil {
		t.Fatal(err)
	}
	told := 0
	after, err := store.Copy(t.Context(), shared, last, false, func(store.Copied) { told++ })
	if err != nil || !slices.Equal(before, after) || told < len(after) {
		t.Fatalf("copied %v and then %v, told %d times: %v", before, after, told, err)
	}
	for _, database := range []string{shared, last} {
		db, err := store.Open(t.Context(), database)
		if err != nil {
			t.Fatal(err)
		}
		err = db.Update(t.Context(), func(tx onetouch.Transaction) error {
			app, err := tx.Application("app")
			if err != nil || app.Name != "A zero \x00 and a one \x01" {
				t.Errorf("the application is %q, %v", app.Name, err)
			}
			if owner, err := tx.Account(); err != nil || owner != account() {
				t.Errorf("the account is %+v, %v", owner, err)
			}
			next := onetouch.User{ID: "next", AppID: app.ID, CountryCode: 1, Cellphone: "2025550101"}
			if err := tx.InsertUser(&next); err != nil || next.AuthyID != user.AuthyID+1 {
				t.Errorf("the next user is %d, %v", next.AuthyID, err)
			}
			event := onetouch.Event{Type: onetouch.EventUserAdded}
			if err := tx.InsertEvent(&event); err != nil || event.Sequence != 2 {
				t.Errorf("the next event is %d, %v", event.Sequence, err)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}

// A table that comes with a migration is copied by then.
func TestCopyOfEveryTable(t *testing.T) {
	t.Parallel()
	first := filepath.Join(t.TempDir(), "a.db")
	fill(t, first)
	counts, err := store.Copy(t.Context(), first, filepath.Join(t.TempDir(), "b.db"), false, func(store.Copied) {})
	if err != nil {
		t.Fatal(err)
	}
	var copied []string
	for _, count := range counts {
		copied = append(copied, count.Table)
	}
	slices.Sort(copied)
	raw, err := sql.Open("sqlite", first)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = raw.Close() }()
	var tables string
	err = raw.QueryRowContext(t.Context(), `SELECT group_concat(name) FROM (SELECT name FROM sqlite_schema WHERE type = 'table'
		AND name NOT LIKE 'sqlite_%' AND name <> 'goose_db_version' ORDER BY name)`).Scan(&tables)
	if got := strings.Join(copied, ","); err != nil || got != tables {
		t.Errorf("copied %s\nof     %s, %v", got, tables, err)
	}
}

func TestCopyOfNothing(t *testing.T) {
	t.Parallel()
	there, missing := filepath.Join(t.TempDir(), "a.db"), filepath.Join(t.TempDir(), "none.db")
	fill(t, there)
	for _, test := range []struct{ from, to, want string }{
		{missing, there, "no such file"},
		{there, there, "name another database"},
		{there, store.Memory, "name another database"},
		{store.Memory, there, "cannot be used"},
		{there, "oracle://user:secret@host/db", "cannot be used"},
		{there, "postgres://user:secret@127.0.0.1:1/db", "db at 127.0.0.1:1 cannot be reached: connection refused"},
	} {
		_, err := store.Copy(t.Context(), test.from, test.to, true, func(store.Copied) {})
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("from %s to %s: %v", test.from, test.to, err)
		}
	}
	if _, err := os.Stat(missing); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s was made: %v", missing, err)
	}
}
