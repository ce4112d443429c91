package controlapi

import (
	"context"
	"net/http"
	"net/url"

	"github.com/onetouchkit/onetouch/pkg/evidence"
)

func (a *API) evidence(r *http.Request) (any, error) {
	return a.service.Evidence(r.Context(), r.PathValue("uuid"))
}

// Evidence is all that it takes to check the answer to a request later, without the server.
func (c *Client) Evidence(ctx context.Context, uuid string) (*evidence.Record, error) {
	return read[*evidence.Record](ctx, c, "/approval_requests/"+url.PathEscape(uuid)+"/evidence", nil)
}
