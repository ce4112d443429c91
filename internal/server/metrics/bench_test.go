package metrics_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/onetouchkit/onetouch/internal/server/metrics"
	"github.com/onetouchkit/onetouch/internal/server/route"
)

// BenchmarkCall is what counting costs of the cheapest call there is. A call that a store has a part in takes hundred times as long.
func BenchmarkCall(b *testing.B) {
	table := route.Handler(route.Family{Routes: []route.Route{{
		Method: http.MethodGet, Path: "/healthz/{id}", Access: route.Public, Handle: func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusNoContent)
		},
	}}})
	for name, handler := range map[string]http.Handler{"plain": table, "counted": metrics.New("test").Around(table, nil)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/healthz/1", http.NoBody)
			for b.Loop() {
				handler.ServeHTTP(httptest.NewRecorder(), r)
			}
		})
	}
}
