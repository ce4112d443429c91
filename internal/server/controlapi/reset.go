package controlapi

import (
	"context"
	"net/http"
)

// Reset says what is to be removed.
type Reset struct {
	All bool `json:"all"` // applications too: there is a new one then
}

// reset: POST /reset, which ends all faults too.
func (a *API) reset(r *http.Request) (any, error) {
	n, err := body[Reset](r)
	if err != nil {
		return nil, err
	}
	if err := a.service.Reset(r.Context(), n.All, a.Application); err != nil {
		return nil, err
	}
	a.Faults.Forget()
	return a.server(r)
}

// Reset has the server begin anew, and describes it as it is then. See [onetouch.Service.Reset].
func (c *Client) Reset(ctx context.Context, n Reset) (Server, error) {
	return write[Server](ctx, c, http.MethodPost, "/reset", n)
}
