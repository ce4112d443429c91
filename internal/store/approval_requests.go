package store

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

const requestColumns = `r.uuid, r.id, r.app_id, r.authy_id, r.status, r.seconds_to_expire, r.created_at, r.expires_at,
	r.updated_at, r.processed_at, r.challenge, r.answer_device_id, r.answer_signed_at, r.answer_reason, r.answer_jws,
	r.app_name, r.message, r.logos, r.details, r.hidden_details, r.device_id,
	EXISTS (SELECT 1 FROM deliveries d WHERE d.request_number = r.number AND d.kind = 'push' AND d.state = 'sent')`

func readRequest(row *row) onetouch.ApprovalRequest {
	r := onetouch.ApprovalRequest{
		UUID: row.text(), ID: row.text(), AppID: row.text(), AuthyID: row.number(), Status: onetouch.Status(row.text()),
		SecondsToExpire: row.number(), CreatedAt: row.time(), ExpiresAt: row.time(), UpdatedAt: row.time(),
		ProcessedAt: row.time(), Challenge: row.text(),
		Answer: onetouch.Answer{
			DeviceID: row.number(), SignedAt: row.time(), Reason: row.text(), JWS: row.text(),
		},
		AppName: row.text(), Question: onetouch.Question{Message: row.text(), Logos: []onetouch.Logo{}},
	}
	row.json(&r.Logos)
	row.json(&r.Details)
	row.json(&r.HiddenDetails)
	r.DeviceID = row.number()
	r.Notified = row.boolean()
	return r
}

func (r reader) ApprovalRequest(uuid string) (onetouch.ApprovalRequest, error) {
	return one(r.connection, readRequest, `SELECT `+requestColumns+` FROM approval_requests r WHERE r.uuid = ?`, uuid)
}

// ApprovalRequests of an application are looked for among the last ones first. An application of which there are not enough of
// them is asked for by its users: it has few requests, or has been at rest while others had many.
func (r reader) ApprovalRequests(f onetouch.ApprovalRequestFilter) ([]onetouch.ApprovalRequest, error) {
	if f.AppID == "" || f.AuthyID != 0 {
		return r.requestsFrom("approval_requests", f)
	}
	if f.Limit > 0 && !f.OldestFirst {
		since, err := one(r.connection, (*row).time, `SELECT created_at FROM approval_requests WHERE number <= COALESCE(
			(SELECT b.number FROM approval_requests b WHERE b.uuid = ?), (SELECT MAX(number) FROM approval_requests)) - ?
			ORDER BY number DESC LIMIT 1`, f.Before, recentRows)
		if errors.Is(err, onetouch.ErrNotFound) {
			return r.requestsFrom("approval_requests", f) // there are no more than that
		}
		if err != nil {
			return nil, err
		}
		recent := f
		if since.After(f.Since) {
			recent.Since = since
		}
		found, err := r.requestsFrom("approval_requests", recent)
		if err != nil || len(found) == f.Limit || !recent.Since.After(f.Since) {
			return found, err
		}
	}
	return r.requestsFrom(ownUsers+" CROSS JOIN approval_requests", f)
}

// requestsFrom merges one list for each state in which a row can be stored. Each walks an index from its newest entry and stops
// at the limit, however long the history is; that of an application's users goes through all of theirs.
func (r reader) requestsFrom(from string, f onetouch.ApprovalRequestFilter) ([]onetouch.ApprovalRequest, error) {
	direction := " DESC"
	if f.OldestFirst {
		direction = ""
	}
	var branches []string
	var args []any
	for _, stored := range storedStates(f) {
		var branch filter
		if from != "approval_requests" {
			branch.where("authy_id = owner")
			args = append(args, f.AppID)
		}
		requestFilter(f, &branch)
		branch.where(stored.condition, stored.args...)
		branches = append(branches, `SELECT * FROM (SELECT number, created_at FROM `+from+branch.conditions+
			` ORDER BY created_at`+direction+`, number`+direction+` LIMIT ?) AS page`)
		args = append(args, branch.and(limit(f.Limit))...)
	}
	// CROSS JOIN: the page is looked up in the table, never the table in the page.
	query := `SELECT ` + requestColumns + ` FROM (` + strings.Join(branches, " UNION ALL ") +
		` ORDER BY created_at` + direction + `, number` + direction + ` LIMIT ?) AS page
		CROSS JOIN approval_requests r WHERE r.number = page.number
		ORDER BY page.created_at` + direction + `, page.number` + direction
	return list(r.connection, readRequest, query, append(args, limit(f.Limit))...)
}

type condition struct {
	condition string
	args      []any
}

// The rule of expiry in SQL, for the indexes: [onetouch.ApprovalRequest.At] is the rule itself, and storetest compares
// them. Statements about pushes look at isPending alone: what is over but not yet written down is harmless there.
const (
	isPending = "status = 'pending'"
	expires   = isPending + " AND expires_at > 0"
	isOver    = expires + " AND expires_at <= ?"
	isOpen    = isPending + " AND (expires_at = 0 OR expires_at > ?)"
)

