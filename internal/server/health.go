package server

import (
	"net/http"

	"github.com/onetouchkit/onetouch/internal/server/route"
	"github.com/onetouchkit/onetouch/internal/server/wire"
)

// healthRoutes are for scripts and orchestrators: /healthz says that the process answers, /readyz that it can work.
func (s *Server) healthRoutes() []route.Route {
	return []route.Route{
		{Method: http.MethodGet, Path: "/healthz", Access: route.Public, Handle: func(w http.ResponseWriter, _ *http.Request) {
			answerHealth(w, http.StatusOK, "ok")
		}},
		{Method: http.MethodGet, Path: "/readyz", Access: route.Public, Handle: s.ready},
	}
}

func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	select {
	case <-s.stopping:
		answerHealth(w, http.StatusServiceUnavailable, "stopping")
		return
	default:
	}
	if _, err := s.service.LastEvent(r.Context()); err != nil {
		s.log.Error("not ready", "error", err)
		answerHealth(w, http.StatusServiceUnavailable, "the database does not answer")
		return
	}
	if err := s.writes.check(r.Context()); err != nil {
		s.log.Error("not ready", "error", err)
		answerHealth(w, http.StatusServiceUnavailable, "the database cannot be written")
		return
	}
	answerHealth(w, http.StatusOK, "ready")
}

func answerHealth(w http.ResponseWriter, status int, state string) {
	wire.JSON(w, status, struct {
		Status string `json:"status"`
	}{state})
}
