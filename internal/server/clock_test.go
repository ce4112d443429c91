package server_test

import (
	"sync"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/internal/store"
)

// TestClockMovedByManyAtATime: each of them counts, and the clock shows in the end what the database says.
func TestClockMovedByManyAtATime(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	s, err := server.Open(t.Context(), server.Options{Database: store.Memory, FrozenAt: start})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	const moves = 100
	var moving sync.WaitGroup
	for range moves {
		moving.Go(func() {
			if err := s.Service().AdvanceClock(t.Context(), time.Minute); err != nil {
				t.Error(err)
			}
		})
	}
	moving.Wait()
	if now, want := s.Service().Clock().Now(), start.Add(moves*time.Minute); !now.Equal(want) {
		t.Errorf("the clock shows %s, want %s", now, want)
	}
}
