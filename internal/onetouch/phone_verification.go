package onetouch

import (
	"context"
	"crypto/subtle"
	"errors"
	"strings"
	"time"
)

// PhoneVerification proves that somebody has a phone: they tell the code that was sent to it.
type PhoneVerification struct {
	ID         int64
	UUID       string
	AppID      string
	Phone      PhoneNumber
	Via        Channel // sms or call, as it was started last
	Locale     string
	Code       string
	Failures   int // wrong codes
	CreatedAt  time.Time
	ExpiresAt  time.Time
	VerifiedAt time.Time // zero until the code was told
}

// PhoneVerificationLife is how long a code is good, and sent again when it is asked for. Source: vendor documentation.
const PhoneVerificationLife = 10 * time.Minute

// maxVerificationFailures is how many wrong codes end a verification. No source tells the service's own.
const maxVerificationFailures = 5

// Bounds of codes. Source: vendor documentation; for custom codes the same is assumed.
const (
	minCodeLength     = 4
	maxCodeLength     = 10
	defaultCodeLength = 4
	maxCustomMessage  = 1600
)

// VerificationStatus says where a phone verification stands. Source: vendor documentation of the call.
type VerificationStatus string

// The three states.
const (
	VerificationPending  VerificationStatus = "pending"
	VerificationVerified VerificationStatus = "verified"
	VerificationExpired  VerificationStatus = "expired"
)

// Status is where the verification stands at the given time.
func (v PhoneVerification) Status(now time.Time) VerificationStatus {
	switch {
	case !v.VerifiedAt.IsZero():
		return VerificationVerified
	case now.Before(v.ExpiresAt):
		return VerificationPending
	default:
		return VerificationExpired
	}
}

// SecondsToExpire is how many whole seconds are left, and some of one more: 599 at the start, as recorded. It is 0 once
// the verification is pending no more.
func (v PhoneVerification) SecondsToExpire(now time.Time) int {
	if v.Status(now) != VerificationPending {
		return 0
	}
	return int((v.ExpiresAt.Sub(now) - 1) / time.Second)
}

// NewPhoneVerification is what a backend asks, as it wrote it.
type NewPhoneVerification struct {
	CountryCode   string
	PhoneNumber   string
	Via           string // sms or call; empty is sms
	Locale        string // empty is English
	CodeLength    *int64 // 4 to 10; nil is 4
	CustomCode    string
	CustomMessage string // "{{code}}" is where the code goes; without it the code comes last
}

// StartedVerification is what the start of a phone verification tells.
type StartedVerification struct {
	Verification PhoneVerification
	Info         PhoneInfo
	Message      Message // what was sent
}

func invalidVerification(name, reason string) *Error {
	return InvalidParameter(name, reason).With(CodePhoneVerificationInvalid)
}

// channel checks everything but the number, and returns how the code is sent.
func (n NewPhoneVerification) channel() (Channel, error) {
	channel := Channel(n.Via)
	if channel == "" {
		channel = ChannelSMS
	}
	switch {
	case channel != ChannelSMS && channel != ChannelCall:
		return "", invalidVerification("via", "must be sms or call")
	case n.Locale != "" && !isVerificationLocale(n.Locale):
		return "", invalidVerification("locale", "must be one of "+strings.Join(verificationLocales(), ", "))
	case n.CodeLength != nil && (*n.CodeLength < minCodeLength || *n.CodeLength > maxCodeLength):
		return "", invalidVerification("code_length", "must be from 4 to 10")
	case n.CustomCode != "" && !validCustomCode(n.CustomCode):
		return "", invalidVerification("custom_code", "must be 4 to 10 digits")
	default:
		err := validText("custom_message", n.CustomMessage, 0, maxCustomMessage)
		return channel, withCode(CodePhoneVerificationInvalid, err)
	}
}

func validCustomCode(code string) bool {
	return len(code) >= minCodeLength && len(code) <= maxCodeLength && onlyDigits(code)
}

