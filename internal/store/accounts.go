package store

import "github.com/onetouchkit/onetouch/internal/onetouch"

func (r reader) Account() (onetouch.Account, error) {
	read := func(r *row) onetouch.Account { return onetouch.Account{SID: r.text(), AuthToken: r.text()} }
	return one(r.connection, read, "SELECT sid, auth_token FROM accounts WHERE id = 1")
}

func (t transaction) InsertAccount(a onetouch.Account) error {
	return t.execOne("INSERT INTO accounts (id, sid, auth_token) VALUES (1, ?, ?)", a.SID, a.AuthToken)
}
