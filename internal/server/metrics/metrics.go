// Package metrics counts what a server does, and tells it in the text format of Prometheus. It counts with a few additions in
// memory and no library: that of Prometheus (client_golang 1.25) would make every command start 0.6 ms later, of some 7, and the
// program 2.5 MB larger, since its packages set themselves up whether somebody uses them or not. A test reads what is told
// with the parser of Prometheus.
//
// What a series is labelled with is one of a fixed few: routes as they are in the table, never a path as it was called.
package metrics

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/onetouchkit/onetouch/internal/delivery"
	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// Metrics counts what a server does. It is safe for concurrent use.
type Metrics struct {
	version string
	began   time.Time

	mu     sync.Mutex
	calls  map[callKey]*callCounts
	events map[string]int64 // by what became of approval requests
	writes histogram        // of the store, failed ones too
	failed int64            // writes that failed

	removed onetouch.Removed // because it was old
}

// New returns metrics that have counted nothing. version is the program's.
func New(version string) *Metrics {
	return &Metrics{
		version: version, began: time.Now(), calls: map[callKey]*callCounts{}, events: map[string]int64{},
	}
}

// Seen is what a look at the metrics needs to know beside them.
type Seen struct {
	Deliveries []delivery.Counts
	Standing   onetouch.Standing
}

// Store is a store whose writes are counted, with what they did.
func (m *Metrics) Store(store onetouch.Store) onetouch.Store { return &countedStore{store, m} }

type countedStore struct {
	onetouch.Store
	metrics *Metrics
}

// Update implements [onetouch.Store].
func (s *countedStore) Update(ctx context.Context, change func(onetouch.Transaction) error) error {
	began := time.Now()
	var happened []string
	err := s.Store.Update(ctx, func(tx onetouch.Transaction) error {
		counted := &countedTransaction{Transaction: tx}
		err := change(counted)
		happened = counted.happened
		return err
	})
	s.metrics.wrote(time.Since(began), err, happened)
	return err
}

type countedTransaction struct {
	onetouch.Transaction
	happened []string
}

// InsertEvent implements [onetouch.Transaction].
func (t *countedTransaction) InsertEvent(e *onetouch.Event) error {
	err := t.Transaction.InsertEvent(e)
	if outcome := outcomeOf(*e); err == nil && outcome != "" {
		t.happened = append(t.happened, outcome)
	}
	return err
}

// outcomeOf is what an event says of an approval request: asked, approved, denied or expired; "" for all else.
func outcomeOf(e onetouch.Event) string {
	switch e.Type {
	case onetouch.EventRequestCreated:
		return "asked"
	case onetouch.EventRequestResponded:
		return e.Note
	case onetouch.EventRequestExpired:
		return "expired"
	default:
		return ""
	}
}

func (m *Metrics) wrote(took time.Duration, err error, happened []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.writes.add(took)
	if err != nil {
		m.failed++
		return
	}
	for _, outcome := range happened {
		m.events[outcome]++
	}
}

// Removed counts what was removed because it was old.
func (m *Metrics) Removed(r onetouch.Removed) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.removed.Add(r)
}

// Write writes everything that was counted.
func (m *Metrics) Write(w io.Writer, seen Seen) error {
	p := &page{}
	m.writeCalls(p)
	m.writeStore(p)
	writeDeliveries(p, seen.Deliveries)
	p.gauge("onetouch_approval_requests_pending", "Approval requests that wait for an answer.", float64(seen.Standing.Requests))
	p.gauge("onetouch_deliveries_owed", "Deliveries that are still to be sent.", float64(seen.Standing.Owed))
	p.gauge("onetouch_users", "Users that are there.", float64(seen.Standing.Users))
	p.gauge("onetouch_devices", "Devices that are registered.", float64(seen.Standing.Devices))
	m.writeProcess(p)
	_, err := w.Write(p.text)
	return err
}
