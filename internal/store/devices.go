package store

import "github.com/onetouchkit/onetouch/internal/onetouch"

const selectDevices = `SELECT id, uuid, app_id, authy_id, name, platform, app_version, public_key, key_id,
	access_token_digest, push_type, push_token, push_url, totp_secret, registered_at, removed_at FROM devices`

func readDevice(r row) (onetouch.Device, error) {
	var d onetouch.Device
	err := r.Scan(&d.ID, &d.UUID, &d.AppID, &d.AuthyID, &d.Name, &d.Platform, &d.AppVersion, &d.PublicKey, &d.KeyID,
		&d.AccessTokenDigest, &d.Push.Type, &d.Push.Token, &d.Push.URL, &d.TOTPSecret, timeColumn{&d.RegisteredAt},
		timeColumn{&d.RemovedAt})
	return d, err
}

func (r reader) Device(id int64) (onetouch.Device, error) {
	return one(r.connection, readDevice, selectDevices+" WHERE id = ?", id)
}

func (r reader) DeviceByAccessToken(tokenDigest []byte) (onetouch.Device, error) {
	return one(r.connection, readDevice, selectDevices+" WHERE access_token_digest = ?", tokenDigest)
}

func (r reader) Devices(f onetouch.DeviceFilter) ([]onetouch.Device, error) {
	var where filter
	if f.AuthyID != 0 {
		where.where("authy_id = ?", f.AuthyID)
	}
	if f.AppID != "" {
		where.where("app_id = ?", f.AppID)
	}
	if !f.WithRemoved {
		where.where("removed_at = 0")
	}
	return list(r.connection, readDevice, selectDevices+where.conditions+" ORDER BY id LIMIT ?",
		where.and(limit(f.Limit))...)
}

func (t transaction) InsertDevice(d *onetouch.Device) (err error) {
	d.ID, err = one(t.connection, scalar[int64],
		`INSERT INTO devices (uuid, app_id, authy_id, name, platform, app_version, public_key, key_id, access_token_digest,
			push_type, push_token, push_url, totp_secret, registered_at, removed_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		d.UUID, d.AppID, d.AuthyID, d.Name, d.Platform, d.AppVersion, blob(d.PublicKey), d.KeyID,
		blob(d.AccessTokenDigest), string(d.Push.Type), d.Push.Token, d.Push.URL, blob(d.TOTPSecret),
		micros(d.RegisteredAt), micros(d.RemovedAt))
	return err
}

func (t transaction) UpdateDevice(d onetouch.Device) error {
	return t.execOne(`UPDATE devices SET name = ?, platform = ?, app_version = ?, push_type = ?, push_token = ?,
		push_url = ?, removed_at = ? WHERE id = ?`,
		d.Name, d.Platform, d.AppVersion, string(d.Push.Type), d.Push.Token, d.Push.URL, micros(d.RemovedAt), d.ID)
}

// blob is bytes for a column that may not be NULL.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
