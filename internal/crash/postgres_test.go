//go:build unix

package crash_test

import (
	"context"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/onetouchkit/onetouch/internal/testneeds/postgres"
)

// troubles are what goes wrong with the database, in one round after the other.
func troubles() []trouble {
	return []trouble{killedToo, connectionsLost, stopped, none, backendKilled, none, connectionsLost, none}
}

// TestKilledServersOnPostgreSQL is the same on the other engine. Its own server fails too, before the one that is killed or with
// it, without a chance to write down what it has in memory.
func TestKilledServersOnPostgreSQL(t *testing.T) {
	t.Parallel()
	database := postgres.Start(t)
	w := newWorld(t, t.TempDir(), database.Database(t))
	w.settle(t)
	all := troubles()
	for i := range number(t, roundsVariable, 3) {
		w.killWithDatabase(t, database, i, all[i%len(all)])
		if t.Failed() {
			break
		}
	}
	w.finish(t)
}

// killWithDatabase is one round, in which there is trouble with the database.
func (w *world) killWithDatabase(t *testing.T, database *postgres.Server, round int, what trouble) {
	t.Helper()
	l := w.begin(t, round)
	w.checkRound(t, l)
	l.away = what != none
	kill := l.run(t.Context(), w.random.Uint64())
	if happens := what.happens(); happens != nil {
		w.awaitAcknowledgements(t, l, 1+w.random.IntN(40))
		t.Logf("round %d: %s", round, what)
		happens(t, database)
	}
	w.awaitKill(t, l)
	if what == killedToo {
		l.dying.Store(true)
		crash(t, database)
	}
	kill()
	w.keep(l)
	w.ledger.tally.troubles[what]++
	if what == killedToo {
		database.Restart(t, nil)
	}
	database.Await(t)
}

// happens is what is done to the database while its server goes on; nil: nothing.
func (what trouble) happens() func(*testing.T, *postgres.Server) {
	return map[trouble]func(*testing.T, *postgres.Server){
		connectionsLost: func(t *testing.T, database *postgres.Server) {
			t.Helper()
			ask(t, database, "SELECT count(pg_terminate_backend(pid))::text FROM pg_stat_activity"+ofServers)
		},
		backendKilled: func(t *testing.T, database *postgres.Server) {
			t.Helper()
			killProcess(t, syscall.SIGKILL, ask(t, database, "SELECT pid::text FROM pg_stat_activity"+ofServers+
				" ORDER BY state = 'idle', random() LIMIT 1"))
		},
		stopped: func(t *testing.T, database *postgres.Server) {
			t.Helper()
			crash(t, database)
			database.Restart(t, nil)
		},
	}[what]
}

// ofServers are the connections of servers of ours.
const ofServers = " WHERE backend_type = 'client backend' AND application_name = 'onetouch'"

// crash ends a server of PostgreSQL at once: what is not in its log is lost.
func crash(t *testing.T, database *postgres.Server) {
	t.Helper()
	lock := ask(t, database, "SELECT pg_read_file('postmaster.pid')")
	first, _, _ := strings.Cut(lock, "\n")
	killProcess(t, syscall.SIGQUIT, first)
}

func killProcess(t *testing.T, signal syscall.Signal, id string) {
	t.Helper()
	check(t, syscall.Kill(must(strconv.Atoi(id))(t), signal))
}

// ask asks a server of PostgreSQL for a text.
func ask(t *testing.T, database *postgres.Server, question string) (answer string) {
	t.Helper()
	connection := must(pgx.Connect(t.Context(), database.URL("postgres")))(t)
	defer func() { _ = connection.Close(context.WithoutCancel(t.Context())) }()
	check(t, connection.QueryRow(t.Context(), question).Scan(&answer))
	return answer
}

// TestLossIsFoundOnPostgreSQL: a database that acknowledges what is only in its memory loses that when it crashes, and the ledger
// shows it.
func TestLossIsFoundOnPostgreSQL(t *testing.T) {
	t.Parallel()
	database := postgres.Start(t, "synchronous_commit=off", "wal_writer_delay=10s", "wal_writer_flush_after=1GB")
	w := newWorld(t, t.TempDir(), database.Database(t))
	w.settle(t)
	for round := range 5 { // its log may be written just before the crash
		ask(t, database, "SELECT pg_switch_wal()::text") // what was before is kept
		l := w.begin(t, round)
		kill := l.run(t.Context(), w.random.Uint64())
		w.await(t, l, plan{moment: inBurst, after: 60})
		l.dying.Store(true)
		crash(t, database)
		kill()
		w.keep(l)
		database.Restart(t, nil)
		if w.ledger.wrong(w.stored(t)).count(lost) > 0 {
			return
		}
	}
	t.Error("nothing that was lost was found")
}
