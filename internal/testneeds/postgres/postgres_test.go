//go:build unix

package postgres_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/onetouchkit/onetouch/internal/testneeds/postgres"
)

func answer(t *testing.T, location, query string) string {
	t.Helper()
	conn, err := pgconn.Connect(t.Context(), location)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	results, err := conn.Exec(t.Context(), query).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if last := results[len(results)-1]; len(last.Rows) > 0 {
		return string(last.Rows[0][0])
	}
	return ""
}

func TestDatabaseIsEmptyAndOwn(t *testing.T) {
	t.Parallel()
	first, second := postgres.Database(t), postgres.Database(t)
	answer(t, first, "CREATE TABLE a (b INT)")
	for location, want := range map[string]string{first: "1", second: "0"} {
		if got := answer(t, location, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"); got != want {
			t.Errorf("%s has %s tables, want %s", location, got, want)
		}
	}
}

//nolint:tparallel // the one around it looks at what the one within leaves
func TestDatabaseGoesWithItsTest(t *testing.T) {
	t.Parallel()
	outside := postgres.Database(t)
	var inside string
	t.Run("one", func(t *testing.T) {
		inside = postgres.Database(t)
	})
	_, name, _ := strings.Cut(inside, "/t_")
	name, _, _ = strings.Cut("t_"+name, "?")
	if got := answer(t, outside, "SELECT count(*) FROM pg_database WHERE datname = '"+name+"'"); got != "0" {
		t.Errorf("%s is left", name)
	}
}

func TestServerKeepsItsDataOverARestart(t *testing.T) {
	t.Parallel()
	server := postgres.Start(t, "max_connections=20")
	location := server.Database(t)
	answer(t, location, "CREATE TABLE a (b INT); INSERT INTO a VALUES (7)")
	server.Restart(t, func() {
		if conn, err := pgconn.Connect(t.Context(), location); err == nil {
			_ = conn.Close(context.Background())
			t.Error("it answers while it is stopped")
		}
	})
	if got := answer(t, location, "SELECT b FROM a"); got != "7" {
		t.Errorf("after a restart it has %q", got)
	}
	if got := answer(t, location, "SHOW fsync"); got != "on" {
		t.Errorf("fsync is %s", got)
	}
}
