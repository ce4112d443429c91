package store

import (
	"errors"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// settings are what can be switched in an application, as its column holds it. What is missing is zero, so a new switch
// that is off in old applications takes no migration.
type settings struct {
	onetouch.Switches
	Limits onetouch.Limits         `json:"limits"`
	Verify onetouch.VerifySettings `json:"verify"`
}

func settingsOf(a onetouch.Application) (text string, err error) {
	return jsonText(settings{a.Switches, a.Limits, a.Verify})
}

const selectApplications = `SELECT serial_id, id, customer_uuid, name, api_key, alternative_api_key, access_key, signing_key,
	callback_url, callback_method, push_sender, require_device, created_at, settings, updated_at,
	removed_at FROM applications`

func readApplication(r *row) onetouch.Application {
	a := onetouch.Application{
		SerialID: r.number(), ID: r.text(), CustomerUUID: r.number(), Name: r.text(), APIKey: r.text(),
		AlternativeAPIKey: r.text(), AccessKey: r.text(), SigningKey: r.text(),
		Callback:   onetouch.CallbackTarget{URL: r.text(), Method: r.text()},
		PushSender: onetouch.PushSender(r.text()), RequireDevice: r.boolean(), CreatedAt: r.time(),
	}
	var s settings
	r.json(&s)
	a.Switches, a.Limits, a.Verify = s.Switches, s.Limits, s.Verify
	a.UpdatedAt, a.RemovedAt = r.time(), r.time()
	return a
}

func (r reader) Application(id string) (onetouch.Application, error) {
	return one(r.connection, readApplication, selectApplications+" WHERE id = ?", id)
}

// ApplicationByKey looks at alternative keys only when the key is nobody's first.
func (r reader) ApplicationByKey(apiKey string) (onetouch.Application, error) {
	app, err := one(r.connection, readApplication, selectApplications+" WHERE api_key = ? AND removed_at = 0", apiKey)
	if !errors.Is(err, onetouch.ErrNotFound) {
		return app, err
	}
	return one(r.connection, readApplication,
		selectApplications+" WHERE alternative_api_key = ? AND alternative_api_key <> '' AND removed_at = 0", apiKey)
}

func (r reader) Applications() ([]onetouch.Application, error) {
	return list(r.connection, readApplication, selectApplications+" WHERE removed_at = 0 ORDER BY serial_id")
}

func (t transaction) InsertApplication(a *onetouch.Application) error {
	settings, err := settingsOf(*a)
	if err != nil {
		return err
	}
	a.SerialID, err = t.insert("serial_id",
		`INSERT INTO applications (id, customer_uuid, name, api_key, alternative_api_key, access_key, signing_key,
			callback_url, callback_method, push_sender, require_device, created_at, settings, updated_at, removed_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		a.ID, a.CustomerUUID, a.Name, a.APIKey, a.AlternativeAPIKey, a.AccessKey, a.SigningKey, a.Callback.URL,
		a.Callback.Method, string(a.PushSender), a.RequireDevice, micros(a.CreatedAt), settings,
		micros(a.UpdatedAt), micros(a.RemovedAt))
	return err
}

func (t transaction) UpdateApplication(a onetouch.Application) error {
	settings, err := settingsOf(a)
	if err != nil {
		return err
	}
	return t.execOne(`UPDATE applications SET customer_uuid = ?, name = ?, api_key = ?, alternative_api_key = ?,
		access_key = ?, signing_key = ?, callback_url = ?, callback_method = ?, push_sender = ?, require_device = ?,
		settings = ?, updated_at = ?, removed_at = ? WHERE id = ?`,
		a.CustomerUUID, a.Name, a.APIKey, a.AlternativeAPIKey, a.AccessKey, a.SigningKey, a.Callback.URL,
		a.Callback.Method, string(a.PushSender), a.RequireDevice, settings,
		micros(a.UpdatedAt), micros(a.RemovedAt), a.ID)
}
