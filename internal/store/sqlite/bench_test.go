package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// Each benchmark does what it measures and a floor by turns, and reports their ratio: the machine's mood falls on both.
// The floor is what any store on SQLite has to do, with the same settings and nothing around it.

// floor is SQLite by hand: one table, prepared statements.
type floor struct {
	begin, insert, commit, read *sql.Stmt
}

func newFloor(b *testing.B) *floor {
	b.Helper()
	raw, err := sql.Open("sqlite", filepath.Join(b.TempDir(), "floor.db")+
		"?_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)")
	if err != nil {
		b.Fatal(err)
	}
	raw.SetMaxOpenConns(1)
	b.Cleanup(func() {
		if err := raw.Close(); err != nil {
			b.Error(err)
		}
	})
	if _, err := raw.Exec("CREATE TABLE log (id INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT"); err != nil {
		b.Fatal(err)
	}
	f := &floor{}
	for query, statement := range map[string]**sql.Stmt{
		"BEGIN IMMEDIATE": &f.begin, "COMMIT": &f.commit,
		"INSERT INTO log (note) VALUES (?)": &f.insert, "SELECT id, note FROM log WHERE id = ?": &f.read,
	} {
		if *statement, err = raw.Prepare(query); err != nil {
			b.Fatal(err)
		}
	}
	return f
}

// write commits a single row.
func (f *floor) write() error {
	if _, err := f.begin.Exec(); err != nil {
		return err
	}
	if _, err := f.insert.Exec("a note"); err != nil {
		return err
	}
	_, err := f.commit.Exec()
	return err
}

func (f *floor) readRow() error {
	var id int64
	var note string
	return f.read.QueryRow(1).Scan(&id, &note)
}

// against runs floor and work by turns.
func against(b *testing.B, floor, work func() error) {
	b.Helper()
	var atFloor, atWork time.Duration
	for b.Loop() {
		start := time.Now()
		err := floor()
		middle := time.Now()
		err = errors.Join(err, work())
		atFloor += middle.Sub(start)
		atWork += time.Since(middle)
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(atFloor.Nanoseconds())/float64(b.N), "floor-ns/op")
	b.ReportMetric(float64(atWork.Nanoseconds())/float64(b.N), "work-ns/op")
	b.ReportMetric(float64(atWork)/float64(atFloor), "x-floor")
	b.ReportMetric(0, "ns/op")
}

func benchDB(b *testing.B) *opened {
	b.Helper()
	db := open(b, filepath.Join(b.TempDir(), "server.db"))
	b.Cleanup(func() { closeDB(b, db) })
	return db
}

// One change with one row, and nobody else.
func BenchmarkUpdateAlone(b *testing.B) {
	f, db, ctx := newFloor(b), benchDB(b), context.Background()
	against(b, f.write, func() error { return addEvent(ctx, db, "a note") })
}

// Changes with one row each from many goroutines. The floor commits them one by one.
func BenchmarkUpdateInACrowd(b *testing.B) {
	f, db, ctx := newFloor(b), benchDB(b), context.Background()
	start := time.Now()
	for range b.N {
		if err := f.write(); err != nil {
			b.Fatal(err)
		}
	}
	atFloor := time.Since(start)
	b.SetParallelism(16)
	b.ResetTimer()
	start = time.Now()
	var failures atomic.Int64
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := addEvent(ctx, db, "a note"); err != nil {
				failures.Add(1)
			}
		}
	})
	atWork := time.Since(start)
	if n := failures.Load(); n > 0 {
		b.Fatalf("%d changes failed", n)
	}
	b.ReportMetric(float64(b.N)/atWork.Seconds(), "changes/s")
	b.ReportMetric(float64(atWork)/float64(atFloor), "x-floor")
}

// A view of one row by its number.
func BenchmarkView(b *testing.B) {
	f, db, ctx := newFloor(b), benchDB(b), context.Background()
	if err := errors.Join(f.write(), addEvent(ctx, db, "a note")); err != nil {
		b.Fatal(err)
	}
	against(b, f.readRow, func() error {
		return db.View(ctx, func(r onetouch.Reader) error {
			_, err := r.Events(onetouch.EventFilter{Limit: 1})
			return err
		})
	})
}

func BenchmarkOpen(b *testing.B) {
	b.Run("existing", func(b *testing.B) {
		path := filepath.Join(b.TempDir(), "server.db")
		closeDB(b, open(b, path))
		for b.Loop() {
			db, err := openDatabase(context.Background(), path)
			if err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			closeDB(b, db)
			b.StartTimer()
		}
	})
	b.Run("new", func(b *testing.B) {
		folder := b.TempDir()
		for n := 0; b.Loop(); n++ {
			db, err := openDatabase(context.Background(), filepath.Join(folder, fmt.Sprint(n)))
			if err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			closeDB(b, db)
			b.StartTimer()
		}
	})
	b.Run("memory", func(b *testing.B) {
		for b.Loop() {
			db, err := openDatabase(context.Background(), ":memory:")
			if err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			closeDB(b, db)
			b.StartTimer()
		}
	})
}

