package store

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

const deliveryColumns = `d.id, d.app_id, d.kind, COALESCE(r.uuid, ''), d.device_id, COALESCE(d.webhook_id, ''),
	COALESCE(d.event_sequence, 0), d.method, d.url, d.state, d.attempts, d.next_attempt_at, d.created_at, d.finished_at,
	d.last_error`

const (
	deliveryTables   = `deliveries d LEFT JOIN approval_requests r ON r.number = d.request_number`
	selectDeliveries = `SELECT ` + deliveryColumns + ` FROM ` + deliveryTables
)

func readDelivery(r *row) onetouch.Delivery {
	return onetouch.Delivery{
		ID: r.number(), AppID: r.text(), Kind: onetouch.DeliveryKind(r.text()), RequestUUID: r.text(), DeviceID: r.number(),
		WebhookID: r.text(), EventSequence: r.number(), Method: r.text(), URL: r.text(),
		State: onetouch.DeliveryState(r.text()), Attempts: int(r.number()), NextAttemptAt: r.time(), CreatedAt: r.time(),
		FinishedAt: r.time(), LastError: r.text(),
	}
}

func (r reader) Delivery(id int64) (onetouch.Delivery, error) {
	return one(r.connection, readDelivery, selectDeliveries+" WHERE d.id = ?", id)
}

// Conditions of the indexes of what is rare among deliveries: most are pushes and callbacks that were sent.
const (
	isFailed   = "d.state = 'failed'"
	isRareKind = "d.kind NOT IN ('push', 'callback')"
)

// Deliveries walks from the newest, along an index of as little as the filter allows. Those of a user or application are looked
// for among the last ones first.
func (r reader) Deliveries(f onetouch.DeliveryFilter) ([]onetouch.Delivery, error) {
	from, where, narrow := wayToDeliveries(f)
	isOfSome := f.AuthyID != 0 || f.AppID != "" && !narrow
	if !isOfSome || f.RequestUUID != "" {
		return r.deliveriesFrom(from, where, f)
	}
	if f.Limit > 0 {
		newest, err := r.newestDelivery()
		if err != nil {
			return nil, err
		}
		var recent filter
		recent.where("d.id > ?", newest-recentRows)
		found, err := r.deliveriesFrom(deliveryTables, recent, f)
		if err != nil || len(found) == f.Limit || newest <= recentRows {
			return found, err
		}
	}
	if f.AuthyID != 0 {
		return r.deliveriesFrom(from, where, f)
	}
	return r.deliveriesOfApp(f)
}

// wayToDeliveries is from what those of a filter are chosen, and whether an index leads to few.
func wayToDeliveries(f onetouch.DeliveryFilter) (from string, where filter, narrow bool) {
	isPush := len(f.Kinds) == 0 || slices.Contains(f.Kinds, onetouch.DeliveryPush)
	switch {
	case f.RequestUUID != "":
		where.where("d.request_number = (SELECT number FROM approval_requests WHERE uuid = ?)", f.RequestUUID)
	case f.AuthyID != 0:
		where.where("d.request_number = r.number")
		return "approval_requests r CROSS JOIN deliveries d", where, true
	case f.WebhookID != "":
	case f.State == onetouch.DeliveryFailed:
		where.where(isFailed)
	case f.State == onetouch.DeliveryPending && !isPush:
		where.where(scheduled + " AND d.receiver > ''") // what is no push is pending as long as it is owed
	case areRare(f.Kinds):
		where.where(isRareKind)
	default:
		return deliveryTables, where, false
	}
	return deliveryTables, where, true
}

func (r reader) newestDelivery() (int64, error) {
	return one(r.connection, scalar, "SELECT COALESCE(MAX(id), 0) FROM deliveries")
}

// deliveriesOfApp goes through all of an application's users.
func (r reader) deliveriesOfApp(f onetouch.DeliveryFilter) ([]onetouch.Delivery, error) {
	own, other := filter{args: []any{f.AppID}}, filter{}
	own.where("r.authy_id = owner AND d.request_number = r.number")
	other.where("d.request_number IS NULL")
	found, err := r.deliveriesFrom(ownUsers+" CROSS JOIN approval_requests r CROSS JOIN deliveries d", own, f)
	if err != nil {
		return nil, err
	}
	others, err := r.deliveriesFrom(deliveryTables, other, f)
	found = append(found, others...)
	slices.SortFunc(found, func(a, b onetouch.Delivery) int { return cmp.Compare(b.ID, a.ID) })
	if f.Limit > 0 && len(found) > f.Limit {
		found = found[:f.Limit]
	}
	return found, err
}