// storedStates translates statuses as they stand at f.Now into what is stored: a request whose time is over may not have
// been written down as expired yet. States stand in the statement's text, as a partial index wants them.
func storedStates(f onetouch.ApprovalRequestFilter) []condition {
	chosen := func(s onetouch.Status) bool { return len(f.Statuses) == 0 || slices.Contains(f.Statuses, s) }
	var states []condition
	for _, status := range []onetouch.Status{onetouch.StatusApproved, onetouch.StatusDenied, onetouch.StatusExpired} {
		if chosen(status) {
			states = append(states, condition{fmt.Sprintf("status = '%s'", status), nil})
		}
	}
	pending, expired, now := chosen(onetouch.StatusPending), chosen(onetouch.StatusExpired), micros(f.Now)
	switch {
	case pending && expired:
		states = append(states, condition{isPending, nil})
	case pending:
		states = append(states, condition{isOpen, []any{now}})
	case expired:
		states = append(states, condition{isOver, []any{now}})
	}
	return states
}

func requestFilter(f onetouch.ApprovalRequestFilter, where *filter) {
	if f.AuthyID != 0 {
		where.where("authy_id = ?", f.AuthyID)
	}
	if f.AppID != "" {
		where.where("app_id = ?", f.AppID)
	}
	if !f.Since.IsZero() {
		where.where("created_at >= ?", micros(f.Since))
	}
	if !f.Until.IsZero() {
		where.where("created_at <= ?", micros(f.Until))
	}
	if f.DeviceID != 0 {
		where.where("(device_id = ? OR device_id = 0 AND answer_device_id IN (0, ?))", f.DeviceID, f.DeviceID)
	}
	if f.OnlyDeviceID != 0 {
		where.where("device_id = ?", f.OnlyDeviceID)
	}
	if f.AskedDeviceID != 0 {
		where.where("device_id IN (0, ?)", f.AskedDeviceID)
	}
	if f.Before != "" {
		beyond := map[bool]string{false: "<", true: ">"}[f.OldestFirst]
		where.where("(created_at, number) "+beyond+" (SELECT b.created_at, b.number FROM approval_requests b WHERE b.uuid = ?)",
			f.Before)
	}
}

func (r reader) NextExpiry() (time.Time, error) {
	next, err := one(r.connection, scalar, `SELECT COALESCE(MIN(expires_at), 0) FROM approval_requests WHERE `+expires)
	return moment(next), err
}

func (r reader) DueRequests(now time.Time, most int) ([]onetouch.ApprovalRequest, error) {
	return list(r.connection, readRequest, `SELECT `+requestColumns+` FROM approval_requests r
		WHERE `+isOver+` ORDER BY r.expires_at, r.number LIMIT ?`,
		micros(now), limit(most))
}

func (t transaction) InsertApprovalRequest(r onetouch.ApprovalRequest) error {
	var lists [3]string
	if len(r.Logos) == 0 {
		r.Logos = nil // null is read without a parser, and few requests have any
	}
	for i, value := range []any{r.Logos, r.Details, r.HiddenDetails} {
		text, err := jsonText(value)
		if err != nil {
			return fmt.Errorf("writing approval request %s: %w", r.UUID, err)
		}
		lists[i] = text
	}
	return t.execOne(`INSERT INTO approval_requests (uuid, id, app_id, authy_id, status, seconds_to_expire, created_at,
		expires_at, updated_at, processed_at, challenge, answer_device_id, answer_signed_at, answer_reason, answer_jws,
		app_name, message, logos, details, hidden_details, device_id)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		r.UUID, r.ID, r.AppID, r.AuthyID, string(r.Status), r.SecondsToExpire, micros(r.CreatedAt),
		micros(r.ExpiresAt), micros(r.UpdatedAt), micros(r.ProcessedAt), r.Challenge, r.Answer.DeviceID,
		micros(r.Answer.SignedAt), r.Answer.Reason, r.Answer.JWS, r.AppName, r.Message, lists[0], lists[1], lists[2],
		r.DeviceID)
}

func (t transaction) DecideApprovalRequest(r onetouch.ApprovalRequest) (bool, error) {
	return t.decide(r, isPending)
}

func (t transaction) OverruleExpiry(r onetouch.ApprovalRequest) (bool, error) {
	return t.decide(r, "status = 'expired'")
}

// decide writes how a request was decided, if the stored one is in a state.
func (t transaction) decide(r onetouch.ApprovalRequest, state string) (bool, error) {
	changed, err := t.exec(`UPDATE approval_requests SET status = ?, updated_at = ?, processed_at = ?,
		answer_device_id = ?, answer_signed_at = ?, answer_reason = ?, answer_jws = ?
		WHERE uuid = ? AND `+state,
		string(r.Status), micros(r.UpdatedAt), micros(r.ProcessedAt), r.Answer.DeviceID, micros(r.Answer.SignedAt),
		r.Answer.Reason, r.Answer.JWS, r.UUID)
	return changed > 0, err
}
