package store

import "github.com/onetouchkit/onetouch/internal/onetouch"

const selectUsers = `SELECT authy_id, id, app_id, email, country_code, cellphone, created_at, confirmed_at, suspended_at,
	removed_at FROM users`

func readUser(r *row) onetouch.User {
	return onetouch.User{
		AuthyID: r.number(), ID: r.text(), AppID: r.text(), Email: r.text(), CountryCode: int(r.number()),
		Cellphone: r.text(), CreatedAt: r.time(), ConfirmedAt: r.time(), SuspendedAt: r.time(), RemovedAt: r.time(),
	}
}

func (r reader) User(appID string, authyID int64) (onetouch.User, error) {
	return one(r.connection, readUser, selectUsers+" WHERE authy_id = ? AND app_id = ?", authyID, appID)
}

func (r reader) UserByPhone(appID string, countryCode int, cellphone string) (onetouch.User, error) {
	return one(r.connection, readUser, selectUsers+" WHERE app_id = ? AND country_code = ? AND cellphone = ?",
		appID, countryCode, cellphone)
}

func (r reader) Users(f onetouch.UserFilter) ([]onetouch.User, error) {
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
	return list(r.connection, readUser, selectUsers+where.conditions+" ORDER BY authy_id LIMIT ?",
		where.and(limit(f.Limit))...)
}

func (r reader) CountUsers(appID string) (int, error) {
	number, err := one(r.connection, scalar, "SELECT COUNT(*) FROM users WHERE app_id = ? AND removed_at = 0", appID)
	return int(number), err
}

func (t transaction) InsertUser(u *onetouch.User) (err error) {
	u.AuthyID, err = t.insert("authy_id",
		`INSERT INTO users (authy_id, id, app_id, email, country_code, cellphone, created_at, confirmed_at, suspended_at,
			removed_at) VALUES (NULLIF(CAST(? AS BIGINT), 0), ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		u.AuthyID, u.ID, u.AppID, u.Email, u.CountryCode, u.Cellphone, micros(u.CreatedAt), micros(u.ConfirmedAt),
		micros(u.SuspendedAt), micros(u.RemovedAt))
	return err
}

func (t transaction) UpdateUser(u onetouch.User) error {
	return t.execOne(`UPDATE users SET email = ?, country_code = ?, cellphone = ?, confirmed_at = ?, suspended_at = ?,
		removed_at = ? WHERE authy_id = ? AND app_id = ?`,
		u.Email, u.CountryCode, u.Cellphone, micros(u.ConfirmedAt), micros(u.SuspendedAt), micros(u.RemovedAt),
		u.AuthyID, u.AppID)
}
