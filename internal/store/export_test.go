package store

import (
	"errors"
	"fmt"
	"io/fs"
	"time"
)

// LimitPages makes the database full at so many pages, as a full disk would.
func (db *DB) LimitPages(pages int) error {
	_, err := one(db.writer, scalar, fmt.Sprintf("PRAGMA max_page_count = %d", pages))
	return err
}

// Pages is how many pages the database has.
func (db *DB) Pages() (int64, error) { return one(db.writer, scalar, "PRAGMA page_count") }

// SchemaVersion is that of the newest migration.
const SchemaVersion = schemaVersion

// MaxBatch is how many changes share a commit at most.
const MaxBatch = maxBatch

// LosePatience makes the store give up at once when another process keeps the database locked.
func (db *DB) LosePatience() { db.engine.patience = -time.Second }

// Waiting is how many changes wait for their turn.
func (db *DB) Waiting() int {
	db.turn.mu.Lock()
	defer db.turn.mu.Unlock()
	return len(db.turn.waiting)
}

// BatchSize is how many changes share the transaction of the one that asks.
func (db *DB) BatchSize() int { return db.batch.size }

// EndTransaction does what a database may do when a statement fails. Only a change may call it.
func (db *DB) EndTransaction() error {
	if _, err := db.writer.exec("ROLLBACK"); err != nil {
		return err
	}
	return db.writer.fail("a statement", errors.New("the disk is on fire"))
}

// DeferForeignKeys lets a violation be found by the commit. Only a change may call it.
func (db *DB) DeferForeignKeys() error {
	_, err := db.writer.exec("PRAGMA defer_foreign_keys = ON")
	return err
}

// Migrations are the names of the files.
func Migrations() ([]string, error) { return fs.Glob(migrations, "migrations/sqlite/*.sql") }

// Fill writes a history of n answered requests of one user, each with a push and a callback that were sent, and events.
func (db *DB) Fill(n int, appID string, authyID, deviceID int64) error {
	for _, statement := range []string{
		`WITH RECURSIVE series (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM series WHERE value < @n)
			INSERT INTO approval_requests (uuid, id, app_id, authy_id, status, seconds_to_expire, created_at, expires_at,
			updated_at, processed_at, challenge, answer_device_id, answer_signed_at, answer_reason, answer_jws, app_name,
			message, logos, details, hidden_details)
			SELECT lower(hex(randomblob(18))), lower(hex(randomblob(12))), @app, @user,
			CASE value % 3 WHEN 0 THEN 'approved' WHEN 1 THEN 'denied' ELSE 'expired' END, 86400, value, value + 86400000000,
			value, value, hex(randomblob(22)), @device, value, '', hex(randomblob(200)), 'Acme Bank', 'Send $12,400 to ACME?',
			'[]', '{"Amount":"$12,400","To":"ACME"}', '{"ip":"10.0.0.1"}' FROM series WHERE @n > 0`,
		`INSERT INTO deliveries (app_id, kind, request_number, device_id, method, url, state, attempts, next_attempt_at,
			created_at, finished_at, last_error)
			SELECT @app, k.kind, r.number, @device, k.method, k.url, 'sent', 1, 0, r.created_at, r.created_at, ''
			FROM approval_requests r CROSS JOIN (SELECT 'push' AS kind, '' AS method, '' AS url
			UNION ALL SELECT 'callback', 'POST', 'http://127.0.0.1:3000/callback') k ORDER BY r.number`,
		`INSERT INTO events (at, type, app_id, authy_id, device_id, request_number, delivery_id, note)
			SELECT created_at, 'push_sent', @app, @user, device_id, request_number, id, '' FROM deliveries ORDER BY id`,
	} {
		if err := db.writer.fill(statement, int64(n), appID, authyID, deviceID); err != nil {
			return err
		}
	}
	_, err := db.writer.exec("PRAGMA wal_checkpoint(TRUNCATE)")
	return err
}

func (c *connection) fill(query string, n int64, appID string, authyID, deviceID int64) error {
	statement, _, err := c.conn.PrepareTransient(query)
	if err != nil {
		return err
	}
	for i := range statement.BindParamCount() {
		switch name := statement.BindParamName(i + 1); name {
		case "@n":
			statement.SetInt64(name, n)
		case "@app":
			statement.SetText(name, appID)
		case "@user":
			statement.SetInt64(name, authyID)
		case "@device":
			statement.SetInt64(name, deviceID)
		}
	}
	_, err = statement.Step()
	return errors.Join(err, statement.Finalize()) //nolint:misspell // the driver's own spelling
}
