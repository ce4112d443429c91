//go:build unix

package crash_test

import (
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/onetouchkit/onetouch/internal/testneeds/postgres"
)

// TestKilledServersOnPostgreSQL is the same on the other engine, whose own server is killed too, without a chance to write
// down what it has in memory.
func TestKilledServersOnPostgreSQL(t *testing.T) {
	t.Parallel()
	database := postgres.Start(t)
	w := newWorld(t, t.TempDir(), database.Database(t))
	w.settle(t)
	for i := range number(t, roundsVariable, 2) {
		l := w.begin(t, i)
		w.checkRound(t, l)
		kill := l.run(t.Context(), w.random.Uint64())
		w.await(t)
		crashed := i%4 == 1
		if crashed {
			l.dying.Store(true)
			crash(t, database)
		}
		kill()
		w.keep(l)
		if crashed {
			database.Restart(t, nil)
			w.ledger.tally.databases++
		}
		if t.Failed() {
			break
		}
	}
	w.finish(t)
}

// crash ends a server of PostgreSQL at once: what is not in its log is lost.
func crash(t *testing.T, server *postgres.Server) {
	t.Helper()
	connection := must(pgx.Connect(t.Context(), server.URL("postgres")))(t)
	defer func() { _ = connection.Close(t.Context()) }()
	var lock string
	check(t, connection.QueryRow(t.Context(), "SELECT pg_read_file('postmaster.pid')").Scan(&lock))
	first, _, _ := strings.Cut(lock, "\n")
	check(t, syscall.Kill(must(strconv.Atoi(first))(t), syscall.SIGQUIT))
}
