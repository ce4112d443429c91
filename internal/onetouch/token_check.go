package onetouch

import (
	"context"
	"time"
)

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
	failures, refusal, err := c.failuresSoFar(app, user)
	if refusal != nil || err != nil {
		return refusal, err
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

// failuresSoFar are the wrong codes of the last hour. When there are too many, no other is looked at.
func (c *change) failuresSoFar(app Application, user User) (TokenFailures, *Error, error) {
	failures, err := c.TokenFailures(user.AuthyID)
	if err != nil {
		return failures, nil, err
	}
	failures = failures.at(c.now)
	if !reached(app.FailuresPerHour, failures.Number) {
		return failures, nil, nil
	}
	refusal := refuse(CodeTooManyChecks, "DoS protection: User has tried too many tokens in the last hour.").
		until(c.now, failures.Since.Add(limitWindow))
	return failures, refusal, c.happened(Event{Type: EventTooManyChecks, AppID: app.ID, AuthyID: user.AuthyID})
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
