//go:build unix

package postgres_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/store"
	server "github.com/onetouchkit/onetouch/internal/testneeds/postgres"
)

// BenchmarkChange writes an event in each change, on a server that keeps what it has committed. Beside it, in the same run and by
// turns, stands the floor: the same INSERT in a transaction of its own with pgx by hand. The metric of-floor is the floor's
// time through ours: more than 1 is what sharing commits gains.
func BenchmarkChange(b *testing.B) {
	for _, writers := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) { benchmarkChange(b, writers) })
	}
}

func benchmarkChange(b *testing.B, writers int) {
	url := server.Start(b).Database(b)
	db, err := store.Open(b.Context(), url)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	pool, err := pgxpool.New(b.Context(), url+fmt.Sprintf("&pool_max_conns=%d", writers))
	if err != nil {
		b.Fatal(err)
	}
	defer pool.Close()
	ours := func() error {
		return db.Update(b.Context(), func(tx onetouch.Transaction) error {
			return tx.InsertEvent(&onetouch.Event{Type: onetouch.EventUserAdded})
		})
	}
	floor := func() error {
		tx, err := pool.Begin(b.Context())
		if err != nil {
			return err
		}
		_, err = tx.Exec(b.Context(), `INSERT INTO events (at, type, app_id, authy_id, device_id, delivery_id, verification_uuid,
			note, request_number) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL)`, 0, "user_added", "", 0, 0, 0, "", "")
		if err != nil {
			return err
		}
		return tx.Commit(b.Context())
	}
	var oursTook, floorTook time.Duration
	for b.Loop() {
		oursTook += atOnce(b, writers, ours)
		floorTook += atOnce(b, writers, floor)
	}
	n := float64(b.N * writers)
	b.ReportMetric(n/oursTook.Seconds(), "changes/s")
	b.ReportMetric(n/floorTook.Seconds(), "floor/s")
	b.ReportMetric(floorTook.Seconds()/oursTook.Seconds(), "of-floor")
}

// atOnce is how long it takes that each of n writers does something once, as the mean of several rounds.
func atOnce(b *testing.B, n int, do func() error) time.Duration {
	const rounds = 20
	started := time.Now()
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			for range rounds {
				if err := do(); err != nil {
					b.Error(err)
				}
			}
		})
	}
	all.Wait()
	return time.Since(started) / rounds
}
