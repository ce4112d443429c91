package onetouch

import (
	"context"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"strconv"
	"time"
)

// OneTimePassword is a code that was sent to a user by text, call or e-mail. It is good once.
type OneTimePassword struct {
	ID        int64
	AppID     string
	AuthyID   int64
	Channel   Channel
	Action    string // what it was asked for; empty: anything
	Code      string
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    time.Time // zero while unused
}

// OneTimePasswordLife is how long a code that was sent can be used. No source tells the service's own; phone
// verification's is the same.
const OneTimePasswordLife = 10 * time.Minute

// softTokenSkew is how many steps a device's clock may be off: half a minute.
const softTokenSkew = 3

// NewToken is what a backend asks to be sent to a user.
type NewToken struct {
	Channel       Channel // sms, call or email
	Force         bool    // send it also to a user who has the app
	Action        string  // what the code is for; a check that names another action refuses it
	ActionMessage string  // tells the user what it is for
	Locale        string  // language of the text; one that is not spoken here is English
}

// maxAction is the longest action and action message that authy-client sends, in characters.
const maxAction = 255

func (n NewToken) validate() error {
	if n.Channel != ChannelSMS && n.Channel != ChannelCall && n.Channel != ChannelEmail {
		return InvalidParameter("channel", "must be sms, call or email")
	}
	for _, text := range []struct{ name, value string }{
		{"action", n.Action}, {"action_message", n.ActionMessage}, {"locale", n.Locale},
	} {
		if err := validText(text.name, text.value, 0, maxAction); err != nil {
			return err
		}
	}
	return nil
}

// SentToken is what became of a code that was to be sent.
type SentToken struct {
	User    User
	Ignored bool    // nothing was sent: the user has the app
	Device  Device  // the app, when ignored
	Message Message // what was sent; zero when ignored
}

// SendToken sends a one-time password to the user. By text or call it goes only to users without the app, unless forced.
func (s *Service) SendToken(ctx context.Context, app Application, authyID int64, n NewToken) (SentToken, error) {
	if err := n.validate(); err != nil {
		return SentToken{}, err
	}
	code := s.digits(app.TokenDigits)
	var sent SentToken
	err := s.changeOrRefuse(ctx, func(c *change) (*Error, error) {
		user, err := usableUser(c, app.ID, authyID)
		if err != nil {
			return nil, err
		}
		if err := app.channelIsOn(n.Channel); err != nil {
			return nil, err
		}
		sent = SentToken{User: user}
		if sent.Device, sent.Ignored, err = c.hasApp(user, n); err != nil || sent.Ignored {
			return nil, err
		}
		refusal, err := c.mayTell(app, n.Channel, MessageCount{AppID: app.ID, AuthyID: authyID})
		if err != nil {
			return nil, err
		}
		if refusal != nil {
			return refusal, c.happened(Event{
				Type: EventTooManyTokens, AppID: app.ID, AuthyID: authyID, Note: refusal.Message,
			})
		}
		sent.Message, err = c.sendToken(app, user, n, code)
		return nil, err
	})
	if err != nil {
		return SentToken{}, err
	}
	return sent, nil
}

// channelIsOn refuses what is switched off. Source of the words: go-authy's tests on an account without texts and calls.
func (a Application) channelIsOn(channel Channel) error {
	switch {
	case channel == ChannelSMS && !a.SMSEnabled:
		return refuse(CodeSMSDisabled, "SMS is not enabled")
	case channel == ChannelCall && !a.CallsEnabled:
		return refuse(CodeCallsDisabled, "Phone calls are not enabled on this account")
	default:
		return nil
	}
}

// hasApp reports whether a text or call is not needed, because the user has a device; the newest is returned.
func (c *change) hasApp(user User, n NewToken) (Device, bool, error) {
	if n.Force || n.Channel == ChannelEmail {
		return Device{}, false, nil
	}
	devices, err := c.Devices(DeviceFilter{AppID: user.AppID, AuthyID: user.AuthyID})
	if err != nil || len(devices) == 0 {
		return Device{}, false, err
	}
	err = c.happened(Event{Type: EventTokenIgnored, AppID: user.AppID, AuthyID: user.AuthyID, Note: string(n.Channel)})
	return devices[len(devices)-1], true, err
}

