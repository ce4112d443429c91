package authyapi

import (
	"github.com/onetouchkit/onetouch/internal/authywire"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/problem"
)

func tokenEndpoints() []Endpoint {
	sending := []Parameter{
		boolean("force", "sends it even to a user who has a registered device"),
		text("action", "what the code is for, at most 255 characters"),
		text("action_message", "the same in words for the user, at most 255 characters"),
		text("locale", "language of the text; one that is not spoken here is English"),
	}
	return []Endpoint{
		{
			Method: "GET", Path: "/protected/{format}/verify/{token}/{id}", Does: "checks a one-time password",
			Parameters: []Parameter{
				boolean("force", "refuses a wrong one even of a user who never confirmed; a right one confirms the user either way"),
				text("action", "what the code must have been sent for"),
			},
			Source: "authy-java, authy-client, authy-python, go-authy; 401 by authy-rs",
			Ours:   "os_type of codes that came from no device: sms, and unknown for those of an authenticator app",
			handle: (*API).verifyToken,
		},
		{
			Method: "GET", Path: "/protected/{format}/sms/{id}", Does: "sends a one-time password in a text",
			Parameters: sending, Source: "authy-java, authy-client, authy-rs", handle: (*API).sendSMS,
		},
		{
			Method: "GET", Path: "/protected/{format}/call/{id}", Does: "reads a one-time password in a phone call",
			Parameters: sending, Source: "authy-java, authy-client", handle: (*API).startCall,
		},
		{
			Method: "POST", Path: "/protected/{format}/email/{id}", Does: "sends a one-time password by e-mail",
			Parameters: sending, Source: "authy-ruby, Authy-API-Samples", handle: (*API).sendEmail,
		},
	}
}

// verifyToken: GET verify/{token}/{id}. success is a text in the recordings.
func (a *API) verifyToken(c *call) (authywire.Object, error) {
	verified, err := a.service.VerifyToken(c.Context(), c.app, c.userID(), onetouch.TokenCheck{
		Token: c.PathValue("token"), Force: c.flag("force"), Action: c.text("action"),
	})
	if onetouch.CodeOf(err) == onetouch.CodeUserNotFound { // source: recorded by authy-php and go-authy, for this call alone
		return nil, problem.New(problem.CodeUserDoesNotExist, "User doesn't exist")
	}
	if err != nil {
		return nil, err
	}
	return authywire.Object{
		{Name: "message", Value: "Token is valid."},
		{Name: "token", Value: "is valid"},
		{Name: success, Value: "true"},
		{Name: "device", Value: tokenDevice(verified)},
	}, nil
}

// tokenDevice is where the token came from. Source of the members: authy-java, for a code that was sent and for one of a
// device.
func tokenDevice(v onetouch.VerifiedToken) authywire.Object {
	var id, method, synced any
	kind, since := "sms", v.User.CreatedAt.Unix()
	switch v.Source {
	case onetouch.SourceDevice:
		kind, since = v.Device.Platform, v.Device.RegisteredAt.Unix()
		id, method, synced = v.Device.ID, authywire.RegistrationMethod, since
	case onetouch.SourceAuthenticator:
		kind = "unknown"
	default:
	}
	return authywire.Object{
		{Name: "id", Value: id},
		{Name: "os_type", Value: kind},
		{Name: "registration_date", Value: since},
		{Name: "registration_method", Value: method},
		{Name: "registration_country", Value: nil},
		{Name: "registration_region", Value: nil},
		{Name: "registration_city", Value: nil},
		{Name: "registration_ip", Value: nil},
		{Name: "country", Value: nil},
		{Name: "region", Value: nil},
		{Name: "city", Value: nil},
		{Name: "ip", Value: nil},
		{Name: "last_account_recovery_at", Value: nil},
		{Name: "last_sync_date", Value: synced},
	}
}

// sendSMS: GET sms/{id}.
func (a *API) sendSMS(c *call) (authywire.Object, error) {
	return a.sendToPhone(c, onetouch.ChannelSMS, "SMS token was sent", "Ignored: SMS is not needed for smartphones. "+
		"Pass force=true if you want to actually send it anyway.")
}

// startCall: GET call/{id}. The doubled space is in the recordings.
func (a *API) startCall(c *call) (authywire.Object, error) {
	return a.sendToPhone(c, onetouch.ChannelCall, "Call started...", "Call ignored. User is using  App Tokens and this call "+
		"is not necessary. Pass force=true if you still want to call users that are using the App.")
}

func (a *API) sendToPhone(c *call, channel onetouch.Channel, done, ignored string) (authywire.Object, error) {
	sent, err := a.sendToken(c, channel)
	if err != nil {
		return nil, err
	}
	cellphone := authywire.Member{
		Name: "cellphone", Value: authywire.MaskLastTwo(sent.User.CountryCode, sent.User.Cellphone),
	}
	if sent.Ignored {
		return append(said(ignored), cellphone, authywire.Member{Name: "device", Value: sent.Device.Platform},
			authywire.Member{Name: "ignored", Value: true}), nil
	}
	return append(succeeded(done), cellphone), nil
}

// sendEmail: POST email/{id}.
func (a *API) sendEmail(c *call) (authywire.Object, error) {
	sent, err := a.sendToken(c, onetouch.ChannelEmail)
	if err != nil {
		return nil, err
	}
	return append(succeeded("Email token was sent"), authywire.Member{Name: "email", Value: sent.User.Email},
		authywire.Member{Name: "email_id", Value: authywire.MessageSID(sent.Message)}), nil
}

func (a *API) sendToken(c *call, channel onetouch.Channel) (onetouch.SentToken, error) {
	return a.service.SendToken(c.Context(), c.app, c.userID(), onetouch.NewToken{
		Channel: channel, Force: c.flag("force"), Action: c.text("action"), ActionMessage: c.text("action_message"),
		Locale: c.text("locale"),
	})
}

// succeeded begins an answer with success, as recorded for what is sent.
func succeeded(message string) authywire.Object {
	return authywire.Object{{Name: success, Value: true}, {Name: "message", Value: message}}
}