// StartPhoneVerification sends a code to a phone. Within the life of a code it sends the same one again, unless the
// backend brings another.
func (s *Service) StartPhoneVerification(
	ctx context.Context, app Application, n NewPhoneVerification,
) (StartedVerification, error) {
	phone, err := s.verifiablePhone(app, n.CountryCode, n.PhoneNumber)
	if err != nil {
		return StartedVerification{}, err
	}
	channel, err := n.channel()
	if err != nil {
		return StartedVerification{}, err
	}
	if err := app.channelIsOn(channel); err != nil {
		return StartedVerification{}, err
	}
	if err := s.textable(app, phone, channel); err != nil {
		return StartedVerification{}, err
	}
	fresh := PhoneVerification{AppID: app.ID, Phone: phone, Via: channel, Locale: n.Locale, UUID: s.uuid(), Code: s.newCode(n)}
	result := StartedVerification{Info: s.phoneInfo(app, phone)}
	err = s.changeOrRefuse(ctx, func(c *change) (*Error, error) {
		if refusal, err := c.mayStart(app, channel, n, phone); err != nil || refusal != nil {
			return refusal, err
		}
		verification, err := c.startVerification(fresh, n.CustomCode)
		if err != nil {
			return nil, err
		}
		result.Verification = verification
		result.Message, err = c.tell(verification.message(app, n.CustomMessage))
		if err != nil {
			return nil, err
		}
		return nil, c.verificationHappened(EventVerificationStarted, verification)
	})
	if err != nil {
		return StartedVerification{}, err
	}
	return result, nil
}

// textable refuses a text to a number that the numbering plan says is a landline, where the application is strict. The
// sandbox's numbers are all landlines.
func (s *Service) textable(app Application, phone PhoneNumber, channel Channel) error {
	if !app.StrictPhoneNumbers || app.Sandbox || channel != ChannelSMS {
		return nil
	}
	if line, _ := s.numbering.Line(phone); line == LineLandline {
		return refuse(CodeSMSToLandline, "Cannot send SMS to landline phone numbers")
	}
	return nil
}

func (s *Service) newCode(n NewPhoneVerification) string {
	if n.CustomCode != "" {
		return n.CustomCode
	}
	length := defaultCodeLength
	if n.CodeLength != nil {
		length = int(*n.CodeLength)
	}
	return s.digits(length)
}

// mayStart refuses what the application may not do, and floods of one phone.
func (c *change) mayStart(
	app Application, channel Channel, n NewPhoneVerification, phone PhoneNumber,
) (*Error, error) {
	if n.CustomCode != "" && !app.CustomCodesEnabled { // Source of the words: authy-ruby's specs
		return refuse(CodePhoneVerificationNotCreated,
			"Phone verification couldn't be created: custom codes are not allowed."), nil
	}
	if n.CustomMessage != "" && !app.CustomCodesEnabled {
		return refuse(CodeCustomMessageNotAllowed,
				"Phone verification couldn't be created: custom messages are not allowed."),
			c.happened(Event{Type: EventCustomMessage, AppID: app.ID, Note: phone.String()})
	}
	refusal, err := c.mayTell(app, channel, MessageCount{AppID: app.ID, To: phone.String()})
	if err != nil || refusal == nil {
		return nil, err
	}
	return refusal, c.happened(Event{Type: EventTooManyVerifications, AppID: app.ID, Note: phone.String()})
}

// startVerification returns the pending verification of the phone, or begins one.
func (c *change) startVerification(fresh PhoneVerification, customCode string) (PhoneVerification, error) {
	known, err := c.LatestPhoneVerification(fresh.AppID, fresh.Phone)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return PhoneVerification{}, err
	}
	if err != nil || known.Status(c.now) != VerificationPending {
		fresh.CreatedAt, fresh.ExpiresAt = c.now, c.now.Add(PhoneVerificationLife)
		err := c.InsertPhoneVerification(&fresh)
		return fresh, err
	}
	known.Via, known.Locale = fresh.Via, fresh.Locale
	setNonZero(&known.Code, customCode)
	return known, c.UpdatePhoneVerification(known)
}

// message is what the phone is told.
func (v PhoneVerification) message(app Application, custom string) Message {
	told := v.Code
	if v.Via == ChannelCall {
		told = spoken(v.Code)
	}
	body := phrasesOf(v.Locale).verificationText(app.Name, told)
	const place = "{{code}}"
	switch {
	case strings.Contains(custom, place):
		body = strings.ReplaceAll(custom, place, told)
	case custom != "":
		body = custom + " " + told
	}
	return Message{
		AppID: v.AppID, Channel: v.Via, To: v.Phone.String(), Body: body, Code: v.Code, Locale: v.Locale,
		VerificationUUID: v.UUID,
	}
}

