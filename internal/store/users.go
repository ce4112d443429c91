package store

import "github.com/onetouchkit/onetouch/internal/onetouch"

const selectUsers = `SELECT authy_id, id, app_id, email, country_code, cellphone, created_at, removed_at FROM users`

func readUser(r row) (onetouch.User, error) {
	var u onetouch.User
	err := r.Scan(&u.AuthyID, &u.ID, &u.AppID, &u.Email, &u.CountryCode, &u.Cellphone, timeColumn{&u.CreatedAt},
		timeColumn{&u.RemovedAt})
	return u, err
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
	return list(r.connection, readUser, selectUsers+where.conditions+" ORDER BY authy_id LIMIT ?",
		where.and(limit(f.Limit))...)
}

func (t transaction) InsertUser(u *onetouch.User) (err error) {
	u.AuthyID, err = one(t.connection, scalar[int64],
		`INSERT INTO users (id, app_id, email, country_code, cellphone, created_at, removed_at)
			VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING authy_id`,
		u.ID, u.AppID, u.Email, u.CountryCode, u.Cellphone, micros(u.CreatedAt), micros(u.RemovedAt))
	return err
}

func (t transaction) UpdateUser(u onetouch.User) error {
	return t.execOne(`UPDATE users SET email = ?, country_code = ?, cellphone = ?, removed_at = ?
		WHERE authy_id = ? AND app_id = ?`,
		u.Email, u.CountryCode, u.Cellphone, micros(u.RemovedAt), u.AuthyID, u.AppID)
}
