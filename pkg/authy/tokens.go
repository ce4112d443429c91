package authy

import (
	"context"
	"fmt"
	"net/url"
)

// VerifyToken is what a user has typed, to be checked.
type VerifyToken struct {
	Token string // digits
	// Force checks the token of a user who has never used a valid one, too. Without it such a user is let through, so
	// that nobody is locked out before their app is set up.
	Force  bool
	Action string // what the token is for; at most 255 characters
}

// VerifyToken checks a one-time password: one that was sent, one of a registered device, or one of the user's
// authenticator app. It returns the device that it came from, as far as the service knows it.
//
// It fails with [ErrTokenInvalid], with [ErrTokenReused] when the token was used before, with [ErrUserNotFound] when the
// application has no such user, with [ErrUserSuspended], and with [ErrTooManyRequests] after too many wrong ones.
func (c *Client) VerifyToken(ctx context.Context, authyID int64, v VerifyToken) (*Device, error) {
	if v.Token == "" {
		return nil, fmt.Errorf("%w: it is empty", ErrTokenInvalid)
	}
	var parameters form
	parameters.addFlag("force", v.Force)
	parameters.addIfGiven("action", v.Action)
	var answer verifiedToken
	err := c.ask(ctx, "GET", fmt.Sprintf("/protected/json/verify/%s/%d", url.PathEscape(v.Token), authyID), parameters, &answer)
	return answer.Device.device(), err
}

type verifiedToken struct {
	Token  string      `json:"token"`
	Device *wireDevice `json:"device"`
}

func (v *verifiedToken) whole() bool { return v.Token == "is valid" }

// SendToken says how a one-time password is sent. The zero value is fine.
type SendToken struct {
	// Force sends it even to a user who has a registered device, which makes passwords by itself.
	Force         bool
	Action        string // what it is for; at most 255 characters
	ActionMessage string // the same in words for the user; at most 255 characters
	Locale        string // language of the text, such as es; "" is the service's choice
}

func (s SendToken) parameters() form {
	var parameters form
	parameters.addFlag("force", s.Force)
	parameters.addIfGiven("action", s.Action)
	parameters.addIfGiven("action_message", s.ActionMessage)
	parameters.addIfGiven("locale", s.Locale)
	return parameters
}

// SentToken says what became of a one-time password.
type SentToken struct {
	Message   string // in the service's words
	Cellphone string // the last two digits: +1-XXX-XXX-XX12
	// Ignored says that nothing was sent, because the user has a registered device.
	Ignored bool
	Device  string // kind of that device, such as android
}

// SendSMS sends a one-time password in a text. It fails with [ErrUserNotFound] when the application has no such user, with
// [ErrUserSuspended], with [ErrSMSDisabled] when the application sends no texts, and with [ErrTooManyRequests] after too
// many.
func (c *Client) SendSMS(ctx context.Context, authyID int64, s SendToken) (SentToken, error) {
	return c.sendToken(ctx, "sms", authyID, s)
}

// Call reads a one-time password to the user in a phone call. It fails as [Client.SendSMS] does, with [ErrCallsDisabled]
// when the application makes no calls.
func (c *Client) Call(ctx context.Context, authyID int64, s SendToken) (SentToken, error) {
	return c.sendToken(ctx, "call", authyID, s)
}

func (c *Client) sendToken(ctx context.Context, channel string, authyID int64, s SendToken) (SentToken, error) {
	var answer sentToken
	err := c.ask(ctx, "GET", fmt.Sprintf("/protected/json/%s/%d", channel, authyID), s.parameters(), &answer)
	if err != nil {
		return SentToken{}, err
	}
	return SentToken(answer), nil
}

type sentToken struct {
	Message   string `json:"message"`
	Cellphone string `json:"cellphone"`
	Ignored   bool   `json:"ignored"`
	Device    string `json:"device"`
}

func (s *sentToken) whole() bool { return s.Message != "" }

// SentEmail says where a one-time password went.
type SentEmail struct {
	Message string // in the service's words
	Email   string // the address, as far as the service shows it
	EmailID string // EM and 32 hexadecimal digits
}

// SendEmail sends a one-time password by e-mail. It fails as [Client.SendSMS] does.
func (c *Client) SendEmail(ctx context.Context, authyID int64, s SendToken) (SentEmail, error) {
	var answer sentEmail
	err := c.ask(ctx, "POST", fmt.Sprintf("/protected/json/email/%d", authyID), s.parameters(), &answer)
	if err != nil {
		return SentEmail{}, err
	}
	return SentEmail(answer), nil
}

type sentEmail struct {
	Message string `json:"message"`
	Email   string `json:"email"`
	EmailID string `json:"email_id"`
}

func (s *sentEmail) whole() bool { return s.Message != "" }
