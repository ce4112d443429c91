package store

import "github.com/onetouchkit/onetouch/internal/onetouch"

const selectRegistrations = "SELECT token_digest, app_id, authy_id, created_at, expires_at, used_at, device_id, sid, " +
	"device_name FROM registrations"

func readRegistration(r *row) onetouch.Registration {
	return onetouch.Registration{
		TokenDigest: r.bytes(), AppID: r.text(), AuthyID: r.number(), CreatedAt: r.time(), ExpiresAt: r.time(),
		UsedAt: r.time(), DeviceID: r.number(), SID: r.text(), DeviceName: r.text(),
	}
}

func (r reader) Registration(tokenDigest []byte) (onetouch.Registration, error) {
	return one(r.connection, readRegistration, selectRegistrations+" WHERE token_digest = ?", tokenDigest)
}

func (r reader) RegistrationBySID(sid string) (onetouch.Registration, error) {
	return one(r.connection, readRegistration, selectRegistrations+" WHERE sid = ? AND sid <> ''", sid)
}

func (r reader) LatestRegistration(appID string, authyID int64) (onetouch.Registration, error) {
	return one(r.connection, readRegistration,
		selectRegistrations+" WHERE authy_id = ? AND app_id = ? AND sid = '' ORDER BY created_at DESC LIMIT 1", authyID, appID)
}

func (t transaction) InsertRegistration(g onetouch.Registration) error {
	return t.execOne(`INSERT INTO registrations (token_digest, app_id, authy_id, created_at, expires_at, used_at, device_id,
		sid, device_name) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		g.TokenDigest, g.AppID, g.AuthyID, micros(g.CreatedAt), micros(g.ExpiresAt), micros(g.UsedAt), g.DeviceID, g.SID,
		g.DeviceName)
}

func (t transaction) UpdateRegistration(g onetouch.Registration) error {
	return t.execOne(`UPDATE registrations SET expires_at = ?, used_at = ?, device_id = ? WHERE token_digest = ?`,
		micros(g.ExpiresAt), micros(g.UsedAt), g.DeviceID, g.TokenDigest)
}
