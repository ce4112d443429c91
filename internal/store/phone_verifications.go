package store

import "github.com/onetouchkit/onetouch/internal/onetouch"

const selectPhoneVerifications = `SELECT id, uuid, app_id, country_code, phone_number, via, locale, code, failures,
	created_at, expires_at, verified_at FROM phone_verifications`

func readPhoneVerification(r *row) onetouch.PhoneVerification {
	return onetouch.PhoneVerification{
		ID: r.number(), UUID: r.text(), AppID: r.text(),
		Phone: onetouch.PhoneNumber{CountryCode: int(r.number()), National: r.text()},
		Via:   onetouch.Channel(r.text()), Locale: r.text(), Code: r.text(), Failures: int(r.number()),
		CreatedAt: r.time(), ExpiresAt: r.time(), VerifiedAt: r.time(),
	}
}

func (r reader) PhoneVerification(uuid string) (onetouch.PhoneVerification, error) {
	return one(r.connection, readPhoneVerification, selectPhoneVerifications+" WHERE uuid = ?", uuid)
}

func (r reader) LatestPhoneVerification(appID string, phone onetouch.PhoneNumber) (onetouch.PhoneVerification, error) {
	return one(r.connection, readPhoneVerification, selectPhoneVerifications+
		" WHERE app_id = ? AND country_code = ? AND phone_number = ? ORDER BY id DESC LIMIT 1",
		appID, phone.CountryCode, phone.National)
}

func (t transaction) InsertPhoneVerification(v *onetouch.PhoneVerification) (err error) {
	v.ID, err = t.insert("id",
		`INSERT INTO phone_verifications (uuid, app_id, country_code, phone_number, via, locale, code, failures,
			created_at, expires_at, verified_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		v.UUID, v.AppID, v.Phone.CountryCode, v.Phone.National, string(v.Via), v.Locale, v.Code, v.Failures,
		micros(v.CreatedAt), micros(v.ExpiresAt), micros(v.VerifiedAt))
	return err
}

func (t transaction) UpdatePhoneVerification(v onetouch.PhoneVerification) error {
	return t.execOne(`UPDATE phone_verifications SET via = ?, locale = ?, code = ?, failures = ?, verified_at = ?
		WHERE id = ?`, string(v.Via), v.Locale, v.Code, v.Failures, micros(v.VerifiedAt), v.ID)
}
