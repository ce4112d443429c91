package store_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/store"
)

func TestParseLocation(t *testing.T) {
	t.Parallel()
	here, err := filepath.Abs("server.db")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]store.Location{
		":memory:":                {},
		"server.db":               {Path: here},
		here:                      {Path: here},
		"postgres://localhost/db": {URL: "postgres://localhost/db"},
	} {
		got, err := store.ParseLocation(text)
		if err != nil || got != want {
			t.Errorf("%s: got %+v, %v, want %+v", text, got, err, want)
		}
		if again, err := store.ParseLocation(got.String()); err != nil || again != want {
			t.Errorf("%s: is %q, which is read as %+v, %v", text, got, again, err)
		}
	}
}

func TestShown(t *testing.T) {
	t.Parallel()
	for database, want := range map[string]string{
		":memory:":                        ":memory:",
		"postgres://host/db":              "postgres://host/db",
		"postgres://ada:secret@host:1/db": "postgres://ada@host:1/db",
		"postgres:///db?password=secret":  "postgres:///db",
		"postgres://h/d?search_path=team&sslpassword=secret&host=/run": "postgres://h/d?host=%2Frun&search_path=team",
		"postgres://ada:se%zzcret@host/db":                             "postgres://…",
	} {
		if got := store.Shown(database); got != want {
			t.Errorf("%s is shown as %s, want %s", database, got, want)
		}
	}
}

func TestLocationWithoutAnEngine(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"host=db.example password=secret", "user=ada  dbname=x password=secret", "password=secret"} {
		if _, err := store.ParseLocation(text); err == nil || !strings.Contains(err.Error(), "postgres://") ||
			strings.Contains(err.Error(), "secret") {
			t.Errorf("%s is read as a file, or said: %v", text, err)
		}
	}
	for _, text := range []string{"", "oracle://user:secret@host/db", "://"} {
		db, err := store.Open(t.Context(), text)
		if err == nil {
			t.Fatal(errors.Join(errors.New("it was opened"), db.Close()))
		}
		if onetouch.CodeOf(err) != onetouch.CodeStorageUnavailable || !strings.Contains(err.Error(), "path of a file") {
			t.Errorf("%q: got %v, want a refusal that says what it must be", text, err)
		}
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("the message gives a password away: %s", err)
		}
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	for _, text := range []string{store.Memory, filepath.Join(t.TempDir(), "server.db")} {
		db, err := store.Open(t.Context(), text)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Update(t.Context(), func(tx onetouch.Transaction) error { return tx.InsertEvent(&onetouch.Event{}) }); err != nil {
			t.Error(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}
