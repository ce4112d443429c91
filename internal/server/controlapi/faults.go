package controlapi

import (
	"context"
	"net/http"
	"strconv"

	"github.com/onetouchkit/onetouch/internal/server/fault"
	"github.com/onetouchkit/onetouch/internal/server/problem"
)

// Fault says which calls of the Authy API go wrong, and how; see [fault.Rule].
type Fault struct {
	ID     int64  `json:"id"`
	Match  string `json:"match"`  // such as POST /onetouch/*; "" is every call
	Error  string `json:"error"`  // error code of the Authy API
	Status int    `json:"status"` // HTTP; 0 in a new one: the code's own
	Times  int    `json:"times"`  // calls that are still to go wrong; 0: all, until it is cleared
}

// Cleared says how many there were.
type Cleared struct {
	Cleared int `json:"cleared"`
}

func faultOf(r fault.Rule) Fault { return Fault(r) }

func (a *API) listFaults(*http.Request) (any, error) {
	return each(a.Faults.List(), faultOf), nil
}

func (a *API) addFault(r *http.Request) (any, error) {
	n, err := body[Fault](r)
	if err != nil {
		return nil, err
	}
	rule, err := a.Faults.Add(fault.Rule(n))
	return faultOf(rule), err
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