// What a backend, a device and the worker do for one approval, on a history of so many. It must not grow with it.
func BenchmarkApproval(b *testing.B) {
	for _, history := range []int{0, 10_000, 200_000, 1_000_000} {
		b.Run(fmt.Sprintf("history=%d", history), func(b *testing.B) { benchApproval(b, history) })
	}
}

func benchApproval(b *testing.B, history int) {
	f, db, ctx := newFloor(b), benchDB(b), context.Background()
	app := onetouch.Application{ID: "app", APIKey: "key"}
	user := onetouch.User{AppID: "app", Cellphone: "2025550100"}
	var device onetouch.Device
	err := db.Update(ctx, func(tx onetouch.Transaction) error {
		if err := errors.Join(tx.InsertApplication(&app), tx.InsertUser(&user)); err != nil {
			return err
		}
		device = onetouch.Device{AppID: "app", AuthyID: user.AuthyID}
		return tx.InsertDevice(&device)
	})
	if err = errors.Join(err, db.engine.Fill(history, app.ID, user.AuthyID, device.ID)); err != nil {
		b.Fatal(err)
	}
	now := time.Now()
	r := onetouch.ApprovalRequest{
		AppID: app.ID, AuthyID: user.AuthyID, Status: onetouch.StatusPending, CreatedAt: now,
		ExpiresAt: now.Add(time.Hour), Question: onetouch.Question{Message: "Send $12,400 to ACME?"},
	}
	n := 0
	against(b, f.write, func() error {
		n++
		r.UUID = fmt.Sprintf("%08x-0000-4000-8000-000000000000", uint32(n)*2654435761) // spread as random ones are
		return approve(ctx, db, r, device)
	})
}

// approve makes four changes, and the reads between them.
func approve(ctx context.Context, db *opened, r onetouch.ApprovalRequest, device onetouch.Device) error {
	push := onetouch.Delivery{Kind: onetouch.DeliveryPush, RequestUUID: r.UUID, DeviceID: device.ID, State: onetouch.DeliveryPending}
	callback := onetouch.Delivery{
		Kind: onetouch.DeliveryCallback, RequestUUID: r.UUID, URL: "http://127.0.0.1:3000/", State: onetouch.DeliveryPending,
		NextAttemptAt: r.CreatedAt,
	}
	event := func(tx onetouch.Transaction) error { return tx.InsertEvent(&onetouch.Event{RequestUUID: r.UUID}) }
	send := func(d *onetouch.Delivery) func(onetouch.Transaction) error {
		return func(tx onetouch.Transaction) error {
			d.State, d.NextAttemptAt, d.Attempts = onetouch.DeliverySent, time.Time{}, 1
			return errors.Join(tx.InsertAttempt(onetouch.Attempt{DeliveryID: d.ID, Number: 1}), tx.UpdateDelivery(*d), event(tx))
		}
	}
	answered := r
	answered.Status = onetouch.StatusApproved
	return errors.Join(
		db.Update(ctx, func(tx onetouch.Transaction) error {
			return errors.Join(tx.InsertApprovalRequest(r), tx.InsertDelivery(&push), event(tx))
		}),
		db.View(ctx, func(tx onetouch.Reader) error {
			_, err := tx.StreamPushes(device.ID, push.ID-1, false, 100)
			return err
		}),
		db.Update(ctx, send(&push)),
		db.View(ctx, func(tx onetouch.Reader) error {
			_, err := tx.ApprovalRequests(onetouch.ApprovalRequestFilter{
				AuthyID: r.AuthyID, Statuses: []onetouch.Status{onetouch.StatusPending}, Now: r.CreatedAt, Limit: 50,
			})
			return err
		}),
		db.Update(ctx, func(tx onetouch.Transaction) error {
			_, err := tx.DecideApprovalRequest(answered)
			return errors.Join(err, tx.InsertDelivery(&callback), event(tx))
		}),
		db.View(ctx, func(tx onetouch.Reader) error {
			_, err := tx.Receivers(r.CreatedAt)
			if err == nil {
				_, err = tx.DueDeliveries(callback.Receiver(), r.CreatedAt, 64)
			}
			return err
		}),
		db.Update(ctx, send(&callback)),
		db.View(ctx, func(tx onetouch.Reader) error {
			_, err := tx.ApprovalRequest(r.UUID)
			return err
		}),
	)
}
