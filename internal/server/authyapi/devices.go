package authyapi

import (
	"github.com/onetouchkit/onetouch/internal/authywire"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/problem"
)

// startRegistration: POST sdk/registrations. Only registration_token is on record of the answer.
func (a *API) startRegistration(c *call) (authywire.Object, error) {
	id, isNumber := number(c.text("authy_id"))
	if !isNumber {
		return nil, errUserNotFound()
	}
	token, err := a.service.StartRegistration(c.Context(), c.app.ID, id)
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
	id, isNumber := number(c.PathValue("id"))
	if !isNumber {
		return nil, problem.New(onetouch.CodeDeviceNotFound, "Device not found.")
	}
	if err := a.service.RemoveDevice(c.Context(), c.app.ID, id); err != nil {
		return nil, err
	}
	return authywire.Object{{Name: "message", Value: "Device was removed."}}, nil
}
