package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/phonetest"
	"github.com/onetouchkit/onetouch/internal/server"
)

// fetch makes a call with a bearer token.
func fetch(t *testing.T, method, url, token string) (status int, kind string, body []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("X-Authy-API-Key", apiKey)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if body, err = io.ReadAll(response.Body); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header.Get("Content-Type"), body
}

// scrape reads the metrics as Prometheus does.
func scrape(t *testing.T, url string) (map[string]*dto.MetricFamily, string) {
	t.Helper()
	status, kind, body := fetch(t, http.MethodGet, url+"/metrics", controlToken)
	if status != http.StatusOK || kind != "text/plain; version=0.0.4; charset=utf-8" {
		t.Fatalf("answered %d %s: %s", status, kind, body)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(body))
	if err != nil {
		t.Fatalf("%v in\n%s", err, body)
	}
	return families, string(body)
}

// value is the value of the series of a family that has all these labels, each name=value; -1: there is none.
func value(family *dto.MetricFamily, labels ...string) float64 {
	for _, m := range family.GetMetric() {
		has := map[string]bool{}
		for _, l := range m.GetLabel() {
			has[l.GetName()+"="+l.GetValue()] = true
		}
		all := true
		for _, l := range labels {
			all = all && has[l]
		}
		switch {
		case !all:
		case m.Counter != nil:
			return m.GetCounter().GetValue()
		case m.Gauge != nil:
			return m.GetGauge().GetValue()
		default:
			return float64(m.GetHistogram().GetSampleCount())
		}
	}
	return -1
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{Database: ":memory:"})
	user, err := s.Service().AddUser(t.Context(), s.Application().ID, onetouch.NewUser{Email: "a@b.co", Cellphone: "202-555-0158"})
	if err != nil {
		t.Fatal(err)
	}
	phone, err := phonetest.RegisterFor(t.Context(), s.Service(), user)
	if err != nil {
		t.Fatal(err)
	}
	for _, status := range []onetouch.Status{onetouch.StatusApproved, onetouch.StatusDenied, onetouch.StatusDenied, ""} {
		r, err := s.Service().CreateApprovalRequest(t.Context(), s.Application(), user.AuthyID, onetouch.NewApprovalRequest{Message: "?"})
		if err != nil {
			t.Fatal(err)
		}
		if status != "" {
			if _, err := phone.Answer(t.Context(), s.Service(), r, status, ""); err != nil {
				t.Fatal(err)
			}
		}
	}
	const status = "/protected/json/users/%d/status"
	fetch(t, http.MethodGet, s.url+fmt.Sprintf(status, user.AuthyID), "")
	fetch(t, http.MethodHead, s.url+fmt.Sprintf(status, user.AuthyID), "")
	fetch(t, http.MethodGet, s.url+fmt.Sprintf(status, 999999), "")
	families, text := scrape(t, s.url)
	route := "route=/protected/{format}/users/{id}/status"
	for _, want := range []struct {
		family string
		labels []string
		value  float64
	}{
		{"onetouch_http_requests_total", []string{"method=GET", route, "status=200"}, 2},
		{"onetouch_http_requests_total", []string{"method=GET", route, "status=404"}, 1},
		{"onetouch_http_request_duration_seconds", []string{"method=GET", route}, 3},
		{"onetouch_approval_requests_total", []string{"outcome=asked"}, 4},
		{"onetouch_approval_requests_total", []string{"outcome=approved"}, 1},
		{"onetouch_approval_requests_total", []string{"outcome=denied"}, 2},
		{"onetouch_approval_requests_total", []string{"outcome=expired"}, 0},
		{"onetouch_approval_requests_pending", nil, 1},
		{"onetouch_users", nil, 1},
		{"onetouch_devices", nil, 1},
		{"onetouch_deliveries_sent_total", []string{"kind=push"}, 0},
		{"onetouch_delivery_attempt_duration_seconds", []string{"kind=callback"}, 0},
		{"onetouch_build_info", []string{"version=test"}, 1},
	} {
		if got := value(families[want.family], want.labels...); got != want.value {
			t.Errorf("%s%v is %v, want %v in\n%s", want.family, want.labels, got, want.value, text)
		}
	}
	for _, name := range []string{"onetouch_store_write_duration_seconds", "go_goroutines", "go_memstats_alloc_bytes", "process_start_time_seconds"} {
		if value(families[name]) <= 0 {
			t.Errorf("%s is not told", name)
		}
	}
}

// The page about watching over a server has a row for each metric.
func TestMetricsAreDocumented(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/observability.md")
	if err != nil {
		t.Fatal(err)
	}
	families, _ := scrape(t, run(t, server.Options{Database: ":memory:"}).url)
	for name := range families {
		if strings.HasPrefix(name, "go_memstats_") {
			name = "go_memstats_…"
		}
		if !strings.Contains(string(page), "`"+name+"`") {
			t.Errorf("docs/observability.md does not have %s", name)
		}
	}
	if len(families) < 15 {
		t.Errorf("only %d metrics are told", len(families))
	}
}

