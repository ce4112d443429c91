package delivery

import (
	"context"
	"sync"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// mostRecorded bounds how many attempts are written down in one change.
const mostRecorded = 64

// recorder writes attempts down. One is written at once; those that end before its change has its turn go along, so that a store
// that is busy does not hold up sending.
type recorder struct {
	write func(ctx context.Context, attempts func() []onetouch.Attempt) ([]onetouch.Delivery, error)

	mu      sync.Mutex
	busy    bool // somebody writes
	waiting []*unwritten
}

// unwritten is an attempt that waits until it is written, or until it is its turn to write for all that wait.
type unwritten struct {
	attempt  onetouch.Attempt
	ready    chan struct{}
	written  bool
	delivery onetouch.Delivery
	err      error
}

// record returns the delivery as it is after the attempt.
func (r *recorder) record(ctx context.Context, a onetouch.Attempt) (onetouch.Delivery, error) {
	if mine := r.queue(a); mine != nil {
		<-mine.ready
		if mine.written {
			return mine.delivery, mine.err
		}
	}
	defer r.pass()
	var others []*unwritten
	deliveries, err := r.write(ctx, func() []onetouch.Attempt {
		others = r.take(others)
		attempts := make([]onetouch.Attempt, 1, 1+len(others))
		attempts[0] = a
		for _, other := range others {
			attempts = append(attempts, other.attempt)
		}
		return attempts
	})
	if err != nil {
		deliveries = make([]onetouch.Delivery, 1+len(others))
	}
	for i, other := range others {
		other.written, other.delivery, other.err = true, deliveries[i+1], err
		close(other.ready)
	}
	return deliveries[0], err
}

// queue has an attempt wait while somebody writes; nil: it is its turn.
func (r *recorder) queue(a onetouch.Attempt) *unwritten {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.busy {
		r.busy = true
		return nil
	}
	u := &unwritten{attempt: a, ready: make(chan struct{})}
	r.waiting = append(r.waiting, u)
	return u
}

// take adds those that wait to the others that go with the one whose turn it is.
func (r *recorder) take(others []*unwritten) []*unwritten {
	r.mu.Lock()
	defer r.mu.Unlock()
	number := min(len(r.waiting), mostRecorded-1-len(others))
	others = append(others, r.waiting[:number]...)
	r.waiting = r.waiting[number:]
	return others
}

// pass has the next one write, if there is one.
func (r *recorder) pass() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.waiting) == 0 {
		r.busy, r.waiting = false, nil
		return
	}
	close(r.waiting[0].ready)
	r.waiting = r.waiting[1:]
}
