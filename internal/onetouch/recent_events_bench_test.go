package onetouch_test

import (
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/store"
)

// BenchmarkFollowers has a thousand follow the log while events come one by one: from the change until the last of them has
// heard. Beside it, in the same run and by turns, stands the floor: a thousand goroutines woken by a channel that is closed.
func BenchmarkFollowers(b *testing.B) {
	const followers = 1000
	db, err := store.Open(b.Context(), filepath.Join(b.TempDir(), "server.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	counted := &countedViews{Store: db}
	s := onetouch.NewService(counted, onetouch.Options{})
	app, err := s.EnsureApplication(b.Context(), onetouch.ApplicationSettings{Name: "Acme Bank"})
	if err != nil {
		b.Fatal(err)
	}
	user, err := s.AddUser(b.Context(), app.ID, onetouch.NewUser{Email: "a@b.co", Cellphone: "202-555-0158"})
	if err != nil {
		b.Fatal(err)
	}
	start, err := s.LastEvent(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	many := make([]*follower, followers)
	for i := range many {
		many[i] = &follower{after: start}
	}
	var all sync.WaitGroup
	var took, atFloor time.Duration
	counted.number.Store(0)
	heard := int64(0)
	for b.Loop() {
		heard++
		for _, f := range many {
			all.Go(func() {
				if err := f.follow(b.Context(), s, heard); err != nil {
					b.Error(err)
				}
			})
		}
		began := time.Now()
		if _, err := s.CreateApprovalRequest(b.Context(), app, user.AuthyID, onetouch.NewApprovalRequest{Message: "?"}); err != nil {
			b.Fatal(err)
		}
		all.Wait()
		took += time.Since(began)
		came := make(chan struct{})
		for range many {
			all.Go(func() { <-came })
		}
		began = time.Now()
		close(came)
		all.Wait()
		atFloor += time.Since(began)
	}
	n := float64(b.N)
	b.ReportMetric(float64(took.Microseconds())/n, "µs/event")
	b.ReportMetric(float64(atFloor.Microseconds())/n, "µs/floor")
	b.ReportMetric(float64(counted.number.Load())/n, "readings/event")
	b.ReportMetric(0, "ns/op")
}