// Whatever is called, by whatever method: there are no more series for it.
func TestMetricsAreBounded(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{Database: ":memory:"})
	fetch(t, http.MethodGet, s.url+"/nowhere", "")
	fetch(t, http.MethodGet, s.url+"/protected/json/users/1/status", "")
	scrape(t, s.url) // counts itself
	_, before := scrape(t, s.url)
	for i := range 50 {
		fetch(t, fmt.Sprintf("METHOD%d", i), s.url+fmt.Sprintf("/protected/json/verify/%07d/\"%d", i, i), "secret")
		fetch(t, http.MethodGet, s.url+fmt.Sprintf("/nowhere/%d", i), "secret")
		fetch(t, http.MethodGet, s.url+fmt.Sprintf("/protected/json/users/%d/status", i), "secret")
	}
	_, after := scrape(t, s.url)
	lines := func(text string) int { return strings.Count(text, "\n") }
	if more := lines(after) - lines(before); more > 1 { // a method that no route has is answered otherwise than an unknown path
		t.Errorf("%d lines more:\n%s", more, after)
	}
	for _, never := range []string{apiKey, controlToken, "secret", "METHOD", "/nowhere"} {
		if strings.Contains(after, never) {
			t.Errorf("it tells %q", never)
		}
	}
}

// An open stream is counted as one until it ends, and its length is no latency.
func TestMetricsOfStreams(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{Database: ":memory:"})
	ctx, hangUp := context.WithCancel(t.Context())
	defer hangUp()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/control/v1/events?follow=true", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+controlToken)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	families, text := scrape(t, s.url)
	route := "route=/control/v1/events"
	if open := value(families["onetouch_streams_open"], route); open != 1 {
		t.Errorf("%v streams are open:\n%s", open, text)
	}
	hangUp()
	for value(families["onetouch_streams_open"], route) > 0 { // each look is a call, which takes its time
		if families, text = scrape(t, s.url); t.Context().Err() != nil {
			t.Fatalf("the stream stays open:\n%s", text)
		}
	}
	if took := value(families["onetouch_http_request_duration_seconds"], route); took != 0 {
		t.Errorf("%v lengths of streams are latencies", took)
	}
}

func TestProfiles(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{Database: ":memory:"})
	for target, want := range map[string]int{
		"heap": 200, "goroutine": 200, "profile?seconds=0": 400, "profile?seconds=301": 400, "cmdline": 404, "x": 404,
	} {
		status, kind, body := fetch(t, http.MethodGet, s.url+"/debug/pprof/"+target, controlToken)
		isProfile := bytes.HasPrefix(body, []byte("\x1f\x8b")) && kind == "application/octet-stream"
		if status != want || isProfile != (want == http.StatusOK) {
			t.Errorf("%s: %d %s %.100q", target, status, kind, body)
		}
	}
	onNetwork := run(t, server.Options{Database: ":memory:", LocalControl: true})
	if status, _, _ := fetch(t, http.MethodGet, onNetwork.url+"/debug/pprof/heap", controlToken); status != http.StatusNotFound {
		t.Errorf("a server of the network answers %d", status)
	}
}

// lockedBuffer is a log that is read while it is written.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) lines() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Split(strings.TrimSpace(b.text.String()), "\n")
}

// The log of calls has a line of JSON for each, with nothing secret in it; only at the level of debug.
func TestLogOfCalls(t *testing.T) {
	t.Parallel()
	for level, want := range map[slog.Level]bool{slog.LevelDebug: true, slog.LevelInfo: false} {
		log := &lockedBuffer{}
		s := run(t, server.Options{
			Database: ":memory:", Logger: slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: level})),
		})
		fetch(t, http.MethodGet, s.url+"/protected/json/verify/1234567/1?api_key=secret-key", controlToken)
		fetch(t, http.MethodGet, s.url+"/protected/json/verfy/1234567/1", "secret-token")
		fetch(t, http.MethodGet, s.url+"/control/v1/server", controlToken)
		if err := s.stop(); err != nil {
			t.Fatal(err)
		}
		calls := 0
		for _, line := range log.lines() {
			var entry struct {
				Msg, Method, Route string
				Status             int
				Took               int64
			}
			if line == "" {
				continue
			}
			if err := json.Unmarshal([]byte(line), &entry); err != nil {
				t.Errorf("%v in %s", err, line)
			}
			if entry.Msg == "call" && entry.Status >= 200 && entry.Took > 0 {
				calls++
			}
			for _, never := range []string{apiKey, controlToken, "secret", "1234567"} {
				if strings.Contains(line, never) {
					t.Errorf("the log has %q: %s", never, line)
				}
			}
		}
		if (calls == 3) != want || !want && calls > 0 {
			t.Errorf("at level %s there are %d calls: %v", level, calls, log.lines())
		}
	}
}
