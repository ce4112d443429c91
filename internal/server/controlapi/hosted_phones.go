package controlapi

import (
	"context"
	"net/http"
)

// HostedPhones are the phones that the server's process runs by itself.
type HostedPhones struct {
	DeviceUUIDs []string `json:"device_uuids"`
}

// refreshHostedPhones: POST /hosted_phones, by who has changed which phones there are to run, or how they answer.
func (a *API) refreshHostedPhones(r *http.Request) (any, error) {
	if a.Phones == nil {
		return HostedPhones{DeviceUUIDs: []string{}}, nil
	}
	uuids, err := a.Phones.Refresh(r.Context())
	return HostedPhones{DeviceUUIDs: append([]string{}, uuids...)}, err
}

// RefreshHostedPhones has the server look which phones it is to run, and returns those that run then.
func (c *Client) RefreshHostedPhones(ctx context.Context) (HostedPhones, error) {
	return write[HostedPhones](ctx, c, http.MethodPost, "/hosted_phones", nil)
}
