package store

import (
	"context"
	"strings"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/store/engine"
)

// Lease waits until this process may send what is owed, and takes part in it. On an engine that is not shared, one process does
// at a time.
func (db *DB) Lease(ctx context.Context) (onetouch.Lease, error) { return db.engine.Lease(ctx) }

// Claim implements [onetouch.Store].
func (db *DB) Claim(ctx context.Context, claimant onetouch.Claimant, read func(onetouch.Reader) error) error {
	shared, is := db.engine.(engine.Shared)
	if !is || claimant == 0 {
		return db.Glance(ctx, read)
	}
	return shared.Claim(ctx, func(c engine.Connection) error {
		own := db.equip(c)
		defer db.release(own)
		own.claimant = claimant
		return read(reader{own})
	})
}

// claimDue claims what is due, and returns what is due of all that the claimant has.
func (r reader) claimDue(receiver string, now time.Time, most int) (due onetouch.Due, err error) {
	time, claimant := micros(now), int64(r.claimant)
	behind := false
	read := func(r *row) onetouch.Delivery {
		d := readDelivery(r)
		behind = r.boolean() || behind
		return d
	}
	due.Deliveries, err = list(r.connection, read, claimStatement(),
		claimant, receiver, time, most, receiver, time, claimant, claimant, most, claimant)
	due.More = behind || len(due.Deliveries) >= most
	return due, err
}

// claimStatement claims what is due at a receiver, as far as the claimant is there and has not enough. What somebody else has
// claimed, or claims just now, is passed over; so is what comes in its order behind something that is not the claimant's. The
// last column says whether there is something behind what it has claimed. It counts where it could ask whether there is one, and
// lists what it could join: so the planner looks row by row, in the order of the index, and ends when there are enough. Adding 0
// to a time has it look for what a request owes among that only.
func claimStatement() string {
	var unordered []string
	for _, kind := range onetouch.DeliveryKinds() {
		if !kind.Ordered() {
			unordered = append(unordered, "'"+string(kind)+"'")
		}
	}
	ordered := func(table string) string { return table + ".kind NOT IN (" + strings.Join(unordered, ", ") + ")" }
	return `WITH had AS (
		SELECT d.id FROM deliveries d
		WHERE d.id = ANY (ARRAY(SELECT c.delivery_id FROM delivery_claims c WHERE c.claimant = ?))
		AND ` + scheduled + ` AND d.receiver = ? AND d.next_attempt_at <= ?
		ORDER BY d.next_attempt_at, d.id LIMIT ?),
	found AS (
		SELECT d.id, d.request_number, d.url FROM deliveries d
		WHERE ` + scheduled + ` AND d.receiver = ? AND d.next_attempt_at <= ?
		AND EXISTS (SELECT 1 FROM delivery_claimants WHERE number = ?)
		AND (SELECT COUNT(*) FROM delivery_claims c WHERE c.delivery_id = d.id) = 0
		AND (
			SELECT COUNT(*) FROM deliveries e WHERE e.request_number = d.request_number AND e.url = d.url AND e.id < d.id
			AND e.state = 'pending' AND e.next_attempt_at + 0 > 0 AND ` + ordered("e") + ` AND ` + ordered("d") + `
			AND (SELECT COUNT(*) FROM delivery_claims c WHERE c.delivery_id = e.id AND c.claimant = ?) = 0) = 0
		ORDER BY d.next_attempt_at, d.id LIMIT (SELECT GREATEST(CAST(? AS BIGINT) - COUNT(*), 0) FROM had)
		FOR NO KEY UPDATE OF d SKIP LOCKED),
	taken AS (
		INSERT INTO delivery_claims (delivery_id, claimant) SELECT id, CAST(? AS BIGINT) FROM found
		ON CONFLICT (delivery_id) DO NOTHING RETURNING delivery_id),
	blocking AS (
		SELECT found.id FROM found WHERE (
			SELECT COUNT(*) FROM deliveries l WHERE l.request_number = found.request_number AND l.url = found.url
			AND l.id > found.id AND l.state = 'pending' AND l.next_attempt_at + 0 > 0) > 0)
	SELECT ` + deliveryColumns + `, d.id = ANY (ARRAY(SELECT id FROM blocking)) FROM ` + deliveryTables + `
	WHERE d.id = ANY (ARRAY(SELECT id FROM had UNION ALL SELECT delivery_id FROM taken)) ORDER BY d.next_attempt_at, d.id`
}
