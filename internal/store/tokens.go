package store

import (
	"errors"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

func readOneTimePassword(r *row) onetouch.OneTimePassword {
	return onetouch.OneTimePassword{
		ID: r.number(), AppID: r.text(), AuthyID: r.number(), Channel: onetouch.Channel(r.text()), Action: r.text(),
		Code: r.text(), CreatedAt: r.time(), ExpiresAt: r.time(), UsedAt: r.time(),
	}
}

func (r reader) OneTimePasswords(authyID int64, expireAfter time.Time) ([]onetouch.OneTimePassword, error) {
	return list(r.connection, readOneTimePassword,
		`SELECT id, app_id, authy_id, channel, action, code, created_at, expires_at, used_at FROM one_time_passwords
			WHERE authy_id = ? AND expires_at > ? ORDER BY expires_at DESC, id DESC`, authyID, micros(expireAfter))
}

func (t transaction) InsertOneTimePassword(p *onetouch.OneTimePassword) (err error) {
	p.ID, err = t.insert("id",
		`INSERT INTO one_time_passwords (app_id, authy_id, channel, action, code, created_at, expires_at, used_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		p.AppID, p.AuthyID, string(p.Channel), p.Action, p.Code, micros(p.CreatedAt), micros(p.ExpiresAt), micros(p.UsedAt))
	return err
}

func (t transaction) UpdateOneTimePassword(p onetouch.OneTimePassword) error {
	return t.execOne("UPDATE one_time_passwords SET used_at = ? WHERE id = ?", micros(p.UsedAt), p.ID)
}

func (r reader) TokenStep(owner string) (int64, error) {
	return one(r.connection, scalar, "SELECT COALESCE(MAX(step), 0) FROM token_steps WHERE owner = ?", owner)
}

func (t transaction) SetTokenStep(owner string, step int64) error {
	return t.execOne(`INSERT INTO token_steps (owner, step) VALUES (?, ?)
		ON CONFLICT (owner) DO UPDATE SET step = excluded.step`, owner, step)
}

func (r reader) TokenFailures(authyID int64) (onetouch.TokenFailures, error) {
	read := func(r *row) onetouch.TokenFailures {
		return onetouch.TokenFailures{Number: int(r.number()), Since: r.time()}
	}
	failures, err := one(r.connection, read, "SELECT number, since FROM token_failures WHERE authy_id = ?", authyID)
	if errors.Is(err, onetouch.ErrNotFound) {
		return onetouch.TokenFailures{}, nil
	}
	return failures, err
}

func (t transaction) SetTokenFailures(authyID int64, f onetouch.TokenFailures) error {
	return t.execOne(`INSERT INTO token_failures (authy_id, number, since) VALUES (?, ?, ?)
		ON CONFLICT (authy_id) DO UPDATE SET number = excluded.number, since = excluded.since`,
		authyID, f.Number, micros(f.Since))
}

const selectAuthenticators = "SELECT authy_id, app_id, secret, label, ticket, created_at FROM authenticators"

func readAuthenticator(r *row) onetouch.Authenticator {
	return onetouch.Authenticator{
		AuthyID: r.number(), AppID: r.text(), Secret: r.bytes(), Label: r.text(), Ticket: r.text(), CreatedAt: r.time(),
	}
}

func (r reader) Authenticator(authyID int64) (onetouch.Authenticator, error) {
	return one(r.connection, readAuthenticator, selectAuthenticators+" WHERE authy_id = ?", authyID)
}

func (r reader) AuthenticatorByTicket(ticket string) (onetouch.Authenticator, error) {
	return one(r.connection, readAuthenticator, selectAuthenticators+" WHERE ticket = ?", ticket)
}

func (t transaction) PutAuthenticator(a onetouch.Authenticator) error {
	return t.execOne(`INSERT INTO authenticators (authy_id, app_id, secret, label, ticket, created_at)
		VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (authy_id) DO UPDATE SET app_id = excluded.app_id, secret = excluded.secret,
		label = excluded.label, ticket = excluded.ticket, created_at = excluded.created_at`,
		a.AuthyID, a.AppID, a.Secret, a.Label, a.Ticket, micros(a.CreatedAt))
}

func (t transaction) DeleteAuthenticator(authyID int64) error {
	_, err := t.exec("DELETE FROM authenticators WHERE authy_id = ?", authyID)
	return err
}
