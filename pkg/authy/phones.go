package authy

import (
	"context"
	"strconv"
)

// Phone is a phone number that need not belong to any user.
type Phone struct {
	CountryCode string // digits
	Number      string // without the country code; any punctuation
}

func (f *form) addPhone(p Phone) {
	f.addIfGiven("country_code", p.CountryCode)
	f.addIfGiven("phone_number", p.Number)
}

// Via is how the code of a phone verification is sent.
type Via string

// The two ways.
const (
	ViaSMS  Via = "sms"
	ViaCall Via = "call"
)

// NewPhoneVerification asks for a code to be sent to a phone. Only the phone is required.
type NewPhoneVerification struct {
	Phone
	Via           Via    // "" is a text
	Locale        string // language of the text, such as es
	CodeLength    int    // 4 to 10; 0 is 4
	CustomCode    string // instead of a random one; the application has to be allowed to
	CustomMessage string // with {{code}} where the code goes
}

// PhoneVerification says what was sent. What the service does not know is empty.
type PhoneVerification struct {
	UUID            string
	Message         string // in the service's words, and in the language of the text
	Carrier         string
	IsCellphone     bool
	IsPorted        bool
	SecondsToExpire int
}

// StartPhoneVerification sends a code to a phone. While it lives, for 10 minutes, starting again sends the same one.
//
// It fails with [ErrPhoneNumberInvalid], with [ErrInvalidParameter] when something is missing, with
// [ErrPhoneVerificationNotCreated] when the application may not choose codes, with [ErrLandline] when a text cannot get
// there, with [ErrSMSDisabled] or [ErrCallsDisabled], and with [ErrTooManyRequests] after too many.
func (c *Client) StartPhoneVerification(ctx context.Context, n NewPhoneVerification) (PhoneVerification, error) {
	var parameters form
	parameters.addPhone(n.Phone)
	via := n.Via
	if via == "" {
		via = ViaSMS
	}
	parameters.add("via", string(via))
	parameters.addIfGiven("locale", n.Locale)
	if n.CodeLength != 0 {
		parameters.add("code_length", strconv.Itoa(n.CodeLength))
	}
	parameters.addIfGiven("custom_code", n.CustomCode)
	parameters.addIfGiven("custom_message", n.CustomMessage)
	var answer startedPhoneVerification
	if err := c.ask(ctx, "POST", "/protected/json/phones/verification/start", parameters, &answer); err != nil {
		return PhoneVerification{}, err
	}
	return PhoneVerification{
		UUID: answer.UUID, Message: answer.Message, Carrier: answer.Carrier, IsCellphone: answer.IsCellphone,
		IsPorted: answer.IsPorted, SecondsToExpire: int(answer.SecondsToExpire),
	}, nil
}

type startedPhoneVerification struct {
	UUID            string `json:"uuid"`
	Message         string `json:"message"`
	Carrier         string `json:"carrier"`
	IsCellphone     bool   `json:"is_cellphone"`
	IsPorted        bool   `json:"is_ported"`
	SecondsToExpire number `json:"seconds_to_expire"`
}

func (s *startedPhoneVerification) whole() bool { return s.Message != "" }

// CheckPhoneVerification checks the code that was sent to a phone.
//
// It fails with [ErrVerificationCodeIncorrect], with [ErrNoPendingVerification] when no code was sent there or its time is
// over, with [ErrPhoneNumberInvalid], and with [ErrTooManyRequests] after too many wrong ones.
func (c *Client) CheckPhoneVerification(ctx context.Context, phone Phone, code string) error {
	var parameters form
	parameters.addPhone(phone)
	parameters.addIfGiven("verification_code", code)
	return c.ask(ctx, "GET", "/protected/json/phones/verification/check", parameters, &done{})
}

// PhoneVerificationStatus says how a phone verification stands.
type PhoneVerificationStatus struct {
	Status          string // pending, verified or expired
	SecondsToExpire int
}

// PhoneVerificationStatus returns how the last verification of a phone stands. It fails with [ErrNoPendingVerification]
// when there was none.
func (c *Client) PhoneVerificationStatus(ctx context.Context, phone Phone) (PhoneVerificationStatus, error) {
	var parameters form
	parameters.addPhone(phone)
	return c.phoneVerificationStatus(ctx, parameters)
}

// PhoneVerificationStatusByUUID returns how a phone verification stands. It fails with [ErrNoPendingVerification] when the
// application has none of that UUID.
func (c *Client) PhoneVerificationStatusByUUID(ctx context.Context, uuid string) (PhoneVerificationStatus, error) {
	var parameters form
	parameters.addIfGiven("uuid", uuid)
	return c.phoneVerificationStatus(ctx, parameters)
}

func (c *Client) phoneVerificationStatus(ctx context.Context, parameters form) (PhoneVerificationStatus, error) {
	var answer phoneVerificationStatus
	err := c.ask(ctx, "GET", "/protected/json/phones/verification/status", parameters, &answer)
	return PhoneVerificationStatus{Status: answer.Status, SecondsToExpire: int(answer.SecondsToExpire)}, err
}

type phoneVerificationStatus struct {
	Status          string `json:"status"`
	SecondsToExpire number `json:"seconds_to_expire"`
}

func (s *phoneVerificationStatus) whole() bool { return s.Status != "" }

// PhoneInfo is what is known of a phone number.
type PhoneInfo struct {
	Message  string // with the time as of which it is known
	Type     string // cellphone, landline, voip or unknown
	Provider string // "" when it is not known
	Ported   bool   // to another provider than its first
}

// PhoneInfo returns what is known of a phone number. It fails with [ErrPhoneNumberInvalid].
func (c *Client) PhoneInfo(ctx context.Context, phone Phone) (PhoneInfo, error) {
	var parameters form
	parameters.addPhone(phone)
	var answer phoneInfo
	err := c.ask(ctx, "GET", "/protected/json/phones/info", parameters, &answer)
	return PhoneInfo(answer), err
}

type phoneInfo struct {
	Message  string `json:"message"`
	Type     string `json:"type"`
	Provider string `json:"provider"`
	Ported   bool   `json:"ported"`
}

func (i *phoneInfo) whole() bool { return i.Type != "" }
