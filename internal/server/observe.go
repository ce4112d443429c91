package server

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"

	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/server/metrics"
	"github.com/onetouchkit/onetouch/internal/server/route"
	"github.com/onetouchkit/onetouch/internal/server/wire"
)

// operatorAPI is the control API, with what is for whoever watches over the server.
func (s *Server) operatorAPI(o controlapi.Options) route.Family {
	family := controlapi.New(s.service, o).Family()
	family.Routes = append(family.Routes, s.observation(family)...)
	return family
}

// observation is for whoever watches over the server, with the control token. Its paths are those that people expect, so it is
// beside the control API, in whose shape it refuses.
func (s *Server) observation(control route.Family) []route.Route {
	routes := []route.Route{{Method: http.MethodGet, Path: "/metrics", Access: route.Operator, Handle: s.tellMetrics}}
	if !s.options.LocalControl { // a server of other people's phones tells nobody what is in its memory
		routes = append(routes, route.Route{
			Method: http.MethodGet, Path: "/debug/pprof/{profile}", Access: route.Operator, Handle: s.profile,
		})
	}
	for i := range routes {
		routes[i].Refuse = control.Refuse
	}
	return routes
}

// tellMetrics: GET /metrics, in the text format of Prometheus.
func (s *Server) tellMetrics(w http.ResponseWriter, r *http.Request) {
	seen := metrics.Seen{Deliveries: s.worker.Metrics().Counts()}
	var err error
	seen.Standing, err = s.service.Standing(r.Context(), "")
	if err != nil {
		s.families.Refuse(w, r, err)
		return
	}
	var page bytes.Buffer
	_ = s.metrics.Write(&page, seen) // a buffer takes everything
	w.Header().Set("Content-Type", metrics.ContentType)
	wire.Bytes(w, http.StatusOK, page.Bytes())
}

// logCall writes a call to the log, with its route in place of its path, which can have a code or a token in it. nil: calls are
// not logged.
func (s *Server) logCall() func(*http.Request, metrics.Call) {
	if !s.log.Enabled(context.Background(), slog.LevelDebug) {
		return nil
	}
	return func(r *http.Request, c metrics.Call) {
		s.log.LogAttrs(r.Context(), slog.LevelDebug, "call", slog.String("method", c.Method), slog.String("route", c.Route),
			slog.Int("status", c.Status), slog.Duration("took", c.Took))
	}
}
