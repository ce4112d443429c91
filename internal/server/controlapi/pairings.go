package controlapi

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// NewPairing says whose phone is to be paired.
type NewPairing struct {
	AppID   string `json:"app_id"`
	AuthyID int64  `json:"authy_id"`
}

// Pairing is a link that makes a phone's browser a device.
type Pairing struct {
	ID        string                     `json:"id"`
	Token     string                     `json:"token,omitempty"` // known when the pairing is made, and never again
	State     onetouch.RegistrationState `json:"state"`
	AppID     string                     `json:"app_id"`
	AuthyID   int64                      `json:"authy_id"`
	DeviceID  *int64                     `json:"device_id"` // null: none has registered
	ExpiresAt time.Time                  `json:"expires_at"`
}

func (a *API) pairingOf(p onetouch.Pairing) Pairing {
	r := p.Registration
	return Pairing{
		ID: p.ID, Token: p.Token, State: r.State(a.service.Clock().Now()), AppID: r.AppID, AuthyID: r.AuthyID,
		DeviceID: numberOrNull(r.DeviceID), ExpiresAt: r.ExpiresAt,
	}
}

func (a *API) startPairing(r *http.Request) (any, error) {
	n, err := body[NewPairing](r)
	if err != nil {
		return nil, err
	}
	pairing, err := a.service.StartPairing(r.Context(), n.AppID, n.AuthyID)
	return a.pairingOf(pairing), err
}

func (a *API) pairing(r *http.Request) (any, error) {
	pairing, err := a.service.Pairing(r.Context(), r.PathValue("id"))
	return a.pairingOf(pairing), err
}

// StartPairing makes a link for a phone of the user.
func (c *Client) StartPairing(ctx context.Context, n NewPairing) (Pairing, error) {
	return write[Pairing](ctx, c, http.MethodPost, "/pairings", n)
}

// Pairing says what became of a link.
func (c *Client) Pairing(ctx context.Context, id string) (Pairing, error) {
	return read[Pairing](ctx, c, "/pairings/"+url.PathEscape(id), nil)
}
