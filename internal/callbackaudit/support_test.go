package callbackaudit_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/callbackaudit"
	"github.com/onetouchkit/onetouch/pkg/callback"
)

const apiKey = "the key of the application"

// bank is a backend: it pays for each approval that its handler takes.
type bank struct {
	mu     sync.Mutex
	status map[string]string // by UUID
	paid   map[string]int
	asked  map[string]bool // the requests that it has made; nil: it takes all for its own
	once   bool            // whether the first answer holds, and is acted on once
}

func newBank(once bool) *bank {
	return &bank{status: map[string]string{}, paid: map[string]int{}, once: once}
}

// take acts on an answer.
func (b *bank) take(uuid, status string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.asked != nil && !b.asked[uuid] || b.once && b.status[uuid] != "" {
		return
	}
	b.status[uuid] = status
	if status == "approved" {
		b.paid[uuid]++
	}
}

// probe says what the bank believes.
func (b *bank) probe(_ context.Context, m callbackaudit.Moment) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return fmt.Sprintf("%s: %q, paid %d times", m.UUID, b.status[m.UUID], b.paid[m.UUID]), nil
}

// ask makes a request.
func (b *bank) ask(context.Context, callbackaudit.Moment) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.asked == nil {
		b.asked = map[string]bool{}
	}
	uuid := fmt.Sprintf("00000000-0000-4000-8000-%012d", len(b.asked))
	b.asked[uuid] = true
	return uuid, nil
}

// readTime bounds the time for a request to handlers that have a bound.
const readTime = time.Second

// serve runs a handler, made for the URL that it gets; with a bound on the time for a request, or without.
func serve(t *testing.T, bounded bool, handler func(url string) http.Handler) string {
	t.Helper()
	s := httptest.NewUnstartedServer(nil)
	if bounded {
		s.Config.ReadTimeout = readTime
	}
	url := "http://" + s.Listener.Addr().String() + "/callback"
	s.Config.Handler = handler(url)
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	s.Start()
	t.Cleanup(s.Close)
	return url
}

// verifying is a handler that verifies, as set up by adjust.
func verifying(b *bank, adjust func(*callback.Verifier)) func(url string) http.Handler {
	return func(url string) http.Handler {
		v := &callback.Verifier{APIKey: apiKey, URL: url, Method: "POST", Logger: slog.New(slog.DiscardHandler)}
		if adjust != nil {
			adjust(v)
		}
		return callback.Handler(v, func(_ context.Context, c *callback.Callback) error {
			b.take(c.UUID, string(c.Status))
			return nil
		})
	}
}

// trusting is a handler that verifies nothing.
func trusting(b *bank) func(url string) http.Handler {
	return func(string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer := struct{ UUID, Status string }{r.URL.Query().Get("uuid"), r.URL.Query().Get("status")}
			if r.Method == http.MethodPost {
				answer.UUID, answer.Status = "", ""
				if err := json.NewDecoder(r.Body).Decode(&answer); err != nil {
					http.Error(w, "not JSON", http.StatusBadRequest)
					return
				}
			}
			b.take(answer.UUID, answer.Status)
		})
	}
}

// options are those of all audits here. The huge body is larger than what connections of this machine hold.
func options(url string) callbackaudit.Options {
	return callbackaudit.Options{URL: url, APIKey: apiKey, Timeout: patience, HugeBody: 16 << 20}
}

func audit(t *testing.T, o callbackaudit.Options) callbackaudit.Report {
	t.Helper()
	report, err := callbackaudit.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// having lists the cases with a verdict.
func having(report callbackaudit.Report, verdict callbackaudit.Verdict) []string {
	names := []string{}
	for _, result := range report.Results {
		if result.Verdict == verdict {
			names = append(names, result.Case)
		}
	}
	return names
}

func check(t *testing.T, report callbackaudit.Report, verdict callbackaudit.Verdict, want ...string) {
	t.Helper()
	if got := having(report, verdict); !slices.Equal(got, append([]string{}, want...)) {
		t.Errorf("%s: got %v, want %v", verdict, got, want)
		for _, result := range report.Results {
			t.Logf("%s: %s %s: %s %+v", result.Case, result.Verdict, result.Severity, result.Did, result.Sent)
		}
	}
}
