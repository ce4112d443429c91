package store

import "github.com/onetouchkit/onetouch/internal/onetouch"

const selectUsers = `SELECT authy_id, id, app_id, email, country_code, cellphone, created_at, confirmed_at, suspended_at,
	removed_at, identity FROM users`

func readUser(r *row) onetouch.User {
	u := onetouch.User{
		AuthyID: r.number(), ID: r.text(), AppID: r.text(), Email: r.text(), CountryCode: int(r.number()),
		Cellphone: r.text(), CreatedAt: r.time(), ConfirmedAt: r.time(), SuspendedAt: r.time(), RemovedAt: r.time(),
		Identity: r.text(),
	}
	if u.CountryCode == 0 {
		u.Cellphone = "" // see phoneKey
	}
	return u
}

// phoneKey is the number as it is stored. That of a user without a phone is the user's ID, which no other has: of one number
// there is one user.
func phoneKey(u onetouch.User) string {
	if u.CountryCode == 0 {
		return u.ID
	}
	return u.Cellphone
}

func (r reader) User(appID string, authyID int64) (onetouch.User, error) {
	return one(r.connection, readUser, selectUsers+" WHERE authy_id = ? AND app_id = ?", authyID, appID)
}

func (r reader) UserByPhone(appID string, countryCode int, cellphone string) (onetouch.User, error) {
	return one(r.connection, readUser, selectUsers+" WHERE app_id = ? AND country_code = ? AND cellphone = ?",
		appID, countryCode, cellphone)
}

func (r reader) UserByIdentity(appID, identity string) (onetouch.User, error) {
	return one(r.connection, readUser, selectUsers+" WHERE app_id = ? AND identity = ? AND identity <> ''", appID, identity)
}

func (r reader) Users(f onetouch.UserFilter) ([]onetouch.User, error) {
	var where filter
	if f.AuthyID != 0 {
		where.where("authy_id = ?", f.AuthyID)
	}
	if f.AppID != "" {
		where.where("app_id = ?", f.AppID)
	}
	if f.After != 0 {
		where.where("authy_id > ?", f.After)
	}
	if f.Before != 0 {
		where.where("authy_id < ?", f.Before)
	}
	if !f.WithRemoved {
		where.where("removed_at = 0")
	}
	order := " ORDER BY authy_id LIMIT ?"
	if f.NewestFirst {
		order = " ORDER BY authy_id DESC LIMIT ?"
	}
	return list(r.connection, readUser, selectUsers+where.conditions+order,
		where.and(limit(f.Limit))...)
}

func (r reader) CountUsers(appID string) (int, error) {
	number, err := one(r.connection, scalar, "SELECT COUNT(*) FROM users WHERE app_id = ? AND removed_at = 0", appID)
	return int(number), err
}

func (t transaction) InsertUser(u *onetouch.User) (err error) {
	u.AuthyID, err = t.insert("authy_id",
		`INSERT INTO users (authy_id, id, app_id, email, country_code, cellphone, created_at, confirmed_at, suspended_at,
			removed_at, identity) VALUES (NULLIF(CAST(? AS BIGINT), 0), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		u.AuthyID, u.ID, u.AppID, u.Email, u.CountryCode, phoneKey(*u), micros(u.CreatedAt), micros(u.ConfirmedAt),
		micros(u.SuspendedAt), micros(u.RemovedAt), u.Identity)
	return err
}

func (t transaction) UpdateUser(u onetouch.User) error {
	return t.execOne(`UPDATE users SET email = ?, country_code = ?, cellphone = ?, confirmed_at = ?, suspended_at = ?,
		removed_at = ? WHERE authy_id = ? AND app_id = ?`,
		u.Email, u.CountryCode, phoneKey(u), micros(u.ConfirmedAt), micros(u.SuspendedAt), micros(u.RemovedAt),
		u.AuthyID, u.AppID)
}
