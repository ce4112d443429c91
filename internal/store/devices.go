package store

import "github.com/onetouchkit/onetouch/internal/onetouch"

const selectDevices = `SELECT id, uuid, app_id, authy_id, name, platform, app_version, public_key, key_id,
	access_token_digest, push_type, push_token, push_url, totp_secret, registered_at, removed_at, api, verified_at,
	updated_at, factor_type, factor FROM devices`

func readDevice(r *row) onetouch.Device {
	d := onetouch.Device{
		ID: r.number(), UUID: r.text(), AppID: r.text(), AuthyID: r.number(), Name: r.text(), Platform: r.text(),
		AppVersion: r.text(), PublicKey: r.bytes(), KeyID: r.text(), AccessTokenDigest: r.bytes(),
		Push:       onetouch.PushTarget{Type: onetouch.PushType(r.text()), Token: r.text(), URL: r.text()},
		TOTPSecret: r.bytes(), RegisteredAt: r.time(), RemovedAt: r.time(), API: onetouch.API(r.text()), VerifiedAt: r.time(),
		UpdatedAt: r.time(), FactorType: onetouch.FactorType(r.text()),
	}
	r.json(&d.Factor)
	return d
}

func (r reader) Device(id int64) (onetouch.Device, error) {
	return one(r.connection, readDevice, selectDevices+" WHERE id = ?", id)
}

func (r reader) DeviceByUUID(uuid string) (onetouch.Device, error) {
	return one(r.connection, readDevice, selectDevices+" WHERE uuid = ?", uuid)
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
		where.where(column("app_id", f.AuthyID == 0)+" = ?", f.AppID)
	}
	if !f.WithRemoved {
		where.where("removed_at = 0")
	}
	if !f.WithUnverified {
		where.where("verified_at > 0")
	}
	if !f.WithTOTP {
		where.where("factor_type = ''")
	}
	if f.After != 0 {
		where.where("id > ?", f.After)
	}
	return list(r.connection, readDevice, selectDevices+where.conditions+" ORDER BY id LIMIT ?",
		where.and(limit(f.Limit))...)
}

func (t transaction) InsertDevice(d *onetouch.Device) (err error) {
	factor, err := factorText(*d)
	if err != nil {
		return err
	}
	d.ID, err = t.insert("id",
		`INSERT INTO devices (uuid, app_id, authy_id, name, platform, app_version, public_key, key_id, access_token_digest,
			push_type, push_token, push_url, totp_secret, registered_at, removed_at, api, verified_at, updated_at, factor,
			factor_type) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		d.UUID, d.AppID, d.AuthyID, d.Name, d.Platform, d.AppVersion, d.PublicKey, d.KeyID,
		d.AccessTokenDigest, string(d.Push.Type), d.Push.Token, d.Push.URL, d.TOTPSecret,
		micros(d.RegisteredAt), micros(d.RemovedAt), string(d.API), micros(d.VerifiedAt), micros(d.UpdatedAt), factor,
		string(d.FactorType))
	return err
}

func (t transaction) UpdateDevice(d onetouch.Device) error {
	factor, err := factorText(d)
	if err != nil {
		return err
	}
	return t.execOne(`UPDATE devices SET name = ?, platform = ?, app_version = ?, push_type = ?, push_token = ?,
		push_url = ?, removed_at = ?, verified_at = ?, updated_at = ?, factor = ? WHERE id = ?`,
		d.Name, d.Platform, d.AppVersion, string(d.Push.Type), d.Push.Token, d.Push.URL, micros(d.RemovedAt),
		micros(d.VerifiedAt), micros(d.UpdatedAt), factor, d.ID)
}

// factorText is what a device says of itself as a factor, which most do not.
func factorText(d onetouch.Device) (string, error) {
	if d.Factor == (onetouch.FactorConfig{}) {
		return "null", nil
	}
	return jsonText(d.Factor)
}
