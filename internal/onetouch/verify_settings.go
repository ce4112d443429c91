package onetouch

// VerifySettings are what an application does in one way or another as a service of the Verify API. Zero numbers stand for
// the ordinary ones. What is only kept, as it is about channels that are not played here, is answered as it was set.
type VerifySettings struct {
	CodeLength        int    `json:"code_length,omitempty"` // only kept
	PushWithoutDate   bool   `json:"push_without_date,omitempty"`
	PushAPNCredential string `json:"push_apn_credential,omitempty"` // only kept
	PushFCMCredential string `json:"push_fcm_credential,omitempty"` // only kept
	TOTPIssuer        string `json:"totp_issuer,omitempty"`
	TOTPTimeStep      int    `json:"totp_time_step,omitempty"` // seconds
	TOTPCodeLength    int    `json:"totp_code_length,omitempty"`
	TOTPSkew          int    `json:"totp_skew,omitempty"`
	TOTPNoSkew        bool   `json:"totp_no_skew,omitempty"`
	// The rest is only kept.
	LookupEnabled            bool   `json:"lookup_enabled,omitempty"`
	SkipSMSToLandlines       bool   `json:"skip_sms_to_landlines,omitempty"`
	DTMFInputRequired        bool   `json:"dtmf_input_required,omitempty"`
	PSD2Enabled              bool   `json:"psd2_enabled,omitempty"`
	DoNotShareWarningEnabled bool   `json:"do_not_share_warning_enabled,omitempty"`
	CustomCodeEnabled        bool   `json:"custom_code_enabled,omitempty"`
	EventSubscriptionEnabled bool   `json:"event_subscription_enabled,omitempty"`
	TTSName                  string `json:"tts_name,omitempty"`
	DefaultTemplateSID       string `json:"default_template_sid,omitempty"`
}

// Source of the bounds and of the defaults: the documentation of the services of Twilio's Verify API.
const (
	defaultVerifyCode     = 6
	defaultTOTPTimeStep   = 30
	defaultTOTPCodeLength = 6
	defaultTOTPSkew       = 1
	maxVerifyText         = 200
)

// Effective is the settings with the ordinary numbers in place of zeros.
func (v VerifySettings) Effective() VerifySettings {
	for _, number := range []struct {
		field     *int
		otherwise int
	}{
		{&v.CodeLength, defaultVerifyCode}, {&v.TOTPTimeStep, defaultTOTPTimeStep},
		{&v.TOTPCodeLength, defaultTOTPCodeLength}, {&v.TOTPSkew, defaultTOTPSkew},
	} {
		if *number.field == 0 {
			*number.field = number.otherwise
		}
	}
	if v.TOTPNoSkew {
		v.TOTPSkew = 0
	}
	return v
}

// TOTP is how codes are made of TOTP factors that do not say otherwise.
func (v VerifySettings) TOTP() TOTPConfig {
	v = v.Effective()
	return TOTPConfig{Alg: "sha1", TimeStep: v.TOTPTimeStep, Skew: v.TOTPSkew, CodeLength: v.TOTPCodeLength}
}

func (v VerifySettings) validate() error {
	if length := v.Effective().CodeLength; length < 4 || length > 10 {
		return InvalidParameter("CodeLength", "must be from 4 to 10")
	}
	if err := v.TOTP().validate("Totp."); err != nil {
		return err
	}
	for _, text := range []struct{ name, value string }{
		{"Push.ApnCredentialSid", v.PushAPNCredential}, {"Push.FcmCredentialSid", v.PushFCMCredential},
		{"Totp.Issuer", v.TOTPIssuer}, {"TtsName", v.TTSName}, {"DefaultTemplateSid", v.DefaultTemplateSID},
	} {
		if err := validLine(text.name, text.value, 0, maxVerifyText); err != nil {
			return err
		}
	}
	return nil
}