// deliveriesFrom narrows deliveries that are chosen somehow to those of a filter.
func (r reader) deliveriesFrom(from string, where filter, f onetouch.DeliveryFilter) ([]onetouch.Delivery, error) {
	if f.AuthyID != 0 {
		where.where("r.authy_id = ?", f.AuthyID)
	}
	if f.WebhookID != "" {
		where.where("d.webhook_id = ?", f.WebhookID)
	}
	if f.AppID != "" {
		where.where("d.app_id = ?", f.AppID)
	}
	if f.State != "" {
		where.where("d.state = ?", string(f.State))
	}
	if len(f.Kinds) > 0 {
		kinds := make([]any, len(f.Kinds))
		for i, kind := range f.Kinds {
			kinds[i] = string(kind)
		}
		where.where("d.kind IN (?"+strings.Repeat(", ?", len(kinds)-1)+")", kinds...)
	}
	return list(r.connection, readDelivery, "SELECT "+deliveryColumns+" FROM "+from+where.conditions+" ORDER BY d.id DESC LIMIT ?",
		where.and(limit(f.Limit))...)
}

func areRare(kinds []onetouch.DeliveryKind) bool {
	return len(kinds) > 0 && !slices.Contains(kinds, onetouch.DeliveryPush) && !slices.Contains(kinds, onetouch.DeliveryCallback)
}

// scheduled is the condition of the index of deliveries that the worker has to send: those that [onetouch.Delivery.Owed] is
// true of.
const scheduled = "d.state = 'pending' AND d.next_attempt_at > 0"

// selectReceivers hops from one receiver to the next in the index, however much is scheduled for each.
const selectReceivers = `WITH RECURSIVE receivers (name) AS (
	SELECT MIN(d.receiver) FROM deliveries d WHERE ` + scheduled + `
	UNION ALL
	SELECT (SELECT MIN(d.receiver) FROM deliveries d WHERE ` + scheduled + ` AND d.receiver > receivers.name)
	FROM receivers WHERE receivers.name IS NOT NULL)
	SELECT name, (SELECT MIN(d.next_attempt_at) FROM deliveries d WHERE ` + scheduled + ` AND d.receiver = name),
	COALESCE((SELECT MIN(d.next_attempt_at) FROM deliveries d WHERE ` + scheduled + ` AND d.receiver = name
		AND d.next_attempt_at > ?), 0)
	FROM receivers WHERE name IS NOT NULL`

func (r reader) Receivers(now time.Time) ([]onetouch.Receiver, error) {
	read := func(r *row) onetouch.Receiver {
		return onetouch.Receiver{Name: r.text(), Due: !r.time().After(now), Next: r.time()}
	}
	return list(r.connection, read, selectReceivers, micros(now))
}

func (r reader) DueDeliveries(receiver string, now time.Time, most int) (due onetouch.Due, err error) {
	if r.claimant != 0 {
		return r.claimDue(receiver, now, most)
	}
	due.Deliveries, err = list(r.connection, readDelivery, selectDeliveries+" WHERE "+scheduled+
		" AND d.receiver = ? AND d.next_attempt_at <= ? ORDER BY d.next_attempt_at, d.id LIMIT ?",
		receiver, micros(now), limit(most))
	due.More = len(due.Deliveries) >= most
	return due, err
}

func (r reader) OwedDeliveries(above int64, now time.Time) (due, later int, err error) {
	const count = `SELECT COUNT(*) FROM deliveries d WHERE ` + scheduled + ` AND d.receiver > '' AND +d.id > ?`
	dueNow, err := one(r.connection, scalar, count+" AND d.next_attempt_at <= ?", above, micros(now))
	if err != nil {
		return 0, 0, err
	}
	afterNow, err := one(r.connection, scalar, count+" AND d.next_attempt_at > ?", above, micros(now))
	return int(dueNow), int(afterNow), err
}

