package metrics

import (
	"slices"
	"time"
)

// bounds are those of the buckets of each histogram: from half a millisecond to the longest usual timeout.
var bounds = [...]time.Duration{
	500 * time.Microsecond, time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond, 10 * time.Millisecond,
	25 * time.Millisecond, 50 * time.Millisecond, 100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 2500 * time.Millisecond, 5 * time.Second, 10 * time.Second,
}

// histogram counts durations. Each is in the first bucket that has room for it, the last of which has no bound.
type histogram struct {
	buckets [len(bounds) + 1]int64
	sum     time.Duration
}

func (h *histogram) add(d time.Duration) {
	i, _ := slices.BinarySearch(bounds[:], d)
	h.buckets[i]++
	h.sum += d
}
