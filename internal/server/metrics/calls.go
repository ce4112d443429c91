package metrics

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// callKey is what calls are counted by: the route as it is in the table, and a method of that table.
type callKey struct{ method, route string }

// callCounts is what became of the calls of a route.
type callCounts struct {
	statuses map[int]int64 // by HTTP status; 0: cut off without an answer
	took     histogram     // of calls that were no streams
	streams  int64         // open now
}

// Around counts the calls that a table of routes answers. done, when not nil, hears of each at its end.
func (m *Metrics) Around(next http.Handler, done func(*http.Request, Call)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &counted{ResponseWriter: w, metrics: m, request: r, began: time.Now()}
		defer c.end(done) // also when the connection is cut off by a panic
		next.ServeHTTP(c, r)
		c.answered = true
	})
}

// Call is one call that was answered.
type Call struct {
	Method, Route string // "" when no route took it
	Status        int    // HTTP; 0: it was cut off
	Took          time.Duration
}

// counted hears what is answered to one call.
type counted struct {
	http.ResponseWriter

	metrics  *Metrics
	request  *http.Request
	began    time.Time
	status   int
	answered bool
	stream   bool
}

// Unwrap is for [http.ResponseController].
func (c *counted) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// WriteHeader implements [http.ResponseWriter].
func (c *counted) WriteHeader(status int) {
	if c.status == 0 {
		c.status = status
	}
	c.ResponseWriter.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (c *counted) Write(p []byte) (int, error) {
	if c.status == 0 {
		c.status = http.StatusOK
	}
	return c.ResponseWriter.Write(p)
}

// FlushError is called by streams.
func (c *counted) FlushError() error {
	if !c.stream {
		c.stream = true
		c.metrics.count(keyOf(c.request), func(counts *callCounts) { counts.streams++ })
	}
	return http.NewResponseController(c.ResponseWriter).Flush()
}

// keyOf is what a call is counted by. One that no route takes has a method of anybody's making.
func keyOf(r *http.Request) callKey {
	switch {
	case r.Pattern == "":
		return callKey{}
	case r.Method == http.MethodHead:
		return callKey{http.MethodGet, r.Pattern}
	default:
		return callKey{r.Method, r.Pattern}
	}
}

func (c *counted) end(done func(*http.Request, Call)) {
	if c.status == 0 && c.answered {
		c.status = http.StatusOK
	}
	key, took := keyOf(c.request), time.Since(c.began)
	c.metrics.count(key, func(counts *callCounts) {
		counts.statuses[c.status]++
		if c.stream {
			counts.streams--
		} else {
			counts.took.add(took)
		}
	})
	if done != nil {
		done(c.request, Call{key.method, key.route, c.status, took})
	}
}

func (m *Metrics) count(key callKey, count func(*callCounts)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	counts := m.calls[key]
	if counts == nil {
		counts = &callCounts{statuses: map[int]int64{}}
		m.calls[key] = counts
	}
	count(counts)
}

func (m *Metrics) writeCalls(p *page) {
	m.mu.Lock()
	defer m.mu.Unlock()
	keys := make([]callKey, 0, len(m.calls))
	for key := range m.calls {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b callKey) int { return cmp.Or(cmp.Compare(a.route, b.route), cmp.Compare(a.method, b.method)) })
	p.family("onetouch_http_requests_total", "counter", "Calls that were answered, by route; status 0 is one that was cut off.")
	for _, key := range keys {
		statuses := m.calls[key].statuses
		for _, status := range sorted(statuses) {
			p.series("onetouch_http_requests_total", float64(statuses[status]),
				"method", key.method, "route", key.route, "status", strconv.Itoa(status))
		}
	}
	p.family("onetouch_http_request_duration_seconds", "histogram", "How long calls took, without event streams.")
	for _, key := range keys {
		p.histogram("onetouch_http_request_duration_seconds", &m.calls[key].took, "method", key.method, "route", key.route)
	}
	p.family("onetouch_streams_open", "gauge", "Event streams that are open.")
	for _, key := range keys {
		if counts := m.calls[key]; counts.streams > 0 {
			p.series("onetouch_streams_open", float64(counts.streams), "method", key.method, "route", key.route)
		}
	}
}

func sorted[K cmp.Ordered](counts map[K]int64) []K {
	keys := make([]K, 0, len(counts))
	for key := range counts {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
