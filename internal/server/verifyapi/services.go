package verifyapi

import (
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/verifywire"
)

const serviceParameters = "FriendlyName CodeLength LookupEnabled SkipSmsToLandlines DtmfInputRequired TtsName Psd2Enabled " +
	"DoNotShareWarningEnabled CustomCodeEnabled Push.IncludeDate Push.ApnCredentialSid Push.FcmCredentialSid Totp.Issuer " +
	"Totp.TimeStep Totp.CodeLength Totp.Skew DefaultTemplateSid VerifyEventSubscriptionEnabled"

type service struct {
	SID                      string            `json:"sid"`
	AccountSID               string            `json:"account_sid"`
	FriendlyName             string            `json:"friendly_name"`
	CodeLength               int               `json:"code_length"`
	LookupEnabled            bool              `json:"lookup_enabled"`
	PSD2Enabled              bool              `json:"psd2_enabled"`
	SkipSMSToLandlines       bool              `json:"skip_sms_to_landlines"`
	DTMFInputRequired        bool              `json:"dtmf_input_required"`
	TTSName                  *string           `json:"tts_name"`
	DoNotShareWarningEnabled bool              `json:"do_not_share_warning_enabled"`
	CustomCodeEnabled        bool              `json:"custom_code_enabled"`
	Push                     pushSettings      `json:"push"`
	TOTP                     totpSettings      `json:"totp"`
	DefaultTemplateSID       *string           `json:"default_template_sid"`
	EventSubscriptionEnabled bool              `json:"verify_event_subscription_enabled"`
	DateCreated              any               `json:"date_created"`
	DateUpdated              any               `json:"date_updated"`
	URL                      string            `json:"url"`
	Links                    map[string]string `json:"links"`
}

type pushSettings struct {
	IncludeDate      bool    `json:"include_date"`
	APNCredentialSID *string `json:"apn_credential_sid"`
	FCMCredentialSID *string `json:"fcm_credential_sid"`
}

type totpSettings struct {
	Issuer     string `json:"issuer"`
	TimeStep   int    `json:"time_step"`
	CodeLength int    `json:"code_length"`
	Skew       int    `json:"skew"`
}

// orNull is a text, or null when there is none.
func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func (c *call) serviceOf(app onetouch.Application) any {
	set, sid := app.Verify.Effective(), verifywire.ServiceSID(app.ID)
	issuer := set.TOTPIssuer
	if issuer == "" {
		issuer = app.Name
	}
	return service{
		SID: sid, AccountSID: c.account.SID, FriendlyName: app.Name, CodeLength: set.CodeLength,
		LookupEnabled: set.LookupEnabled, PSD2Enabled: set.PSD2Enabled, SkipSMSToLandlines: set.SkipSMSToLandlines,
		DTMFInputRequired: set.DTMFInputRequired, TTSName: orNull(set.TTSName),
		DoNotShareWarningEnabled: set.DoNotShareWarningEnabled, CustomCodeEnabled: set.CustomCodeEnabled,
		Push: pushSettings{
			IncludeDate: !set.PushWithoutDate, APNCredentialSID: orNull(set.PushAPNCredential),
			FCMCredentialSID: orNull(set.PushFCMCredential),
		},
		TOTP: totpSettings{
			Issuer: issuer, TimeStep: set.TOTPTimeStep, CodeLength: set.TOTPCodeLength, Skew: set.TOTPSkew,
		},
		DefaultTemplateSID: orNull(set.DefaultTemplateSID), EventSubscriptionEnabled: set.EventSubscriptionEnabled,
		DateCreated: verifywire.Date(app.CreatedAt), DateUpdated: verifywire.Date(app.UpdatedAt),
		URL: c.url("Services", sid),
		Links: map[string]string{
			"entities":      c.url("Services", sid, "Entities"),
			"access_tokens": c.url("Services", sid, "AccessTokens"),
			"webhooks":      c.url("Services", sid, "Webhooks"),
		},
	}
}

// settings are those of a service with the parameters that are given.
func (c *call) settings(before onetouch.VerifySettings) (onetouch.ApplicationSettings, error) {
	set, withDate := before, !before.PushWithoutDate
	for name, field := range map[string]*int{
		"CodeLength": &set.CodeLength, "Totp.TimeStep": &set.TOTPTimeStep, "Totp.CodeLength": &set.TOTPCodeLength,
		"Totp.Skew": &set.TOTPSkew,
	} {
		if err := c.integer(name, field); err != nil {
			return onetouch.ApplicationSettings{}, err
		}
		if c.given(name) && *field == 0 && name != "Totp.Skew" {
			return onetouch.ApplicationSettings{}, onetouch.InvalidParameter(name, "must be more than 0")
		}
	}
	if c.given("Totp.Skew") {
		set.TOTPNoSkew = set.TOTPSkew == 0
	}
	for name, field := range map[string]*bool{
		"LookupEnabled": &set.LookupEnabled, "SkipSmsToLandlines": &set.SkipSMSToLandlines,
		"DtmfInputRequired": &set.DTMFInputRequired, "Psd2Enabled": &set.PSD2Enabled,
		"DoNotShareWarningEnabled": &set.DoNotShareWarningEnabled, "CustomCodeEnabled": &set.CustomCodeEnabled,
		"VerifyEventSubscriptionEnabled": &set.EventSubscriptionEnabled, "Push.IncludeDate": &withDate,
	} {
		if err := c.boolean(name, field); err != nil {
			return onetouch.ApplicationSettings{}, err
		}
	}
	set.PushWithoutDate = !withDate
	for name, field := range map[string]*string{
		"TtsName": &set.TTSName, "Push.ApnCredentialSid": &set.PushAPNCredential,
		"Push.FcmCredentialSid": &set.PushFCMCredential, "Totp.Issuer": &set.TOTPIssuer,
		"DefaultTemplateSid": &set.DefaultTemplateSID,
	} {
		if c.form.Has(name) {
			*field = c.form.Get(name)
		}
	}
	return onetouch.ApplicationSettings{Name: c.form.Get("FriendlyName"), Verify: &set}, nil
}

func createService(c *call) (answer, error) {
	if _, err := c.require("FriendlyName"); err != nil {
		return answer{}, err
	}
	settings, err := c.settings(onetouch.VerifySettings{})
	if err != nil {
		return answer{}, err
	}
	app, err := c.service.CreateApplication(c.Context(), settings)
	if err != nil {
		return answer{}, renamed(err, "name", "FriendlyName")
	}
	return created(c.serviceOf(app)), nil
}

func listServices(c *call) (answer, error) {
	apps, err := c.service.Applications(c.Context())
	if err != nil {
		return answer{}, err
	}
	return page(c, short("services", apps, func(a onetouch.Application) string { return a.ID }, c.serviceOf))
}

func fetchService(c *call) (answer, error) { return ok(c.serviceOf(c.app)), nil }

func updateService(c *call) (answer, error) {
	settings, err := c.settings(c.app.Verify)
	if err != nil {
		return answer{}, err
	}
	app, err := c.service.UpdateApplication(c.Context(), c.app.ID, settings)
	if err != nil {
		return answer{}, renamed(err, "name", "FriendlyName")
	}
	return ok(c.serviceOf(app)), nil
}

func deleteService(c *call) (answer, error) {
	return gone(), c.service.RemoveApplication(c.Context(), c.app.ID)
}