func (c *change) sendToken(app Application, user User, n NewToken, code string) (Message, error) {
	password := OneTimePassword{
		AppID: app.ID, AuthyID: user.AuthyID, Channel: n.Channel, Action: n.Action, Code: code,
		CreatedAt: c.now, ExpiresAt: c.now.Add(OneTimePasswordLife),
	}
	if err := c.InsertOneTimePassword(&password); err != nil {
		return Message{}, err
	}
	purpose := n.ActionMessage
	if purpose == "" {
		purpose = n.Action
	}
	told := code
	if n.Channel == ChannelCall {
		told = spoken(code)
	}
	message := user.message(n.Channel, phrasesOf(n.Locale).tokenText(app.Name, told, purpose))
	message.Code, message.Locale = code, n.Locale
	message, err := c.tell(message)
	if err != nil {
		return Message{}, err
	}
	return message, c.happened(Event{
		Type: EventTokenSent, AppID: app.ID, AuthyID: user.AuthyID, Note: string(n.Channel),
	})
}

// digits is a random code.
func (s *Service) digits(n int) string {
	number := binary.BigEndian.Uint64(s.bytes(8)) // of so many numbers, each code has as good as the same share
	text := fmt.Sprintf("%0*d", n, number)
	return text[len(text)-n:]
}

// TokenCheck is a one-time password as a user typed it.
type TokenCheck struct {
	Token  string
	Force  bool   // check it also for a user who never confirmed
	Action string // a code that was sent for another action is refused
}

// TokenSource is where a valid one-time password came from.
type TokenSource string

// Sources beside the channels by which codes are sent.
const (
	SourceDevice        TokenSource = "device"        // soft token of a registered device
	SourceAuthenticator TokenSource = "authenticator" // generic authenticator app
	SourceSandbox       TokenSource = "sandbox"       // the token that the sandbox always takes
	SourceUnchecked     TokenSource = "unchecked"     // any other: the user never confirmed, and the check was not forced
)

// VerifiedToken is a one-time password that is valid.
type VerifiedToken struct {
	User   User
	Source TokenSource // one of the above, or a channel
	Device Device      // of a soft token
}

// VerifyToken checks a one-time password. It can be a code that was sent, the soft token of one of the user's devices or
// the code of their authenticator app; each is good once.
func (s *Service) VerifyToken(ctx context.Context, app Application, authyID int64, t TokenCheck) (VerifiedToken, error) {
	var verified VerifiedToken
	err := s.changeOrRefuse(ctx, func(c *change) (*Error, error) {
		user, err := usableUser(c, app.ID, authyID)
		if CodeOf(err) == CodeUserNotFound { // Source: recorded by authy-php and go-authy
			return nil, refuse(CodeUserDoesNotExist, "User doesn't exist")
		}
		if err != nil {
			return nil, err
		}
		verified = VerifiedToken{User: user, Source: SourceUnchecked}
		if app.VerifyUnconfirmed && !t.Force && !user.Confirmed() {
			return nil, c.verifyUnconfirmed(app, t, &verified)
		}
		return c.verifyToken(app, t, &verified)
	})
	if err != nil {
		return VerifiedToken{}, err
	}
	return verified, nil
}

// verifyUnconfirmed takes any code of a user who never confirmed. One that is right confirms the user and is used up.
func (c *change) verifyUnconfirmed(app Application, t TokenCheck, verified *VerifiedToken) error {
	found, err := c.findToken(app, verified.User, t)
	if err != nil {
		return err
	}
	if found.source == "" {
		return c.happened(Event{Type: EventTokenUnchecked, AppID: app.ID, AuthyID: verified.User.AuthyID})
	}
	failures, err := c.TokenFailures(verified.User.AuthyID)
	if err != nil {
		return err
	}
	return c.useToken(app, found, failures, verified)
}

func (c *change) verifyToken(app Application, t TokenCheck, verified *VerifiedToken) (*Error, error) {
	user := verified.User
	failures, err := c.TokenFailures(user.AuthyID)
	if err != nil {
		return nil, err
	}
	if failures = failures.at(c.now); reached(app.Limits.FailuresPerHour, failures.Number) {
		return refuse(CodeTooManyChecks, "DoS protection: User has tried too many tokens in the last hour.").
				until(c.now, failures.Since.Add(limitWindow)),
			c.happened(Event{Type: EventTooManyChecks, AppID: app.ID, AuthyID: user.AuthyID})
	}
	found, err := c.findToken(app, user, t)
	if err != nil {
		return nil, err
	}
	if found.source == "" {
		return c.tokenFailed(user, failures, found.reused)
	}
	return nil, c.useToken(app, found, failures, verified)
}

// useToken uses up a code that is right.
func (c *change) useToken(app Application, found foundToken, failures TokenFailures, verified *VerifiedToken) error {
	user := verified.User
	if err := found.use(); err != nil {
		return err
	}
	if err := c.tokenSucceeded(&user, failures); err != nil {
		return err
	}
	*verified = VerifiedToken{User: user, Source: found.source, Device: found.device}
	if err := c.count(app.ID, countAuths); err != nil {
		return err
	}
	return c.happened(Event{
		Type: EventTokenVerified, AppID: app.ID, AuthyID: user.AuthyID, DeviceID: found.device.ID,
		Note: string(found.source),
	})
}

