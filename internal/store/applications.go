package store

import (
	"errors"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

const selectApplications = `SELECT serial_id, id, customer_uuid, name, api_key, alternative_api_key, access_key, signing_key,
	callback_url, callback_method, push_sender, require_device, token_digits, verify_unconfirmed, strict_phone_numbers,
	sms_enabled, calls_enabled, custom_codes_enabled, sandbox, unknown_requests_pending, suspended, tokens_per_hour,
	failures_per_hour, api_calls_per_minute, sms_per_day, sms_per_month, calls_per_day, calls_per_month, created_at
	FROM applications`

func readApplication(r *row) onetouch.Application {
	return onetouch.Application{
		SerialID: r.number(), ID: r.text(), CustomerUUID: r.number(), Name: r.text(), APIKey: r.text(),
		AlternativeAPIKey: r.text(), AccessKey: r.text(), SigningKey: r.text(),
		Callback:   onetouch.CallbackTarget{URL: r.text(), Method: r.text()},
		PushSender: onetouch.PushSender(r.text()), RequireDevice: r.boolean(), TokenDigits: int(r.number()),
		VerifyUnconfirmed: r.boolean(), StrictPhoneNumbers: r.boolean(), SMSEnabled: r.boolean(),
		CallsEnabled: r.boolean(), CustomCodesEnabled: r.boolean(), Sandbox: r.boolean(),
		UnknownRequestsPending: r.boolean(), Suspended: r.boolean(),
		Limits: onetouch.Limits{
			TokensPerHour: int(r.number()), FailuresPerHour: int(r.number()), APICallsPerMinute: int(r.number()),
			SMSPerDay: int(r.number()), SMSPerMonth: int(r.number()), CallsPerDay: int(r.number()),
			CallsPerMonth: int(r.number()),
		},
		CreatedAt: r.time(),
	}
}

func (r reader) Application(id string) (onetouch.Application, error) {
	return one(r.connection, readApplication, selectApplications+" WHERE id = ?", id)
}

// ApplicationByKey looks at alternative keys only when the key is nobody's first.
func (r reader) ApplicationByKey(apiKey string) (onetouch.Application, error) {
	app, err := one(r.connection, readApplication, selectApplications+" WHERE api_key = ?", apiKey)
	if !errors.Is(err, onetouch.ErrNotFound) {
		return app, err
	}
	return one(r.connection, readApplication,
		selectApplications+" WHERE alternative_api_key = ? AND alternative_api_key <> ''", apiKey)
}

func (r reader) Applications() ([]onetouch.Application, error) {
	return list(r.connection, readApplication, selectApplications+" ORDER BY serial_id")
}

func (t transaction) InsertApplication(a *onetouch.Application) (err error) {
	a.SerialID, err = t.insert(`INSERT INTO applications (id, created_at, `+changeableApplication+`)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		append([]any{a.ID, micros(a.CreatedAt)}, applicationValues(*a)...)...)
	return err
}

func (t transaction) UpdateApplication(a onetouch.Application) error {
	return t.execOne(`UPDATE applications SET (`+changeableApplication+`)
		= (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) WHERE id = ?`,
		append(applicationValues(a), a.ID)...)
}

// changeableApplication names the columns of applicationValues.
const changeableApplication = `customer_uuid, name, api_key, alternative_api_key, access_key, signing_key, callback_url,
	callback_method, push_sender, require_device, token_digits, verify_unconfirmed, strict_phone_numbers, sms_enabled,
	calls_enabled, custom_codes_enabled, sandbox, unknown_requests_pending, suspended, tokens_per_hour, failures_per_hour,
	api_calls_per_minute, sms_per_day, sms_per_month, calls_per_day, calls_per_month`

func applicationValues(a onetouch.Application) []any {
	l := a.Limits
	return []any{
		a.CustomerUUID, a.Name, a.APIKey, a.AlternativeAPIKey, a.AccessKey, a.SigningKey, a.Callback.URL,
		a.Callback.Method, string(a.PushSender), a.RequireDevice, a.TokenDigits, a.VerifyUnconfirmed,
		a.StrictPhoneNumbers, a.SMSEnabled, a.CallsEnabled, a.CustomCodesEnabled, a.Sandbox, a.UnknownRequestsPending,
		a.Suspended, l.TokensPerHour, l.FailuresPerHour, l.APICallsPerMinute, l.SMSPerDay, l.SMSPerMonth,
		l.CallsPerDay, l.CallsPerMonth,
	}
}
