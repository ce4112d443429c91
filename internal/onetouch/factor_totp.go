package onetouch

import (
	"context"
	"encoding/base32"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Sizes of the secret that a TOTP factor may come with, in bytes. What Twilio takes is not on record; authenticator apps show
// secrets of 80 bits.
const (
	shortestSecret = 10
	longestSecret  = 64
)

// ParseTOTPSecret reads a secret in Base32, with or without padding.
func ParseTOTPSecret(text string) ([]byte, error) {
	secret, err := secretEncoding.DecodeString(strings.TrimRight(text, string(base32.StdPadding)))
	if err != nil || len(secret) < shortestSecret || len(secret) > longestSecret {
		return nil, InvalidParameter("Binding.Secret",
			fmt.Sprintf("must be the Base32 of %d to %d bytes", shortestSecret, longestSecret))
	}
	return secret, nil
}

// authenticator is a TOTP factor as it is stored: a device without a key, which hears nothing.
func (n NewFactor) authenticator() (Device, error) {
	if err := validLine("FriendlyName", n.FriendlyName, 1, maxFriendlyName); err != nil {
		return Device{}, err
	}
	if err := validLine("Metadata", n.Metadata, 0, maxFactorMetadata); err != nil {
		return Device{}, err
	}
	if err := n.TOTP.validate("Config."); err != nil {
		return Device{}, err
	}
	return Device{
		API: APIVerify, FactorType: FactorTOTP, Name: n.FriendlyName, TOTPSecret: n.Secret, PublicKey: []byte{},
		Push: PushTarget{Type: PushNone}, Factor: FactorConfig{TOTP: n.TOTP, Metadata: n.Metadata},
	}, nil
}

// TOTPSetup is what the user's authenticator app is set up with: the secret as it is typed in, and what a QR code says.
func (d Device) TOTPSetup(app Application) (secret, uri string) {
	issuer := app.Verify.TOTPIssuer
	if issuer == "" {
		issuer = app.Name
	}
	return secretEncoding.EncodeToString(d.TOTPSecret), d.codes().setup(issuer, d.Name)
}

// codes are those that the app of a TOTP factor shows.
func (d Device) codes() totp {
	t := d.Factor.TOTP
	return totp{
		secret: d.TOTPSecret, hash: t.Alg, digits: t.CodeLength, period: time.Duration(t.TimeStep) * time.Second,
		skew: int64(t.Skew),
	}
}

func validTOTPChange(device Device, n FactorChange) error {
	if n.SDKVersion != "" || n.Platform != "" || n.Token != "" {
		return InvalidParameter("Config", "has what only a push factor has (SdkVersion, NotificationPlatform, NotificationToken)")
	}
	if n.TOTP != (TOTPConfig{}) {
		if err := n.TOTP.validate("Config."); err != nil {
			return err
		}
	}
	switch {
	case n.Proof == nil:
		return nil
	case device.Verified(): // whoever reads the status would take any code for right
		return InvalidParameter("AuthPayload", "is for a factor that is not verified yet: a code is checked by a challenge")
	default:
		return validCode(n.Proof.Code)
	}
}

func validCode(code string) error {
	if len(code) < shortestCode || len(code) > longestCode {
		return InvalidParameter("AuthPayload", fmt.Sprintf("must be a code of %d to %d digits", shortestCode, longestCode))
	}
	return nil
}

// useCode uses up a code of a TOTP factor, if it is right. One that is wrong is counted, as every wrong code of the user is;
// when there are too many, none is looked at any more.
func (c *change) useCode(device Device, code string) (right bool, refusal *Error, err error) {
	app, err := c.Application(device.AppID)
	if err != nil {
		return false, nil, err
	}
	user, err := usableUser(c, device.AppID, device.AuthyID)
	if err != nil {
		return false, nil, err
	}
	failures, refusal, err := c.failuresSoFar(app, user)
	if refusal != nil || err != nil {
		return false, refusal, err
	}
	found, is, err := c.findCode(device, code)
	if err != nil {
		return false, nil, err
	}
	if !is || found.reused {
		_, err := c.tokenFailed(user, failures, found.reused)
		return false, nil, err
	}
	if err := found.use(); err != nil {
		return false, nil, err
	}
	if err := c.tokenSucceeded(&user, failures); err != nil {
		return false, nil, err
	}
	return true, nil, c.happened(Event{
		Type: EventTokenVerified, AppID: app.ID, AuthyID: user.AuthyID, DeviceID: device.ID, Note: string(SourceAuthenticator),
	})
}

// findCode looks for the code among those of a TOTP factor. Steps of another length are numbered anew.
func (c *change) findCode(device Device, code string) (foundToken, bool, error) {
	owner := "factor:" + strconv.FormatInt(device.ID, 10) + ":" + strconv.Itoa(device.Factor.TOTP.TimeStep)
	return c.findStep(owner, device.codes(), code)
}

// factorTokens looks at the TOTP factors of the user, as an authenticator app is one to the Authy API too.
func (c *change) factorTokens(user User, t TokenCheck) ([]foundToken, error) {
	factors, err := c.Devices(DeviceFilter{AppID: user.AppID, AuthyID: user.AuthyID, WithTOTP: true})
	if err != nil {
		return nil, err
	}
	var found []foundToken
	for _, factor := range factors {
		if factor.FactorType != FactorTOTP {
			continue
		}
		token, is, err := c.findCode(factor, t.Token)
		if err != nil {
			return nil, err
		}
		if is {
			token.source = SourceAuthenticator
			found = append(found, token)
		}
	}
	return found, nil
}

// TOTPQuestion is what a challenge of a TOTP factor asks, where approval requests are shown. The user sees nothing of it.
const TOTPQuestion = "Code of the authenticator app"

// IsForCode reports whether only the code of a TOTP factor answers the request: no device can.
func (s *Service) IsForCode(ctx context.Context, r ApprovalRequest) (bool, error) {
	if r.DeviceID == 0 {
		return false, nil
	}
	device, err := s.device(ctx, r.DeviceID)
	return device.FactorType == FactorTOTP, err
}

// createTOTPChallenge asks for a code, or takes the one that the backend has already. When that is wrong, the challenge is
// pending.
func (s *Service) createTOTPChallenge(ctx context.Context, asked ApprovalRequest, code string) (ApprovalRequest, error) {
	request := asked
	err := s.changeOrRefuse(ctx, func(c *change) (*Error, error) {
		request = asked
		factor, err := c.askedFactor(request)
		if err != nil {
			return nil, err
		}
		right := false
		if code != "" {
			var refusal *Error
			if right, refusal, err = c.useCode(factor, code); refusal != nil || err != nil {
				return refusal, err
			}
		}
		if err := c.insertRequest(request, nil); err != nil || !right {
			return nil, err
		}
		request = request.answeredByCode(factor, c.now)
		return nil, c.decideByCode(factor, request)
	})
	if err != nil {
		return request, err
	}
	s.created(request)
	return request, nil
}

func (r ApprovalRequest) answeredByCode(factor Device, now time.Time) ApprovalRequest {
	r.Status, r.ProcessedAt, r.UpdatedAt = StatusApproved, now, now
	r.Answer = Answer{DeviceID: factor.ID, SignedAt: now.Truncate(time.Second)}
	return r
}

func (c *change) decideByCode(factor Device, request ApprovalRequest) error {
	app, err := c.Application(request.AppID)
	if err != nil {
		return err
	}
	return c.decide(app, factor, request)
}

// AnswerWithCode takes a code for a challenge of a TOTP factor. A wrong one leaves it pending, and is no error.
func (s *Service) AnswerWithCode(ctx context.Context, user User, uuid, code string) (RequestRecord, error) {
	record, err := s.Challenge(ctx, user, uuid)
	if err != nil {
		return RequestRecord{}, err
	}
	if record.Device.FactorType != FactorTOTP {
		return RequestRecord{}, InvalidParameter("AuthPayload",
			"must be a JWT that the factor has signed: a code answers only challenges of totp factors")
	}
	if err := validCode(code); err != nil {
		return RequestRecord{}, err
	}
	if err := record.Request.notPending(); err != nil {
		return RequestRecord{}, err
	}
	request := record.Request
	err = s.changeOrRefuse(ctx, func(c *change) (*Error, error) {
		record.Request = request
		factor, err := c.askedFactor(request)
		if err != nil {
			return nil, err
		}
		right, refusal, err := c.useCode(factor, code)
		if !right || err != nil {
			return refusal, err
		}
		record.Request = request.answeredByCode(factor, c.now)
		return nil, c.decideByCode(factor, record.Request)
	})
	if CodeOf(err) == CodeApprovalRequestExpired {
		err = s.whyOver(ctx, uuid, err)
	}
	if err != nil {
		return RequestRecord{}, err
	}
	s.recent.put(record.Request)
	return record, nil
}
