package server_test

import (
	"database/sql"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite"

	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/pkg/authy"
)

// TestReadiness: a server whose writes fail is not ready until one succeeds, and tries one itself when it is asked.
func TestReadiness(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "server.db")
	s := run(t, server.Options{Database: database})
	backend := authy.New(apiKey, authy.WithBaseURL(s.url), authy.WithHTTPClient(client(t)))
	add := func() error {
		_, err := backend.CreateUser(t.Context(), authy.NewUser{Email: "a@b.co", Cellphone: "202-555-0158"})
		return err
	}
	s.mustBeReady(t, http.StatusOK, "ready")

	mend := breakWrites(t, database)
	if err := add(); err == nil {
		t.Fatal("a user was added although nothing can be written")
	}
	s.mustBeReady(t, http.StatusServiceUnavailable, "the database cannot be written")
	s.mustBeReady(t, http.StatusServiceUnavailable, "the database cannot be written")

	mend()
	s.mustBeReady(t, http.StatusOK, "ready")
	if err := add(); err != nil {
		t.Error(err)
	}
	s.mustBeReady(t, http.StatusOK, "ready")
}

// TestRefusalsLeaveTheServerReady: a write that was refused says nothing about the disk.
func TestRefusalsLeaveTheServerReady(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{Database: ":memory:"})
	backend := authy.New(apiKey, authy.WithBaseURL(s.url), authy.WithHTTPClient(client(t)))
	if _, err := backend.CreateUser(t.Context(), authy.NewUser{Email: "a@b.co", Cellphone: "no number"}); err == nil {
		t.Error("no refusal")
	}
	s.mustBeReady(t, http.StatusOK, "ready")
}

func (r running) mustBeReady(t *testing.T, status int, state string) {
	t.Helper()
	answer, err := client(t).Get(r.url + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != status || !strings.Contains(string(body), `"`+state+`"`) {
		t.Errorf("/readyz answers %s: %s, error %v; want %d, %s", answer.Status, body, err, status, state)
	}
}

// breakWrites makes every table refuse changes, as another process on the same database, until mend is called.
func breakWrites(t *testing.T, database string) (mend func()) {
	t.Helper()
	db, err := sql.Open("sqlite", database+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	execute := func(list, statement string) {
		t.Helper()
		var script string
		err := db.QueryRowContext(t.Context(), "SELECT group_concat("+statement+", '; ') FROM sqlite_master WHERE "+list).Scan(&script)
		if err == nil {
			_, err = db.ExecContext(t.Context(), "BEGIN IMMEDIATE; "+script+"; COMMIT")
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, change := range []string{"INSERT", "UPDATE"} {
		execute("type = 'table' AND name NOT LIKE 'sqlite_%'", "'CREATE TRIGGER no_"+change+"_' || name || ' BEFORE "+change+
			" ON ' || name || ' BEGIN SELECT RAISE(ABORT, ''broken''); END'")
	}
	return func() { execute("type = 'trigger' AND name LIKE 'no_%'", "'DROP TRIGGER ' || name") }
}
