package onetouch

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// ApplicationSettings are the parts of an application that its owner chooses, and as JSON what the operator sends. Empty
// fields leave what is stored; a new application has ordinary settings and keys of its own. For what each means, see
// [Application].
type ApplicationSettings struct {
	Name                   string     `json:"name,omitempty"`
	APIKey                 string     `json:"api_key,omitempty"`
	AlternativeAPIKey      *string    `json:"alternative_api_key,omitempty"` // points to "" to have none
	AccessKey              string     `json:"access_key,omitempty"`
	SigningKey             string     `json:"signing_key,omitempty"`
	CallbackURL            *string    `json:"callback_url,omitempty"` // points to "" to switch callbacks off
	CallbackMethod         string     `json:"callback_method,omitempty"`
	PushSender             PushSender `json:"push,omitempty"`
	RequireDevice          *bool      `json:"require_device,omitempty"`
	TokenDigits            int        `json:"token_digits,omitempty"`
	VerifyUnconfirmed      *bool      `json:"verify_unconfirmed,omitempty"`
	StrictPhoneNumbers     *bool      `json:"strict_phone_numbers,omitempty"`
	SMSEnabled             *bool      `json:"sms_enabled,omitempty"`
	CallsEnabled           *bool      `json:"calls_enabled,omitempty"`
	CustomCodesEnabled     *bool      `json:"custom_codes_enabled,omitempty"`
	Sandbox                *bool      `json:"sandbox,omitempty"`
	UnknownRequestsPending *bool      `json:"unknown_requests_pending,omitempty"`
	Suspended              *bool      `json:"suspended,omitempty"`
	DeliverySettings
	CallbackFormSettings
	LimitSettings
	// Verify is what the Verify API sets, all of it; nil leaves what is stored.
	Verify *VerifySettings `json:"-"`
}

func (a *Application) apply(s ApplicationSettings) error {
	if err := s.validateNew(); err != nil {
		return err
	}
	setNonZero(&a.Name, s.Name)
	setNonZero(&a.APIKey, s.APIKey)
	setNonZero(&a.AccessKey, s.AccessKey)
	setNonZero(&a.SigningKey, s.SigningKey)
	setNonZero(&a.Callback.Method, s.CallbackMethod)
	setNonZero(&a.PushSender, s.PushSender)
	setNonZero(&a.TokenDigits, s.TokenDigits)
	set(&a.AlternativeAPIKey, s.AlternativeAPIKey)
	set(&a.Callback.URL, s.CallbackURL)
	set(&a.RequireDevice, s.RequireDevice)
	set(&a.VerifyUnconfirmed, s.VerifyUnconfirmed)
	set(&a.StrictPhoneNumbers, s.StrictPhoneNumbers)
	set(&a.SMSEnabled, s.SMSEnabled)
	set(&a.CallsEnabled, s.CallsEnabled)
	set(&a.CustomCodesEnabled, s.CustomCodesEnabled)
	set(&a.Sandbox, s.Sandbox)
	set(&a.UnknownRequestsPending, s.UnknownRequestsPending)
	set(&a.Suspended, s.Suspended)
	set(&a.Verify, s.Verify)
	a.DeliverySwitches.apply(s.DeliverySettings)
	a.CallbackForm.apply(s.CallbackFormSettings)
	a.Limits.apply(s.LimitSettings)
	return a.validate()
}

// setNonZero sets a field to a value that is not empty.
func setNonZero[T comparable](field *T, value T) {
	var none T
	if value != none {
		*field = value
	}
}

// set sets a field to a value that is given.
func set[T any](field, value *T) {
	if value != nil {
		*field = *value
	}
}

// validateNew refuses API keys that cannot be sent in a header as they are, or that nobody can tell from another on a
// screen, and names that answers cannot repeat. What is stored already stays.
func (s ApplicationSettings) validateNew() error {
	keys := []struct{ name, value string }{{"api_key", s.APIKey}}
	if s.AlternativeAPIKey != nil {
		keys = append(keys, struct{ name, value string }{"alternative_api_key", *s.AlternativeAPIKey})
	}
	for _, key := range keys {
		if strings.ContainsFunc(key.value, func(char rune) bool { return unicode.IsSpace(char) || !unicode.IsPrint(char) }) {
			return InvalidParameter(key.name, "must not have white space or control characters")
		}
	}
	return validLine("name", s.Name, 0, maxApplicationName)
}

func (a *Application) validate() error {
	for _, text := range []struct {
		name, value string
		least, most int
	}{
		{"name", a.Name, 1, maxApplicationName},
		{"api_key", a.APIKey, 1, maxKey},
		{"alternative_api_key", a.AlternativeAPIKey, 0, maxKey},
		{"access_key", a.AccessKey, 1, maxKey},
		{"signing_key", a.SigningKey, 1, maxKey},
	} {
		if err := validText(text.name, text.value, text.least, text.most); err != nil {
			return err
		}
	}
	if a.Callback.URL != "" {
		if err := validHTTPURL("callback_url", a.Callback.URL, "http://127.0.0.1:3000/callback"); err != nil {
			return err
		}
	}
	return a.validateChoices()
}

func (a *Application) validateChoices() error {
	if !slices.Contains(CallbackMethods(), a.Callback.Method) {
		return InvalidParameter("callback_method", "must be POST or GET")
	}
	if !slices.Contains(PushSenders(), a.PushSender) {
		return InvalidParameter("push", fmt.Sprintf("must be authy or backend, it is %q", string(a.PushSender)))
	}
	if err := a.Switches.validate(); err != nil {
		return err
	}
	if err := a.Limits.validate(); err != nil {
		return err
	}
	return a.Verify.validate()
}
