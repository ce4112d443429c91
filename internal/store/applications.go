package store

import "github.com/onetouchkit/onetouch/internal/onetouch"

const selectApplications = `SELECT serial_id, id, customer_uuid, name, api_key, callback_url, callback_method, push_sender,
	require_device, created_at FROM applications`

func readApplication(r *row) onetouch.Application {
	return onetouch.Application{
		SerialID: r.number(), ID: r.text(), CustomerUUID: r.number(), Name: r.text(), APIKey: r.text(),
		Callback:   onetouch.CallbackTarget{URL: r.text(), Method: r.text()},
		PushSender: onetouch.PushSender(r.text()), RequireDevice: r.boolean(), CreatedAt: r.time(),
	}
}

func (r reader) Application(id string) (onetouch.Application, error) {
	return one(r.connection, readApplication, selectApplications+" WHERE id = ?", id)
}

func (r reader) ApplicationByKey(apiKey string) (onetouch.Application, error) {
	return one(r.connection, readApplication, selectApplications+" WHERE api_key = ?", apiKey)
}

func (r reader) Applications() ([]onetouch.Application, error) {
	return list(r.connection, readApplication, selectApplications+" ORDER BY serial_id")
}

func (t transaction) InsertApplication(a *onetouch.Application) (err error) {
	a.SerialID, err = t.insert(
		`INSERT INTO applications (id, customer_uuid, name, api_key, callback_url, callback_method, push_sender,
			require_device, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		a.ID, a.CustomerUUID, a.Name, a.APIKey, a.Callback.URL, a.Callback.Method, string(a.PushSender),
		a.RequireDevice, micros(a.CreatedAt))
	return err
}

func (t transaction) UpdateApplication(a onetouch.Application) error {
	return t.execOne(`UPDATE applications SET customer_uuid = ?, name = ?, api_key = ?, callback_url = ?,
		callback_method = ?, push_sender = ?, require_device = ? WHERE id = ?`,
		a.CustomerUUID, a.Name, a.APIKey, a.Callback.URL, a.Callback.Method, string(a.PushSender), a.RequireDevice, a.ID)
}
