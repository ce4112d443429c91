package controlapi

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// Authenticator is the secret of a user's authenticator app.
type Authenticator struct {
	AuthyID int64  `json:"authy_id"`
	Issuer  string `json:"issuer"`
	Label   string `json:"label"`
	Secret  string `json:"secret"` // base32
	URI     string `json:"uri"`    // otpauth://totp/…
}

func (a *API) authenticator(r *http.Request) (any, error) {
	authyID, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return nil, onetouch.InvalidParameter("id", "must be an Authy ID")
	}
	p, err := a.service.UserAuthenticator(r.Context(), authyID)
	if err != nil {
		return nil, err
	}
	return Authenticator{AuthyID: authyID, Issuer: p.Issuer, Label: p.Label, Secret: p.SecretText(), URI: p.URI()}, nil
}

// Authenticator is the secret that a user's authenticator app has. A user who has none is
// [onetouch.CodeAuthenticatorNotFound]: only a backend's call makes one.
func (c *Client) Authenticator(ctx context.Context, authyID int64) (Authenticator, error) {
	return read[Authenticator](ctx, c, fmt.Sprintf("/users/%d/authenticator", authyID), nil)
}
