package delivery

import (
	"slices"
	"sync"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// Counts says what became of deliveries of one kind.
type Counts struct {
	Kind    onetouch.DeliveryKind
	Sent    int // deliveries that were taken
	Failed  int // attempts that were not
	GivenUp int // deliveries that are tried no more
	// Took is how long attempts took, those that failed too.
	Took Histogram
}

// Histogram counts durations.
type Histogram struct {
	Buckets []Bucket // by their bounds
	Count   int      // of all durations
	Sum     time.Duration
}

// Bucket counts the durations up to a bound, those of smaller buckets included.
type Bucket struct {
	UpTo  time.Duration
	Count int
}

// buckets are the bounds of a histogram: from a receiver on this machine to one that is slower than the usual timeout.
func buckets() []Bucket {
	milliseconds := []int64{1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000}
	all := make([]Bucket, len(milliseconds))
	for i, n := range milliseconds {
		all[i].UpTo = time.Duration(n) * time.Millisecond
	}
	return all
}

func (h *Histogram) add(d time.Duration) {
	h.Count++
	h.Sum += d
	for i := range h.Buckets {
		if d <= h.Buckets[i].UpTo {
			h.Buckets[i].Count++
		}
	}
}

// Metrics counts what became of deliveries, in memory. The zero value has counted none.
type Metrics struct {
	mu     sync.Mutex
	counts map[onetouch.DeliveryKind]*Counts
}

// Counts returns the counts of every kind that the worker sends, in the order of [onetouch.DeliveryKinds].
func (m *Metrics) Counts() []Counts {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []Counts
	for _, kind := range onetouch.DeliveryKinds() {
		if kind.Instant() {
			continue
		}
		counts := Counts{Kind: kind, Took: Histogram{Buckets: buckets()}}
		if known := m.counts[kind]; known != nil {
			counts = *known
			counts.Took.Buckets = slices.Clone(counts.Took.Buckets)
		}
		all = append(all, counts)
	}
	return all
}

// note counts something of a kind.
func (m *Metrics) note(kind onetouch.DeliveryKind, count func(*Counts)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.counts == nil {
		m.counts = map[onetouch.DeliveryKind]*Counts{}
	}
	counts := m.counts[kind]
	if counts == nil {
		counts = &Counts{Kind: kind, Took: Histogram{Buckets: buckets()}}
		m.counts[kind] = counts
	}
	count(counts)
}

// attempted counts an attempt, after which its delivery is as given.
func (m *Metrics) attempted(d onetouch.Delivery, a onetouch.Attempt) {
	m.note(d.Kind, func(c *Counts) {
		c.Took.add(a.Duration)
		switch {
		case a.Succeeded():
			c.Sent++
		case d.State == onetouch.DeliveryFailed:
			c.Failed++
			c.GivenUp++
		default:
			c.Failed++
		}
	})
}

// givenUp counts a delivery that was not sent.
func (m *Metrics) givenUp(kind onetouch.DeliveryKind) {
	m.note(kind, func(c *Counts) { c.GivenUp++ })
}
