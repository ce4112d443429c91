package controlapi

import (
	"context"
	"net/http"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// Fixed is an application, user or webhook that was to be there, and is.
type Fixed struct {
	Path    string          `json:"path"` // users[0], applications[1].webhooks[0]
	Outcome onetouch.Fixing `json:"outcome"`
	AppID   string          `json:"app_id"`
	AuthyID int64           `json:"authy_id"` // 0: it is no user
	Name    string          `json:"name"`     // the e-mail address of a user
}

func fixedOf(f onetouch.Fixed) Fixed { return Fixed(f) }

// fix: POST /fixtures, all of which are there then, or none.
func (a *API) fix(r *http.Request) (any, error) {
	fixtures, err := body[onetouch.Fixtures](r)
	if err != nil {
		return nil, err
	}
	fixed, err := a.service.Fix(r.Context(), fixtures)
	return each(fixed, fixedOf), err
}

// Fix makes the fixtures be there, all of them or none. See [onetouch.Service.Fix].
func (c *Client) Fix(ctx context.Context, f onetouch.Fixtures) ([]Fixed, error) {
	return write[[]Fixed](ctx, c, http.MethodPost, "/fixtures", f)
}