func (c *change) verificationHappened(what EventType, v PhoneVerification) error {
	return c.happened(Event{Type: what, AppID: v.AppID, VerificationUUID: v.UUID, Note: v.Phone.String()})
}

// CheckPhoneVerification takes the code that a user told, with the number as the backend wrote it.
func (s *Service) CheckPhoneVerification(
	ctx context.Context, app Application, countryCode, number, code string,
) (PhoneVerification, error) {
	phone, err := s.verifiablePhone(app, countryCode, number)
	if err != nil {
		return PhoneVerification{}, err
	}
	if strings.TrimSpace(code) == "" {
		return PhoneVerification{}, InvalidParameter("verification_code", "Parameter is required")
	}
	verification := PhoneVerification{AppID: app.ID, Phone: phone}
	err = s.changeOrRefuse(ctx, func(c *change) (*Error, error) {
		pending, err := c.pendingVerification(app.ID, phone)
		if err != nil {
			return nil, err
		}
		if pending != nil {
			verification = *pending
		}
		accepted := app.Sandbox && code == sandboxVerificationCode
		switch {
		case accepted && pending == nil:
			return nil, c.verificationHappened(EventVerificationValid, verification)
		case pending == nil:
			return verificationNotFound(phone.AsWritten(number)),
				c.verificationHappened(EventVerificationMissing, verification)
		default:
			return c.checkCode(&verification, code, accepted)
		}
	})
	return verification, err
}

func verificationNotFound(number string) *Error {
	return refuse(CodePhoneVerificationNotFound, "No pending verifications for %s found.", number)
}

// pendingVerification is nil when there is none.
func (c *change) pendingVerification(appID string, phone PhoneNumber) (*PhoneVerification, error) {
	verification, err := c.LatestPhoneVerification(appID, phone)
	if errors.Is(err, ErrNotFound) || err == nil && verification.Status(c.now) != VerificationPending {
		return nil, nil
	}
	return &verification, err
}

// checkCode compares the code with that of a pending verification, unless it is accepted anyway.
func (c *change) checkCode(v *PhoneVerification, code string, accepted bool) (*Error, error) {
	if v.Failures >= maxVerificationFailures && !accepted {
		return refuse(CodeTooManyChecks, "DoS protection: User has tried too many codes for this verification.").
				until(c.now, v.ExpiresAt),
			c.verificationHappened(EventTooManyChecks, *v)
	}
	if !accepted && subtle.ConstantTimeCompare([]byte(v.Code), []byte(code)) != 1 {
		return c.wrongCode(v)
	}
	v.VerifiedAt = c.now
	if err := c.UpdatePhoneVerification(*v); err != nil {
		return nil, err
	}
	return nil, c.verificationHappened(EventVerificationValid, *v)
}

func (c *change) wrongCode(v *PhoneVerification) (*Error, error) {
	v.Failures++
	if err := c.UpdatePhoneVerification(*v); err != nil {
		return nil, err
	}
	if err := c.verificationHappened(EventVerificationInvalid, *v); err != nil {
		return nil, err
	}
	refusal := refuse(CodePhoneVerificationIncorrect, "Verification code is incorrect")
	if v.Failures < maxVerificationFailures {
		return refusal, nil
	}
	return refusal, c.verificationHappened(EventVerificationFailed, *v)
}

// PhoneVerificationStatus returns the latest verification of a phone, or the one with the UUID if that is given.
func (s *Service) PhoneVerificationStatus(
	ctx context.Context, app Application, uuid, countryCode, number string,
) (PhoneVerification, error) {
	if uuid != "" {
		verification, err := view(ctx, s, func(r Reader) (PhoneVerification, error) { return r.PhoneVerification(uuid) })
		if err == nil && verification.AppID != app.ID {
			err = ErrNotFound
		}
		if err != nil {
			return PhoneVerification{}, orRefuse(err, verificationNotFound(uuid))
		}
		return verification, nil
	}
	phone, err := s.verifiablePhone(app, countryCode, number)
	if err != nil {
		return PhoneVerification{}, err
	}
	verification, err := view(ctx, s, func(r Reader) (PhoneVerification, error) {
		return r.LatestPhoneVerification(app.ID, phone)
	})
	return verification, orRefuse(err, verificationNotFound(phone.AsWritten(number)))
}
