package authyapi

import (
	"github.com/onetouchkit/onetouch/internal/authywire"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/route"
)

// userIP is what some clients tell of the user's address.
func userIP() Parameter { return text("user_ip", "the user's IP address; accepted and not used") }

func userEndpoints() []Endpoint {
	return []Endpoint{
		{
			Method: "POST", Path: "/protected/{format}/users/new", Does: "adds a user, or finds the one with that phone number",
			Parameters: append(refused(onetouch.UserNotValid,
				text("user[email]", "e-mail address"),
				text("user[cellphone]", "digits with any punctuation, without the country code"),
				text("user[country_code]", "digits, with or without +; default 1"),
			), boolean("send_install_link_via_sms", "texts a new user where to get the app; default true"),
				boolean("user[send_install_link_via_sms]", "the same, as authy-php sends it"),
			),
			Source: "authy-ruby, npm authy, authy-php, authy-python, authy-java, authy-client",
			handle: (*API).addUser,
		},
		{
			Method: "GET", Path: "/protected/{format}/users/{id}/status", Does: "says what is known of a user",
			Parameters: []Parameter{userIP()}, Source: "authy-ruby (fullest), go-authy, authy-java, authy-rs, authy-client",
			handle: (*API).userStatus,
		},
		removal("/protected/{format}/users/{id}/delete", "authy-python, Authy-API-Samples, authy-rs"),
		removal("/protected/{format}/users/{id}/remove", "authy-client, authy-php"),
		removal("/protected/{format}/users/delete/{id}", "authy-ruby, npm authy, authy-java"),
		{
			Method: "POST", Path: "/protected/{format}/users/{id}/update", Does: "changes a user's e-mail address",
			Parameters: refused(func(string) error { return onetouch.EmailInvalid() }, required(text("email", "the new address"))),
			Source:     "authy-ruby", handle: (*API).updateUser,
		},
		{
			Method: "POST", Path: "/protected/{format}/users/{id}/register_activity", Does: "tells of something that a user did",
			Parameters: []Parameter{
				required(text("type", "password_reset, banned, unbanned or cookie_login")),
				names("data", "whatever the backend wants to keep with it"),
				text("user_ip", "the user's IP address"), text("ip", "the same, as older clients send it"),
			},
			Source: "authy-client (checks the message), authy-rs", handle: (*API).registerActivity,
		},
		{
			Method: "POST", Path: "/protected/{format}/users/{id}/secret", Does: "sets up an authenticator app by a QR code",
			Parameters: []Parameter{
				text("label", "the account as the app shows it; default the e-mail address"),
				integer("qr_size", "width and height of the picture in pixels, at most 1000; default 300"),
			},
			Source: "authy-ruby, authy-devise", Ours: "the members uri and secret, which is for those who type it in",
			handle: (*API).authenticator,
		},
		{
			Method: "GET", Path: qrPath + "/{file}", Access: route.Public,
			Does:       "shows the QR code of an authenticator app to whoever has its URL, which nobody can guess",
			Parameters: []Parameter{integer("size", "width and height in pixels; default 300")},
			Source:     "the URL in the answer before; a browser shows it without a key", Ours: "the URL and the refusal",
			show: (*API).qrPicture,
		},
	}
}

// removal is one of three spellings, those of three families of clients.
func removal(path, source string) Endpoint {
	return Endpoint{
		Method: "POST", Path: path, Does: "takes a user out of the application", Parameters: []Parameter{userIP()},
		Source: source, handle: (*API).removeUser,
	}
}

// addUser: POST users/new.
func (a *API) addUser(c *call) (authywire.Object, error) {
	user, err := a.phones.AddUser(c.Context(), c.app.ID, onetouch.NewUser{
		Email: c.text("user[email]"), Cellphone: c.text("user[cellphone]"), CountryCode: c.text("user[country_code]"),
		SendInstallLink: c.flagOr("send_install_link_via_sms", c.flagOr("user[send_install_link_via_sms]", true)),
	})
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
	user, err := a.phones.UserStatus(c.Context(), c.app.ID, c.userID())
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
			{Name: "confirmed", Value: user.Confirmed()},
			{Name: "registered", Value: len(user.Devices) > 0},
			{Name: "country_code", Value: int64(user.CountryCode)},
			{Name: "phone_number", Value: authywire.MaskLastFour(user.Cellphone)},
			{Name: "email", Value: user.Email},
			{Name: "devices", Value: devices},
			{Name: "has_hard_token", Value: false},
			{Name: "account_disabled", Value: user.Suspended()},
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
	if err := a.phones.RemoveUser(c.Context(), c.app.ID, c.userID()); err != nil {
		return nil, err
	}
	return said("User removed from application"), nil
}

// updateUser: POST users/{id}/update.
func (a *API) updateUser(c *call) (authywire.Object, error) {
	if _, err := a.service.UpdateUser(c.Context(), c.app.ID, c.userID(), c.text("email")); err != nil {
		return nil, err
	}
	return said("User was updated successfully"), nil
}

// registerActivity: POST users/{id}/register_activity.
func (a *API) registerActivity(c *call) (authywire.Object, error) {
	data, err := c.details("data")
	if err != nil {
		return nil, err
	}
	n := onetouch.NewActivity{Type: c.text("type"), UserIP: c.text("user_ip"), Data: data}
	if n.UserIP == "" {
		n.UserIP = c.text("ip")
	}
	if _, err := a.service.RegisterActivity(c.Context(), c.app.ID, c.userID(), n); err != nil {
		return nil, err
	}
	return said("Activity was created."), nil
}

// said is an answer that has no more than a message.
func said(message string) authywire.Object {
	return authywire.Object{{Name: "message", Value: message}}
}
