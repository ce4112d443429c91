package controlapi

import (
	"context"
	"net/http"
)

// Account is what backends of the Verify API call with. The auth token is a secret.
type Account struct {
	SID       string `json:"sid"`
	AuthToken string `json:"auth_token"`
}

func (a *API) account(r *http.Request) (any, error) {
	account, err := a.service.Account(r.Context())
	return Account{SID: account.SID, AuthToken: account.AuthToken}, err
}

// Account returns the account of the server in the Verify API.
func (c *Client) Account(ctx context.Context) (Account, error) {
	return read[Account](ctx, c, "/account", nil)
}
