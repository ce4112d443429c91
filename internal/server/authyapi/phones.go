package authyapi

import (
	"slices"

	"github.com/onetouchkit/onetouch/internal/authywire"
	"github.com/onetouchkit/onetouch/internal/onetouch"
)

func phoneEndpoints() []Endpoint {
	phone := refused(func(string) error { return onetouch.PhoneNumberInvalid() },
		required(text("phone_number", "digits with any punctuation, without the country code")),
		required(text("country_code", "digits, with or without +")),
	)
	return []Endpoint{
		{
			Method: "POST", Path: "/protected/{format}/phones/verification/start", Does: "sends a code to a phone",
			Parameters: slices.Concat(phone, with(onetouch.CodePhoneVerificationInvalid,
				text("via", "sms or call; default sms"), text("locale", "one of 35 tags, such as es or pt-BR; default en"),
				integer("code_length", "4 to 10; default 4"), text("custom_code", "4 to 10 digits"),
				text("custom_message", "text with {{code}} where the code goes"),
			)),
			Source: "authy-python, authy-ruby, authy-rs, vendor documentation", handle: (*API).startPhoneVerification,
		},
		{
			Method: "GET", Path: "/protected/{format}/phones/verification/check", Does: "checks the code that was sent",
			Parameters: slices.Concat(phone, []Parameter{required(text("verification_code", "digits"))}),
			Source:     "authy-client (checks the message), npm authy, authy-java", handle: (*API).checkPhoneVerification,
		},
		{
			Method: "GET", Path: "/protected/{format}/phones/verification/status", Does: "says how a phone verification stands",
			Parameters: slices.Concat(
				[]Parameter{text("uuid", "of the verification; otherwise the latest of the phone counts")},
				refused(func(string) error { return onetouch.PhoneNumberInvalid() },
					text("phone_number", "required without uuid"), text("country_code", "required without uuid")),
			),
			Source: "vendor documentation, npm authy", handle: (*API).phoneVerificationStatus,
		},
		{
			Method: "GET", Path: "/protected/{format}/phones/info", Does: "says what is known of a phone number",
			Parameters: slices.Concat(phone, []Parameter{userIP()}),
			Source:     "authy-java, authy-client (checks the message), authy-python",
			Ours:       "type and provider, which are made up from the number and are the same each time", handle: (*API).phoneInfo,
		},
	}
}

// startPhoneVerification: POST phones/verification/start.
func (a *API) startPhoneVerification(c *call) (authywire.Object, error) {
	n := onetouch.NewPhoneVerification{
		CountryCode: c.text("country_code"), PhoneNumber: c.text("phone_number"), Via: c.text("via"),
		Locale: c.text("locale"), CustomCode: c.text("custom_code"), CustomMessage: c.text("custom_message"),
	}
	if length, given := c.integer("code_length"); given {
		n.CodeLength = &length
	}
	started, err := a.service.StartPhoneVerification(c.Context(), c.app, n)
	if err != nil {
		return nil, err
	}
	v := started.Verification
	uuid, seconds := any(v.UUID), v.SecondsToExpire(a.service.Clock().Now())
	if c.app.Sandbox { // source: authy-python and authy-rs
		uuid, seconds = nil, 0
	}
	answer := authywire.Object{
		{Name: "carrier", Value: started.Info.Provider},
		{Name: "is_cellphone", Value: started.Info.Line == onetouch.LineCellphone},
		{Name: "is_ported", Value: started.Info.Ported},
		{Name: "message", Value: startedText(v, n.PhoneNumber)},
		{Name: "seconds_to_expire", Value: seconds},
		{Name: "uuid", Value: uuid},
	}
	if n.CustomCode != "" { // source: vendor documentation
		answer = append(answer, authywire.Member{Name: "sms_id", Value: authywire.MessageSID(started.Message)})
	}
	return answer, nil
}

// checkPhoneVerification: GET phones/verification/check.
func (a *API) checkPhoneVerification(c *call) (authywire.Object, error) {
	_, err := a.service.CheckPhoneVerification(c.Context(), c.app,
		c.text("country_code"), c.text("phone_number"), c.text("verification_code"))
	if err != nil {
		return nil, err
	}
	return said("Verification code is correct."), nil
}

// phoneVerificationStatus: GET phones/verification/status.
func (a *API) phoneVerificationStatus(c *call) (authywire.Object, error) {
	verification, err := a.service.PhoneVerificationStatus(c.Context(), c.app,
		c.text("uuid"), c.text("country_code"), c.text("phone_number"))
	if err != nil {
		return nil, err
	}
	now := a.service.Clock().Now()
	return authywire.Object{
		{Name: "message", Value: "Phone Verification status."},
		{Name: "status", Value: string(verification.Status(now))},
		{Name: "seconds_to_expire", Value: verification.SecondsToExpire(now)},
	}, nil
}

// phoneInfo: GET phones/info.
func (a *API) phoneInfo(c *call) (authywire.Object, error) {
	info, err := a.service.PhoneInfo(c.Context(), c.app, c.text("country_code"), c.text("phone_number"))
	if err != nil {
		return nil, err
	}
	const layout = "2006-01-02 15:04:05 MST"
	return authywire.Object{
		{Name: "message", Value: "Phone number information as of " + info.AsOf.UTC().Format(layout)},
		{Name: "type", Value: string(info.Line)},
		{Name: "provider", Value: info.Provider},
		{Name: "ported", Value: info.Ported},
	}, nil
}