// Attempts lists the tries of one delivery.
func (r reader) Attempts(deliveryID int64) ([]onetouch.Attempt, error) {
	read := func(r *row) onetouch.Attempt {
		return onetouch.Attempt{
			DeliveryID: r.number(), Number: int(r.number()), StartedAt: r.time(), Duration: time.Duration(r.number()),
			StatusCode: int(r.number()), Response: r.text(), Error: r.text(), Exchange: readExchange(r),
		}
	}
	return list(r.connection, read, `SELECT delivery_id, number, started_at, duration, status_code, response, error, exchange
		FROM attempts WHERE delivery_id = ? ORDER BY number`, deliveryID)
}

// exchange is how a column holds an [onetouch.Exchange]: nobody asks for parts of it, and most are small.
type exchange struct {
	Nonce     string      `json:"nonce,omitempty"`
	Signature string      `json:"signature,omitempty"`
	Headers   [][2]string `json:"headers,omitempty"`
	Phases    []int64     `json:"phases,omitempty"` // lookup, connect, TLS, send, wait, receive, in microseconds
	Reused    bool        `json:"reused,omitempty"`
}

func readExchange(r *row) onetouch.Exchange {
	text := r.text()
	if text == "" {
		return onetouch.Exchange{}
	}
	var kept exchange
	if err := readJSON([]byte(text), &kept); err != nil {
		r.err = errors.Join(r.err, err)
		return onetouch.Exchange{}
	}
	e := onetouch.Exchange{Nonce: kept.Nonce, Signature: kept.Signature, Phases: onetouch.Phases{Reused: kept.Reused}}
	for _, header := range kept.Headers {
		e.Headers = append(e.Headers, onetouch.Header{Name: header[0], Value: header[1]})
	}
	for i, phase := range phasesOf(&e.Phases) {
		if i < len(kept.Phases) {
			*phase = time.Duration(kept.Phases[i]) * time.Microsecond
		}
	}
	return e
}

func exchangeText(e onetouch.Exchange) (string, error) {
	kept := exchange{Nonce: e.Nonce, Signature: e.Signature, Reused: e.Phases.Reused}
	for _, header := range e.Headers {
		kept.Headers = append(kept.Headers, [2]string{header.Name, header.Value})
	}
	if e.Phases != (onetouch.Phases{}) {
		for _, phase := range phasesOf(&e.Phases) {
			kept.Phases = append(kept.Phases, phase.Microseconds())
		}
	}
	if e.Nonce == "" && len(kept.Headers) == 0 && len(kept.Phases) == 0 {
		return "", nil
	}
	return jsonText(kept)
}

func phasesOf(p *onetouch.Phases) []*time.Duration {
	return []*time.Duration{&p.Lookup, &p.Connect, &p.TLS, &p.Send, &p.Wait, &p.Receive}
}

// A stream that has sent something walks on from there in the pushes of its device. One that starts looks from the other
// side, at the user's pending requests: they are few, while the pushes of a device may be its whole history.
const (
	pushesAfter = `SELECT d.id, r.uuid, r.message FROM deliveries d CROSS JOIN approval_requests r
		WHERE d.device_id = ? AND d.id > ? AND d.kind = 'push' AND d.method = ''
		AND d.state <> 'failed' AND r.number = d.request_number AND r.status = 'pending'`
	pushesPending = `SELECT d.id, r.uuid, r.message
		FROM devices v CROSS JOIN approval_requests r CROSS JOIN deliveries d
		WHERE v.id = ? AND r.authy_id = v.authy_id AND r.status = 'pending'
		AND d.request_number = r.number AND d.device_id = v.id AND d.kind = 'push' AND d.method = ''
		AND d.state <> 'failed'`
)

func (r reader) StreamPushes(deviceID, after int64, unsentOnly bool, most int) ([]onetouch.Push, error) {
	query, args := pushesPending, []any{deviceID}
	if after > 0 {
		query, args = pushesAfter, append(args, after)
	}
	if unsentOnly {
		query += " AND d.state = 'pending'"
	}
	read := func(r *row) onetouch.Push {
		return onetouch.Push{ID: r.number(), RequestUUID: r.text(), Message: r.text()}
	}
	return list(r.connection, read, query+" ORDER BY d.id LIMIT ?", append(args, limit(most))...)
}

