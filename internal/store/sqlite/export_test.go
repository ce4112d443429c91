package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/onetouchkit/onetouch/internal/store/engine"
)

// LimitPages makes the database full at so many pages, as a full disk would.
func (db *Database) LimitPages(pages int) error {
	_, err := db.writer.number(fmt.Sprintf("PRAGMA max_page_count = %d", pages))
	return err
}

// Pages is how many pages the database has.
func (db *Database) Pages() (int64, error) { return db.writer.number("PRAGMA page_count") }

// MaxBatch is how many changes share a commit at most.
const MaxBatch = maxBatch

// LosePatience makes the store give up at once when another process keeps the database locked.
func (db *Database) LosePatience() { db.location.patience = -time.Second }

// Waiting is how many changes wait for their turn.
func (db *Database) Waiting() int {
	return db.turn.Waiting()
}

// BatchSize is how many changes share the transaction of the one that asks.
func (db *Database) BatchSize() int { return db.changes.Size() }

// EndTransaction does what a database may do when a statement fails. Only a change may call it.
func (db *Database) EndTransaction() error {
	if err := db.writer.exec("ROLLBACK"); err != nil {
		return err
	}
	return db.writer.fail("a statement", errors.New("the disk is on fire"))
}

// DeferForeignKeys lets a violation be found by the commit. Only a change may call it.
func (db *Database) DeferForeignKeys() error {
	return db.writer.exec("PRAGMA defer_foreign_keys = ON")
}

// Migrations are the names of the files.
func Migrations() ([]string, error) { return fs.Glob(migrations, "migrations/*.sql") }

// Fill writes a history of n answered requests of one user, each with a push and a callback that were sent, and events.
func (db *Database) Fill(n int, appID string, authyID, deviceID int64) error {
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
	return db.writer.exec("PRAGMA wal_checkpoint(TRUNCATE)")
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

// ForeignVersion changes with every commit by another process.
func (db *Database) ForeignVersion(ctx context.Context) (int64, bool) { return db.foreignVersion(ctx) }

// Plan is what SQLite says it will do for the statements of a view, which is made on a connection of its own.
func (db *Database) Plan(view func(engine.Engine) error) (plan []string, err error) {
	c, err := db.location.connect()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	if err := view(single{c: c}); err != nil {
		return nil, err
	}
	for _, query := range slices.Sorted(maps.Keys(c.statements)) { // explaining prepares further ones
		steps, err := c.planOf(query)
		if err != nil {
			return nil, err
		}
		plan = append(plan, steps...)
	}
	return plan, nil
}

// PlanOf is what SQLite says it will do for a statement.
func (db *Database) PlanOf(statement string) (plan []string, err error) {
	c, err := db.location.connect()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	return c.planOf(statement)
}

func (c *connection) planOf(statement string) (plan []string, err error) {
	rows, err := c.Query("EXPLAIN QUERY PLAN "+statement, make([]any, strings.Count(statement, "?")))
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		plan = append(plan, rows.Text(3)) // after the step's number, its parent's and one that is not used
	}
	return plan, rows.Close()
}

// single is an engine for views on one connection.
type single struct {
	engine.Engine
	c *connection
}

func (s single) View(_ context.Context, read func(engine.Connection) error) error {
	return s.c.snapshot(read)
}

// AwaitCheckpoint returns once changes that are being moved into the database itself are there.
func (db *Database) AwaitCheckpoint() { db.checkpoints.running.Wait() }

// CheckpointCommits is after how many transactions that is done.
const CheckpointCommits = checkpointCommits
