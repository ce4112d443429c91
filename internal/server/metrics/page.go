package metrics

import (
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/onetouchkit/onetouch/internal/delivery"
)

// page is metrics as they are told: version 0.0.4 of the text format of Prometheus.
type page struct{ text []byte }

// ContentType is that of the page.
const ContentType = "text/plain; version=0.0.4; charset=utf-8"

func (p *page) family(name, kind, help string) {
	p.text = append(p.text, "# HELP "+name+" "+help+"\n# TYPE "+name+" "+kind+"\n"...)
}

// escapeLabel is what the value of a label needs.
var escapeLabel = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// series writes a value. labels are names and values in turn.
func (p *page) series(name string, value float64, labels ...string) {
	p.text = append(p.text, name...)
	for i := 0; i+1 < len(labels); i += 2 {
		separator := ","
		if i == 0 {
			separator = "{"
		}
		p.text = append(p.text, separator+labels[i]+`="`+escapeLabel.Replace(labels[i+1])+`"`...)
	}
	if len(labels) > 0 {
		p.text = append(p.text, '}')
	}
	p.text = append(p.text, ' ')
	p.text = strconv.AppendFloat(p.text, value, 'g', -1, 64)
	p.text = append(p.text, '\n')
}

func (p *page) gauge(name, help string, value float64) {
	p.family(name, "gauge", help)
	p.series(name, value)
}

func (p *page) histogram(name string, h *histogram, labels ...string) {
	count := int64(0)
	for i, n := range h.buckets {
		count += n
		bound := "+Inf"
		if i < len(bounds) {
			bound = seconds(bounds[i])
		}
		p.series(name+"_bucket", float64(count), append(labels[:len(labels):len(labels)], "le", bound)...)
	}
	p.series(name+"_sum", h.sum.Seconds(), labels...)
	p.series(name+"_count", float64(count), labels...)
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'g', -1, 64) }

func (m *Metrics) writeStore(p *page) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p.family("onetouch_approval_requests_total", "counter",
		"Approval requests by what became of them, since this server was started.")
	for _, outcome := range []string{"asked", "approved", "denied", "expired"} {
		p.series("onetouch_approval_requests_total", float64(m.events[outcome]), "outcome", outcome)
	}
	p.family("onetouch_store_write_duration_seconds", "histogram", "How long transactions took, with the wait for those before.")
	p.histogram("onetouch_store_write_duration_seconds", &m.writes)
	p.family("onetouch_store_writes_failed_total", "counter", "Transactions that changed nothing: refused, or failed.")
	p.series("onetouch_store_writes_failed_total", float64(m.failed))
	p.family("onetouch_history_removed_total", "counter", "What was removed because it had ended long ago.")
	for _, of := range []struct {
		what   string
		number int
	}{
		{"approval_request", m.removed.Requests}, {"delivery", m.removed.Deliveries}, {"event", m.removed.Events},
		{"one_time_password", m.removed.Passwords}, {"phone_verification", m.removed.Verifications},
		{"activity", m.removed.Activities},
	} {
		p.series("onetouch_history_removed_total", float64(of.number), "what", of.what)
	}
}

func writeDeliveries(p *page, all []delivery.Counts) {
	for _, family := range []struct {
		name, help string
		value      func(delivery.Counts) int
	}{
		{"onetouch_deliveries_sent_total", "Deliveries that were taken.", func(c delivery.Counts) int { return c.Sent }},
		{"onetouch_delivery_attempts_failed_total", "Attempts to deliver that failed.",
			func(c delivery.Counts) int { return c.Failed }},
		{"onetouch_deliveries_given_up_total", "Deliveries that are tried no more.",
			func(c delivery.Counts) int { return c.GivenUp }},
	} {
		p.family(family.name, "counter", family.help)
		for _, c := range all {
			p.series(family.name, float64(family.value(c)), "kind", string(c.Kind))
		}
	}
	const attempts = "onetouch_delivery_attempt_duration_seconds"
	p.family(attempts, "histogram", "How long attempts to deliver took.")
	for _, c := range all {
		for _, bucket := range c.Took.Buckets {
			p.series(attempts+"_bucket", float64(bucket.Count), "kind", string(c.Kind), "le", seconds(bucket.UpTo))
		}
		p.series(attempts+"_bucket", float64(c.Took.Count), "kind", string(c.Kind), "le", "+Inf")
		p.series(attempts+"_sum", c.Took.Sum.Seconds(), "kind", string(c.Kind))
		p.series(attempts+"_count", float64(c.Took.Count), "kind", string(c.Kind))
	}
}

// writeProcess tells of the process, under the names that the client libraries of Prometheus have for it, where they have one.
func (m *Metrics) writeProcess(p *page) {
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	p.family("onetouch_build_info", "gauge", "The version that runs.")
	p.series("onetouch_build_info", 1, "version", m.version, "goversion", runtime.Version())
	p.gauge("go_goroutines", "Goroutines that there are.", float64(runtime.NumGoroutine()))
	p.gauge("go_memstats_alloc_bytes", "Bytes of memory in use.", float64(memory.HeapAlloc))
	p.gauge("go_memstats_sys_bytes", "Bytes of memory from the system.", float64(memory.Sys))
	p.gauge("go_memstats_heap_objects", "Objects in memory.", float64(memory.HeapObjects))
	p.family("go_memstats_alloc_bytes_total", "counter", "Bytes that were allocated, also those freed since.")
	p.series("go_memstats_alloc_bytes_total", float64(memory.TotalAlloc))
	p.family("go_gc_cycles_total", "counter", "Garbage collections.")
	p.series("go_gc_cycles_total", float64(memory.NumGC))
	p.gauge("process_start_time_seconds", "When the server was started, in seconds since 1970.", float64(m.began.UnixMilli())/1000)
}
