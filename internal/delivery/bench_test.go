package delivery_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/authywire"
	"github.com/onetouchkit/onetouch/internal/delivery"
	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// BenchmarkCallbacks sends a heap of callbacks that are owed, each signed and written down, beside as many bare posts of
// the same size with as many at once. "of-bare" is the worker's rate in terms of theirs.
func BenchmarkCallbacks(b *testing.B) {
	for name, database := range databases(b) {
		b.Run(name, func(b *testing.B) {
			const heap = 200
			arrived := make(chan struct{}, heap)
			backend := newSink(b, arrived)
			w := newWorldIn(b, database, backend.URL, "POST")
			body := bodyOf(b, w)
			var worker, bare time.Duration
			for b.Loop() {
				b.StopTimer()
				for range heap {
					w.approve(b)
				}
				b.StartTimer()
				worker += sendOwed(b, w, arrived, heap)
				bare += postBare(b, backend.URL, body, arrived, heap)
			}
			b.ReportMetric(float64(b.N*heap)/worker.Seconds(), "deliveries/s")
			b.ReportMetric(float64(b.N*heap)/bare.Seconds(), "bare-posts/s")
			b.ReportMetric(bare.Seconds()/worker.Seconds(), "of-bare")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkLatency is from the commit of an approval to the arrival of its callback while the worker is idle, beside a bare
// post from the call to its arrival.
func BenchmarkLatency(b *testing.B) {
	for name, database := range databases(b) {
		b.Run(name, func(b *testing.B) {
			arrived := make(chan struct{}, 1)
			backend := newSink(b, arrived)
			w := newWorldIn(b, database, backend.URL, "POST")
			body := bodyOf(b, w)
			transport := &http.Transport{}
			b.Cleanup(transport.CloseIdleConnections)
			w.run(b, delivery.Options{})
			var callback, bare time.Duration
			n := 0
			for b.Loop() {
				request := w.approve(b)
				committed := time.Now()
				<-arrived
				callback += time.Since(committed)
				w.wait(b, request, is(onetouch.DeliverySent))

				called := time.Now()
				done := make(chan struct{})
				go func() { defer close(done); post(b, transport, backend.URL, body) }()
				<-arrived
				bare += time.Since(called)
				<-done
				n++
			}
			b.ReportMetric(float64(callback.Microseconds())/float64(n), "callback-µs")
			b.ReportMetric(float64(bare.Microseconds())/float64(n), "bare-µs")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func databases(b *testing.B) map[string]string {
	b.Helper()
	return map[string]string{"memory": ":memory:", "file": filepath.Join(b.TempDir(), "server.db")}
}

// newSink is a receiver that takes everything and tells of each.
func newSink(b *testing.B, arrived chan<- struct{}) *httptest.Server {
	b.Helper()
	sink := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		arrived <- struct{}{}
	}))
	b.Cleanup(sink.Close)
	return sink
}

func bodyOf(b *testing.B, w *world) []byte {
	b.Helper()
	return authywire.AppendJSON(nil, authywire.Callback(onetouch.RequestRecord{
		Application: w.app, User: w.user, Request: w.ask(b), Device: w.device.Device,
	}))
}

// sendOwed runs a worker until all is sent and written down.
func sendOwed(b *testing.B, w *world, arrived <-chan struct{}, n int) time.Duration {
	b.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	worker := delivery.New(w.service, delivery.Options{})
	started := time.Now()
	var running sync.WaitGroup
	running.Go(func() {
		if err := worker.Run(ctx); err != nil {
			b.Error(err)
		}
	})
	for range n {
		<-arrived
	}
	cancel()
	running.Wait() // the last are written down
	took := time.Since(started)
	if due, later, err := w.service.OwedDeliveries(context.Background(), 0); due+later > 0 || err != nil {
		b.Fatalf("%d are still owed: %v", due+later, err)
	}
	return took
}

// postBare posts as often, with as many at once as the worker has for one receiver.
func postBare(b *testing.B, url string, body []byte, arrived <-chan struct{}, n int) time.Duration {
	b.Helper()
	const atOnce = 8
	transport := &http.Transport{MaxIdleConnsPerHost: atOnce}
	defer transport.CloseIdleConnections()
	started := time.Now()
	var posting sync.WaitGroup
	for range atOnce {
		posting.Go(func() {
			for range n / atOnce {
				post(b, transport, url, body)
			}
		})
	}
	for range n {
		<-arrived
	}
	posting.Wait()
	return time.Since(started)
}

func post(b *testing.B, transport *http.Transport, url string, body []byte) {
	b.Helper()
	r, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		b.Error(err)
		return
	}
	response, err := transport.RoundTrip(r)
	if err != nil {
		b.Error(err)
		return
	}
	_, _ = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
}
