package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/onetouchkit/onetouch/internal/delivery"
	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// Attempts that end before the change of the first has its turn are written down in that one.
func TestAttemptsAreRecordedTogether(t *testing.T) {
	t.Parallel()
	for _, fails := range []bool{false, true} {
		t.Run(fmt.Sprintf("fails=%t", fails), func(t *testing.T) {
			t.Parallel()
			recordTogether(t, fails)
		})
	}
}

func recordTogether(t *testing.T, fails bool) {
	const attempts = 100
	broken := errors.New("the store is full")
	begun, turn := make(chan struct{}), make(chan struct{})
	var changes [][]onetouch.Attempt // one change comes after the other
	write := func(_ context.Context, made func() []onetouch.Attempt) ([]onetouch.Delivery, error) {
		if changes == nil {
			close(begun)
			<-turn
			made() // a change may be run again
		}
		change := made()
		changes = append(changes, change)
		if fails {
			return nil, broken
		}
		var deliveries []onetouch.Delivery
		for _, a := range change {
			deliveries = append(deliveries, onetouch.Delivery{ID: a.DeliveryID})
		}
		return deliveries, nil
	}
	recorder := delivery.NewRecorder(write)
	var all sync.WaitGroup
	record := func(id int64) {
		all.Go(func() {
			switch d, err := recorder.Record(t.Context(), onetouch.Attempt{DeliveryID: id}); {
			case fails && !errors.Is(err, broken):
				t.Errorf("attempt %d: got %v", id, err)
			case !fails && (err != nil || d.ID != id):
				t.Errorf("attempt %d: got delivery %d, %v", id, d.ID, err)
			}
		})
	}
	record(1)
	<-begun
	for id := range int64(attempts - 1) {
		record(id + 2)
	}
	recorder.AwaitWaiting(attempts - 1)
	close(turn)
	all.Wait()
	if len(changes) != 2 || len(changes[0]) != 64 || len(changes[1]) != attempts-64 {
		t.Errorf("%d changes: %v", len(changes), changes)
	}
	seen := map[int64]bool{}
	for _, change := range changes {
		for _, a := range change {
			seen[a.DeliveryID] = true
		}
	}
	if len(seen) != attempts || changes[0][0].DeliveryID != 1 {
		t.Errorf("%d attempts were written down, the first is that of %d", len(seen), changes[0][0].DeliveryID)
	}
}
