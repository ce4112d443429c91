//go:build unix

package postgres_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	server "github.com/onetouchkit/onetouch/internal/testneeds/postgres"
)

// goneClaimant is the number of one that has a row, as if it was renewed just now, and no lock.
const goneClaimant = 4711

var insertGone = fmt.Sprintf("INSERT INTO delivery_claimants VALUES (%d, %d)", goneClaimant, int64(1)<<60)

// Who is gone may have been claiming something, which others then have passed over: they are told, whatever it had.
func TestOthersAreToldOfAClaimantThatIsGone(t *testing.T) {
	t.Parallel()
	url := server.Database(t)
	db := open(t, url)
	lease, err := db.Lease(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(lease.Release)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	told := false
	db.Watch(ctx, time.Millisecond, func() { say(t, url, insertGone) }, func(topics []string) {
		told = told || slices.Contains(topics, string(onetouch.TopicDue))
		cancel()
	})
	if !told {
		t.Error("nobody was told")
	}
}

// A claimant that has lost its connection is not alone with that: the others get the time to come back too.
func TestClaimantsComeBackBeforeTheyAreGone(t *testing.T) {
	t.Parallel()
	url := server.Database(t)
	db := open(t, url)
	lease, err := db.Lease(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(lease.Release)
	say(t, url, `CREATE TABLE removals (connected BIGINT);
		CREATE FUNCTION note_removal() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN
			INSERT INTO removals SELECT EXTRACT(EPOCH FROM clock_timestamp() - backend_start) * 1000
				FROM pg_stat_activity WHERE pid = pg_backend_pid();
			PERFORM pg_notify('removals', '');
			RETURN OLD;
		END $$;
		CREATE TRIGGER note_removal BEFORE DELETE ON delivery_claimants FOR EACH ROW EXECUTE FUNCTION note_removal()`)
	conn, err := pgconn.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if _, err := conn.Exec(t.Context(), "LISTEN removals").ReadAll(); err != nil {
		t.Fatal(err)
	}
	say(t, url, insertGone+`; SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := conn.WaitForNotification(ctx); err != nil {
		t.Fatal(err)
	}
	connected, err := strconv.Atoi(ask(t, url, "SELECT connected::text FROM removals"))
	if err != nil || connected < 3000 {
		t.Errorf("another one counted as gone %d ms after the connection was there again: %v", connected, err)
	}
}
