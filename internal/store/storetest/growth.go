package storetest

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// Dialect is in what two engines differ when much is written at once.
type Dialect struct {
	Random string // 32 random hexadecimal digits
	Bytes  string // some random bytes
	Bulk   []string
	// Indexes lists what speeds up lookups, by name and by the statement that makes it.
	Indexes string
	Done    []string
}

// SQLite is the dialect of a file. Nobody else has it open.
func SQLite() Dialect {
	return Dialect{
		Random: "lower(hex(randomblob(16)))", Bytes: "randomblob(16)",
		Bulk: []string{
			"PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", "PRAGMA cache_size = -400000", "PRAGMA foreign_keys = OFF",
		},
		Indexes: "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
		Done:    []string{"PRAGMA journal_mode = WAL"},
	}
}

// Grow writes a history of ended approval requests into a database that has a user with a device: so many requests, spread over
// so many more users in turn and the one, each with a push and a callback that were sent at once, and the events of all of it.
func Grow(ctx context.Context, db *sql.DB, d Dialect, requests, users int) error {
	indexes, err := indexesOf(ctx, db, d)
	if err != nil {
		return err
	}
	statements := append([]string{}, d.Bulk...)
	for name := range indexes {
		statements = append(statements, "DROP INDEX "+name) // one made at the end is made much sooner
	}
	statements = append(statements, growth(d, requests, users)...)
	for _, index := range indexes {
		statements = append(statements, index)
	}
	for _, statement := range append(statements, d.Done...) {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

func indexesOf(ctx context.Context, db *sql.DB, d Dialect) (map[string]string, error) {
	rows, err := db.QueryContext(ctx, d.Indexes)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	indexes := map[string]string{}
	for rows.Next() {
		var name, statement string
		if err := rows.Scan(&name, &statement); err != nil {
			return nil, err
		}
		indexes[name] = statement
	}
	return indexes, rows.Err()
}

// growth are the statements. Deliveries have numbers above those few that are there.
func growth(d Dialect, requests, users int) []string {
	const begun = 1_700_000_000_000_000 // microseconds: one request each second from then on
	fill := strings.NewReplacer(
		"$users", fmt.Sprint(users), "$requests", fmt.Sprint(requests), "$random", d.Random, "$bytes", d.Bytes, "$first", "100", "$begun", fmt.Sprint(int64(begun)),
		"$series", "WITH RECURSIVE series (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM series WHERE value < ",
		"$uuid", "substr($random, 1, 8) || '-' || substr($random, 1, 4) || '-4000-8000-' || substr($random, 1, 12)")
	var statements []string
	for _, text := range []string{
		`INSERT INTO users (id, app_id, email, country_code, cellphone, created_at, removed_at, confirmed_at, identity)
			$series$users) SELECT $random, u.app_id, u.email, 1, CAST(3000000000 + value AS TEXT), u.created_at, 0, u.created_at,
			'grown ' || value FROM series, (SELECT app_id, email, created_at FROM users ORDER BY authy_id LIMIT 1) u`,
		`INSERT INTO devices (uuid, app_id, authy_id, name, platform, app_version, public_key, key_id, access_token_digest, push_type,
			push_token, push_url, totp_secret, registered_at, removed_at, verified_at, updated_at)
			SELECT $random, u.app_id, u.authy_id, d.name, d.platform, d.app_version, d.public_key, d.key_id, $bytes,
			d.push_type, d.push_token, d.push_url, d.totp_secret, d.registered_at, 0, d.verified_at, d.updated_at
			FROM users u, (SELECT * FROM devices ORDER BY id LIMIT 1) d
			WHERE u.authy_id NOT IN (SELECT authy_id FROM devices)`,
		`INSERT INTO approval_requests (number, uuid, id, app_id, authy_id, status, seconds_to_expire, created_at, expires_at,
			updated_at, processed_at, challenge, answer_device_id, answer_signed_at, answer_reason, answer_jws, app_name, message,
			logos, details, hidden_details)
			$series$requests) SELECT value, $uuid, substr($random, 1, 24), v.app_id, v.authy_id,
			CASE value % 3 WHEN 0 THEN 'approved' WHEN 1 THEN 'denied' ELSE 'expired' END, 86400, $begun + value * 1000000,
			$begun + (value + 86400) * 1000000, $begun + value * 1000000, $begun + value * 1000000, $random, v.id,
			$begun + value * 1000000, '', $random || $random || $random || $random || $random || $random, 'Acme Bank',
			'Send $12,400 to ACME?', 'null', '{"Amount":"$12,400","To":"ACME"}', '{"ip":"10.0.0.1"}'
			FROM series, (SELECT id, app_id, authy_id, ROW_NUMBER() OVER (ORDER BY id) AS place FROM devices) v
			WHERE v.place = value % ($users + 1) + 1 ORDER BY value`,
		`INSERT INTO deliveries (id, app_id, kind, request_number, device_id, method, url, receiver, state, attempts,
			next_attempt_at, created_at, finished_at, last_error)
			SELECT $first + 2 * r.number + k.place, r.app_id, k.kind, r.number, CASE k.place WHEN 0 THEN r.answer_device_id ELSE 0 END,
			k.method, k.url, k.receiver, 'sent', 1, 0, r.created_at, r.created_at, ''
			FROM approval_requests r CROSS JOIN (SELECT 0 AS place, 'push' AS kind, '' AS method, '' AS url, '' AS receiver
			UNION ALL SELECT 1, 'callback', 'POST', 'http://127.0.0.1:3000/callback', '127.0.0.1:3000') k
			ORDER BY r.number, k.place`,
		`INSERT INTO attempts (delivery_id, number, started_at, duration, status_code, response, error, exchange)
			SELECT id, 1, created_at, 1500000, 200, 'ok', '', '{"nonce":"1700000000","signature":"' || $random || '"}'
			FROM deliveries WHERE id >= $first ORDER BY id`,
		`INSERT INTO events (at, type, app_id, authy_id, device_id, request_number, delivery_id, note)
			SELECT r.created_at, k.type, r.app_id, r.authy_id, r.answer_device_id, r.number,
			CASE k.place WHEN 1 THEN $first + 2 * r.number WHEN 3 THEN $first + 2 * r.number + 1 ELSE 0 END, ''
			FROM approval_requests r CROSS JOIN (SELECT 0 AS place, 'one_touch_request_created' AS type
			UNION ALL SELECT 1, 'push_sent' UNION ALL SELECT 2, 'one_touch_request_responded'
			UNION ALL SELECT 3, 'callback_sent') k ORDER BY r.number, k.place`,
	} {
		statements = append(statements, fill.Replace(fill.Replace(text))) // some stand in others
	}
	return statements
}
