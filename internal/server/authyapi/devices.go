package authyapi

import (
	"github.com/onetouchkit/onetouch/internal/authywire"
)

func deviceEndpoints() []Endpoint {
	return []Endpoint{
		{
			Method: "POST", Path: "/protected/{format}/sdk/registrations",
			Does:       "starts the registration of a device: its token is for the app",
			Parameters: []Parameter{required(text("authy_id", "the user"))},
			Source:     "SDK sample backends", Ours: "the message", handle: (*API).startRegistration,
		},
		{
			Method: "GET", Path: "/protected/{format}/registrations/status",
			Does:       "says what became of the newest registration of a user",
			Parameters: []Parameter{required(text("custom_user_id", "the Authy ID: there are no other names of users here"))},
			Source:     "authy-python, which sends it", Ours: "the whole answer", handle: (*API).registrationStatus,
		},
		{
			Method: "DELETE", Path: "/protected/{format}/sdk/devices/{id}", Does: "takes a device from its user",
			Source: "Authy-API-Samples", Ours: "the message", handle: (*API).removeDevice,
		},
	}
}

// startRegistration: POST sdk/registrations. Only registration_token is on record of the answer.
func (a *API) startRegistration(c *call) (authywire.Object, error) {
	token, err := a.phones.StartRegistration(c.Context(), c.app.ID, number(c.text("authy_id")))
	if err != nil {
		return nil, err
	}
	return authywire.Object{
		{Name: "registration_token", Value: token},
		{Name: "message", Value: "Registration token was created."},
	}, nil
}

// removeDevice: DELETE sdk/devices/{id}.
func (a *API) removeDevice(c *call) (authywire.Object, error) {
	if err := a.phones.RemoveDevice(c.Context(), c.app.ID, number(c.PathValue("id"))); err != nil {
		return nil, err
	}
	return said("Device was removed."), nil
}

// registrationStatus: GET registrations/status. Nothing of the answer is on record.
func (a *API) registrationStatus(c *call) (authywire.Object, error) {
	registration, err := a.service.LatestRegistration(c.Context(), c.app.ID, number(c.text("custom_user_id")))
	if err != nil {
		return nil, err
	}
	return authywire.Object{
		{Name: "registration", Value: authywire.Object{
			{Name: "authy_id", Value: registration.AuthyID},
			{Name: "status", Value: string(registration.State(a.service.Clock().Now()))},
			{Name: "created_at", Value: wireTime(registration.CreatedAt)},
			{Name: "expires_at", Value: wireTime(registration.ExpiresAt)},
		}},
		{Name: "message", Value: "Registration status."},
	}, nil
}
