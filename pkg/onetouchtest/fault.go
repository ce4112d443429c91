package onetouchtest

import (
	"time"

	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/server/fault"
)

// Fault is something that goes wrong on purpose: calls, pushes or callbacks.
type Fault struct {
	// Of calls. Match chooses them by method and path, where * is any text, such as "POST /onetouch/*"; "" is every call of
	// the Authy API.
	Match     string
	ErrorCode string        // of the Authy API, to answer with, such as "60050"
	Status    int           // HTTP; 0 is the error code's own
	Latency   time.Duration // before the call is begun with
	Reset     bool          // of the connection, without an answer

	Push     string        // lost or doubled
	Callback string        // lost, doubled, late or reordered
	Delay    time.Duration // of a callback that is late or reordered, by the server's clock; 0 is five seconds

	Probability float64 // of each to go wrong, above 0 and at most 1; 0 is 1
	Seed        int64   // makes the same choices again
	Times       int     // how many go wrong; 0 is all, until [Server.ClearFaults]
}

// AddFault has things go wrong from now on.
func (s *Server) AddFault(f Fault) {
	s.t.Helper()
	_, err := s.control.AddFault(s.life, controlapi.Fault{
		Match: f.Match, Error: f.ErrorCode, Status: f.Status, LatencyMS: f.Latency.Milliseconds(), Reset: f.Reset,
		Push: fault.Mishap(f.Push), Callback: fault.Mishap(f.Callback), DelayMS: f.Delay.Milliseconds(),
		Probability: f.Probability, Seed: f.Seed, Times: f.Times,
	})
	if err != nil {
		s.t.Fatalf("onetouchtest: AddFault: %v", err)
	}
}

// ClearFaults ends all faults.
func (s *Server) ClearFaults() {
	s.t.Helper()
	if _, err := s.control.ClearFaults(s.life); err != nil {
		s.t.Fatalf("onetouchtest: ClearFaults: %v", err)
	}
}
