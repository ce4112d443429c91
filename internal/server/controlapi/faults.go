package controlapi

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/fault"
	"github.com/onetouchkit/onetouch/internal/server/problem"
)

// Fault says what goes wrong, and how: calls, pushes or callbacks; see [fault.Rule].
type Fault struct {
	ID          int64        `json:"id"`
	Match       string       `json:"match"`       // such as POST /onetouch/*; "" is every call of the Authy API
	Error       string       `json:"error"`       // error code of the Authy API
	Status      int          `json:"status"`      // HTTP; 0 in a new one: the code's own
	LatencyMS   int64        `json:"latency_ms"`  // before the call is begun with
	Reset       bool         `json:"reset"`       // the connection, without an answer
	Push        fault.Mishap `json:"push"`        // lost or doubled
	Callback    fault.Mishap `json:"callback"`    // lost, doubled, late or reordered
	DelayMS     int64        `json:"delay_ms"`    // of a callback that is late or reordered; 0 in a new one: 5000
	Probability float64      `json:"probability"` // of each to go wrong; 0 in a new one: 1
	Seed        int64        `json:"seed"`        // makes the same choices again; 0: as the server is seeded
	Times       int          `json:"times"`       // how many are still to go wrong; 0: all, until it is cleared
	Does        string       `json:"does"`        // in words; of no meaning in a new one
}

// Cleared says how many there were.
type Cleared struct {
	Cleared int `json:"cleared"`
}

// FaultOf is a rule as the control API tells it. Its lengths of time are rounded up to milliseconds, lest one become nothing.
func FaultOf(r fault.Rule) Fault {
	r.Latency, r.Delay = roundedUp(r.Latency), roundedUp(r.Delay)
	return Fault{
		ID: r.ID, Match: r.Match, Error: r.Error, Status: r.Status, LatencyMS: r.Latency.Milliseconds(), Reset: r.Reset,
		Push: r.Push, Callback: r.Callback, DelayMS: r.Delay.Milliseconds(), Probability: r.Probability, Seed: r.Seed,
		Times: r.Times, Does: r.String(),
	}
}

func roundedUp(length time.Duration) time.Duration {
	return (length + time.Millisecond - 1).Truncate(time.Millisecond)
}

func (f Fault) rule() (r fault.Rule, err error) {
	r = fault.Rule{
		Match: f.Match, Error: f.Error, Status: f.Status, Reset: f.Reset, Push: f.Push, Callback: f.Callback,
		Probability: f.Probability, Seed: f.Seed, Times: f.Times,
	}
	if r.Latency, err = span("latency", f.LatencyMS, fault.MostLatency); err != nil {
		return r, err
	}
	r.Delay, err = span("delay", f.DelayMS, fault.MostDelay)
	return r, err
}

// span is a length of time in milliseconds, of which some have no [time.Duration].
func span(name string, milliseconds int64, most time.Duration) (time.Duration, error) {
	if milliseconds < 0 || milliseconds > most.Milliseconds() {
		return 0, onetouch.InvalidParameter(name, fmt.Sprintf("must be from 0 to %s", most))
	}
	return time.Duration(milliseconds) * time.Millisecond, nil
}

func (a *API) listFaults(*http.Request) (any, error) {
	return each(a.Faults.List(), FaultOf), nil
}

func (a *API) addFault(r *http.Request) (any, error) {
	n, err := body[Fault](r)
	if err != nil {
		return nil, err
	}
	rule, err := n.rule()
	if err == nil {
		rule, err = a.Faults.Add(rule)
	}
	return FaultOf(rule), err
}

func (a *API) clearFaults(*http.Request) (any, error) {
	return Cleared{a.Faults.Clear()}, nil
}

func (a *API) removeFault(r *http.Request) (any, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || !a.Faults.Remove(id) {
		return nil, problem.New(problem.CodeFaultNotFound, "Fault not found: "+r.PathValue("id"))
	}
	return Cleared{1}, nil
}

// Faults lists the faults in force, in the order in which they were added.
func (c *Client) Faults(ctx context.Context) ([]Fault, error) {
	return read[[]Fault](ctx, c, "/faults", nil)
}

// AddFault puts a fault into force and returns it with its number. The ID of the new one counts for nothing.
func (c *Client) AddFault(ctx context.Context, n Fault) (Fault, error) {
	return write[Fault](ctx, c, http.MethodPost, "/faults", n)
}

// ClearFaults ends all faults and returns how many there were.
func (c *Client) ClearFaults(ctx context.Context) (int, error) {
	cleared, err := write[Cleared](ctx, c, http.MethodDelete, "/faults", nil)
	return cleared.Cleared, err
}

// RemoveFault ends one fault.
func (c *Client) RemoveFault(ctx context.Context, id int64) error {
	_, err := write[Cleared](ctx, c, http.MethodDelete, "/faults/"+strconv.FormatInt(id, 10), nil)
	return err
}