// lastDeliveryNumber is the highest number that a delivery has or has had.
const lastDeliveryNumber = `(SELECT MAX(number) FROM
	(SELECT MAX(id) AS number FROM deliveries UNION ALL SELECT last FROM delivery_numbers) AS numbers)`

const insertDelivery = `INSERT INTO deliveries (id, app_id, kind, device_id, webhook_id, event_sequence, method, url, receiver,
	state, attempts, next_attempt_at, created_at, finished_at, last_error, request_number)
	SELECT ` + lastDeliveryNumber + ` + 1, ?, ?, ?, NULLIF(?, ''), NULLIF(CAST(? AS BIGINT), 0), ?, ?, ?, ?, ?, ?, ?, ?, ?, `

// keepDeliveryNumbers has deliveries go on above a number, and above all that there are.
func (t transaction) keepDeliveryNumbers(last int64) error {
	return t.execOne(`UPDATE delivery_numbers SET last = CASE WHEN ? > `+lastDeliveryNumber+` THEN ? ELSE `+
		lastDeliveryNumber+` END WHERE id = 1`, last, last)
}

func (t transaction) InsertDelivery(d *onetouch.Delivery) (err error) {
	args := [...]any{
		d.AppID, string(d.Kind), d.DeviceID, d.WebhookID, d.EventSequence, d.Method, d.URL, d.Receiver(),
		string(d.State), d.Attempts, micros(d.NextAttemptAt), micros(d.CreatedAt), micros(d.FinishedAt), d.LastError,
		d.RequestUUID,
	}
	if d.RequestUUID == "" {
		d.ID, err = t.insert("id", insertDelivery+"NULL", args[:len(args)-1]...)
		return err
	}
	d.ID, err = t.insert("id", insertDelivery+"number FROM approval_requests WHERE uuid = ?", args[:]...)
	if err != nil {
		err = fmt.Errorf("%s of approval request %s: %w", d.Kind, d.RequestUUID, err)
	}
	return err
}

func (t transaction) UpdateDelivery(d onetouch.Delivery) error {
	return t.execOne(`UPDATE deliveries SET method = ?, url = ?, receiver = ?, state = ?, attempts = ?, next_attempt_at = ?,
		finished_at = ?, last_error = ? WHERE id = ?`,
		d.Method, d.URL, d.Receiver(), string(d.State), d.Attempts, micros(d.NextAttemptAt), micros(d.FinishedAt), d.LastError, d.ID)
}

func (t transaction) InsertAttempt(a onetouch.Attempt) error {
	exchange, err := exchangeText(a.Exchange)
	if err != nil {
		return err
	}
	return t.execOne(`INSERT INTO attempts (delivery_id, number, started_at, duration, status_code, response, error, exchange)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		a.DeliveryID, a.Number, micros(a.StartedAt), int64(a.Duration), a.StatusCode, a.Response, a.Error, exchange)
}

// Content of a delivery that has one of its own.
func (r reader) DeliveryContent(deliveryID int64) (onetouch.DeliveryContent, error) {
	read := func(r *row) onetouch.DeliveryContent {
		return onetouch.DeliveryContent{
			DeliveryID: r.number(), ReplayOf: r.number(), Payload: r.text(), Nonce: r.text(), Signature: r.text(),
		}
	}
	return one(r.connection, read, `SELECT delivery_id, COALESCE(replay_of, 0), payload, nonce, signature FROM delivery_contents
		WHERE delivery_id = ?`, deliveryID)
}

// Replays are the deliveries that send one again, newest first.
func (r reader) Replays(deliveryID int64, most int) ([]onetouch.Delivery, error) {
	return list(r.connection, readDelivery, selectDeliveries+` WHERE d.id IN (SELECT delivery_id FROM delivery_contents
		WHERE replay_of = ? ORDER BY delivery_id DESC LIMIT ?) ORDER BY d.id DESC`, deliveryID, limit(most))
}

func (t transaction) InsertDeliveryContent(c onetouch.DeliveryContent) error {
	return t.execOne(`INSERT INTO delivery_contents (delivery_id, replay_of, payload, nonce, signature)
		VALUES (?, NULLIF(CAST(? AS BIGINT), 0), ?, ?, ?)`, c.DeliveryID, c.ReplayOf, c.Payload, c.Nonce, c.Signature)
}
