package store

import "github.com/onetouchkit/onetouch/internal/onetouch"

const selectUsers = `SELECT authy_id, id, app_id, email, country_code, cellphone, created_at, removed_at FROM users`

func readUser(r *row) onetouch.User {
	return onetouch.User{
		AuthyID: r.number(), ID: r.text(), AppID: r.text(), Email: r.text(), CountryCode: int(r.number()),
		Cellphone: r.text(), CreatedAt: r.time(), RemovedAt: r.time(),
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
	where.where("removed_at = 0")
	if f.AppID != "" {
		where.where("app_id = ?", f.AppID)
	}
	return list(r.connection, readUser, selectUsers+where.conditions+" ORDER BY authy_id LIMIT +?",
		where.and(limit(f.Limit))...)
}

func (t transaction) InsertUser(u *onetouch.User) (err error) {
	u.AuthyID, err = t.insert(
		`INSERT INTO users (id, app_id, email, country_code, cellphone, created_at, removed_at)
			VALUES (?, ?, ?, ?, ?, ?, ?)`,
		u.ID, u.AppID, u.Email, u.CountryCode, u.Cellphone, micros(u.CreatedAt), micros(u.RemovedAt))
	return err
}

func (t transaction) UpdateUser(u onetouch.User) error {
	return t.execOne(`UPDATE users SET email = ?, country_code = ?, cellphone = ?, removed_at = ?
		WHERE authy_id = ? AND app_id = ?`,
		u.Email, u.CountryCode, u.Cellphone, micros(u.RemovedAt), u.AuthyID, u.AppID)
}