// tokenSucceeded confirms the user and forgets the failures before.
func (c *change) tokenSucceeded(user *User, failures TokenFailures) error {
	if failures.Number > 0 {
		if err := c.SetTokenFailures(user.AuthyID, TokenFailures{}); err != nil {
			return err
		}
	}
	if user.Confirmed() {
		return nil
	}
	user.ConfirmedAt = c.now
	return c.UpdateUser(*user)
}

func (c *change) tokenFailed(user User, failures TokenFailures, reused bool) (*Error, error) {
	refusal, note := refuse(CodeTokenInvalid, "Token is invalid"), "wrong"
	if reused {
		refusal, note = refuse(CodeTokenReused, "Token is invalid. Token was used recently."), "used before"
	}
	if failures.Number++; failures.Number == 1 {
		failures.Since = c.now
	}
	if err := c.SetTokenFailures(user.AuthyID, failures); err != nil {
		return nil, err
	}
	return refusal, c.happened(Event{Type: EventTokenInvalid, AppID: user.AppID, AuthyID: user.AuthyID, Note: note})
}

// TokenFailures counts the wrong one-time passwords of a user since the first of them, for an hour.
type TokenFailures struct {
	Number int
	Since  time.Time
}

// at forgets the failures of an hour that is over.
func (f TokenFailures) at(now time.Time) TokenFailures {
	if age := now.Sub(f.Since); age >= limitWindow || age < 0 { // a clock that was put back must not lock anybody out
		return TokenFailures{}
	}
	return f
}

// foundToken says what a one-time password is, and uses it up.
type foundToken struct {
	source TokenSource // "" when it is none that is good
	reused bool        // it was good once
	device Device
	use    func() error
}

// findToken looks at every secret of the user, so that the time it takes tells nothing about the code.
func (c *change) findToken(app Application, user User, t TokenCheck) (foundToken, error) {
	var result foundToken
	if app.Sandbox && t.Token == sandboxToken {
		return foundToken{source: SourceSandbox, use: func() error { return nil }}, nil
	}
	for _, find := range []func(User, TokenCheck) ([]foundToken, error){c.sentTokens, c.softTokens, c.authenticatorTokens} {
		found, err := find(user, t)
		if err != nil {
			return foundToken{}, err
		}
		for _, token := range found {
			switch {
			case token.reused:
				result.reused = true
			case result.source == "":
				result.source, result.device, result.use = token.source, token.device, token.use
			}
		}
	}
	return result, nil
}

func (c *change) sentTokens(user User, t TokenCheck) ([]foundToken, error) {
	sent, err := c.OneTimePasswords(user.AuthyID, c.now)
	if err != nil {
		return nil, err
	}
	var found []foundToken
	for _, password := range sent {
		same := subtle.ConstantTimeCompare([]byte(password.Code), []byte(t.Token)) == 1
		otherAction := t.Action != "" && password.Action != "" && t.Action != password.Action
		if !same || otherAction {
			continue
		}
		found = append(found, foundToken{
			source: TokenSource(password.Channel), reused: !password.UsedAt.IsZero(),
			use: func() error {
				password.UsedAt = c.now
				return c.UpdateOneTimePassword(password)
			},
		})
	}
	return found, nil
}

func (c *change) softTokens(user User, t TokenCheck) ([]foundToken, error) {
	devices, err := c.Devices(DeviceFilter{AppID: user.AppID, AuthyID: user.AuthyID})
	if err != nil {
		return nil, err
	}
	var found []foundToken
	for _, device := range devices {
		secret := totp{secret: device.TOTPSecret, digits: TOTPDigits, period: TOTPPeriod, skew: softTokenSkew}
		token, ok, err := c.findStep("device:"+strconv.FormatInt(device.ID, 10), secret, t.Token)
		if err != nil {
			return nil, err
		}
		if ok {
			token.source, token.device = SourceDevice, device
			found = append(found, token)
		}
	}
	return found, nil
}

// findStep looks for the code among those of a secret. One that is not newer than the newest that was taken is reused.
func (c *change) findStep(owner string, secret totp, code string) (foundToken, bool, error) {
	step, ok := secret.find(code, c.now)
	if !ok {
		return foundToken{}, false, nil
	}
	newest, err := c.TokenStep(owner)
	if err != nil {
		return foundToken{}, false, err
	}
	return foundToken{reused: step <= newest, use: func() error { return c.SetTokenStep(owner, step) }}, true, nil
}
