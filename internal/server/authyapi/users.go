package authyapi

import (
	"github.com/onetouchkit/onetouch/internal/authywire"
	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// addUser: POST users/new. send_install_link_via_sms is accepted; this service sends no texts yet.
func (a *API) addUser(c *call) (authywire.Object, error) {
	n := onetouch.NewUser{
		Email: c.text("user[email]"), Cellphone: c.text("user[cellphone]"), CountryCode: c.text("user[country_code]"),
	}
	user, err := a.service.AddUser(c.Context(), c.app.ID, n)
	if err != nil {
		return nil, err
	}
	return authywire.Object{
		{Name: "message", Value: "User created successfully."},
		{Name: "user", Value: authywire.Object{{Name: "id", Value: user.AuthyID}}},
	}, nil
}

// userStatus: GET users/{id}/status.
func (a *API) userStatus(c *call) (authywire.Object, error) {
	id, err := c.userID()
	if err != nil {
		return nil, err
	}
	user, err := a.service.UserStatus(c.Context(), c.app.ID, id)
	if err != nil {
		return nil, err
	}
	devices, detailed := authywire.Array{}, authywire.Array{}
	for _, device := range user.Devices {
		devices = append(devices, device.Platform)
		detailed = append(detailed, detailedDevice(device))
	}
	return authywire.Object{
		{Name: "status", Value: authywire.Object{
			{Name: "authy_id", Value: user.AuthyID},
			{Name: "confirmed", Value: len(user.Devices) > 0},
			{Name: "registered", Value: len(user.Devices) > 0},
			{Name: "country_code", Value: int64(user.CountryCode)},
			{Name: "phone_number", Value: authywire.MaskLastFour(user.Cellphone)},
			{Name: "email", Value: user.Email},
			{Name: "devices", Value: devices},
			{Name: "has_hard_token", Value: false},
			{Name: "account_disabled", Value: false},
			{Name: "detailed_devices", Value: detailed},
			{Name: "deleted_devices", Value: authywire.Array{}},
		}},
		{Name: "message", Value: "User status."},
	}, nil
}

// Source of the members: the fullest recording, in authy-ruby's specs.
func detailedDevice(d onetouch.Device) authywire.Object {
	return authywire.Object{
		{Name: "device_type", Value: "authy"},
		{Name: "os_type", Value: d.Platform},
		{Name: "registration_device_id", Value: nil},
		{Name: "registration_method", Value: authywire.RegistrationMethod},
		{Name: "device_id", Value: d.ID},
		{Name: "last_sync_date", Value: d.RegisteredAt.Unix()}, // as in [authywire.Device]
		{Name: "creation_date", Value: d.RegisteredAt.Unix()},
	}
}

// removeUser: POST users/{id}/delete, users/{id}/remove and users/delete/{id}.
func (a *API) removeUser(c *call) (authywire.Object, error) {
	id, err := c.userID()
	if err != nil {
		return nil, err
	}
	if err := a.service.RemoveUser(c.Context(), c.app.ID, id); err != nil {
		return nil, err
	}
	return authywire.Object{{Name: "message", Value: "User removed from application"}}, nil
}
