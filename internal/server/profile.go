package server

import (
	"net/http"
	"net/netip"
	"runtime/pprof"
	"runtime/trace"
	"time"

	"github.com/onetouchkit/onetouch/internal/server/problem"
	"github.com/onetouchkit/onetouch/internal/server/wire"
)

// Lengths of what is recorded for a while, in seconds.
const (
	usualRecording   = 30
	longestRecording = 300
)

// profile: GET /debug/pprof/{profile}?seconds=N, a profile for 'go tool pprof', or a trace for 'go tool trace'. Only callers on
// the server's own machine get one: it shows how the server is built, and what goes on in it.
func (s *Server) profile(w http.ResponseWriter, r *http.Request) {
	if remote, err := netip.ParseAddrPort(r.RemoteAddr); err != nil || !remote.Addr().Unmap().IsLoopback() {
		s.families.Refuse(w, r, problem.New(problem.CodeNotAuthorised, "Profiles are for callers on the server's own machine only."))
		return
	}
	name, q := r.PathValue("profile"), wire.ReadQuery(r)
	length := time.Duration(q.Number("seconds", usualRecording, 1, longestRecording)) * time.Second
	if err := q.Err(); err != nil {
		s.families.Refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Cache-Control", "no-store")
	var err error
	switch found := pprof.Lookup(name); {
	case name == "profile":
		if err = pprof.StartCPUProfile(w); err == nil {
			s.record(r, length)
			pprof.StopCPUProfile()
		}
	case name == "trace":
		if err = trace.Start(w); err == nil {
			s.record(r, length)
			trace.Stop()
		}
	case found != nil:
		err = found.WriteTo(w, 0)
	default:
		err = problem.New(problem.CodeNotFound, "There is no profile "+wire.Shown(name)+".")
	}
	if err != nil {
		w.Header().Del("Content-Type")
		s.families.Refuse(w, r, err)
	}
}

// record lets time go by, unless the caller or the server goes.
func (s *Server) record(r *http.Request, length time.Duration) {
	over := time.NewTimer(length)
	defer over.Stop()
	select {
	case <-over.C:
	case <-r.Context().Done():
	case <-s.stopping:
	}
}
