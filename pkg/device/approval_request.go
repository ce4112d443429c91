package device

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// ApprovalRequest is a question put to the device's user. Show application name, message and details: they are what an
// answer signs. Times are in UTC, to the second.
type ApprovalRequest struct {
	UUID   string
	Status approval.Status
	approval.Question
	RequesterDetails    map[string]any
	DeviceDetails       map[string]any
	Location            string
	Reason              string // given with the answer
	Flagged             bool
	Encrypted           bool
	CreationDate        time.Time
	ExpirationTimestamp time.Time // zero: never
	SigningTime         time.Time // by the clock of the device that answered; zero before
	AppID               string
	AppName             string
	AuthyID             int64
	CustomerUUID        int64
	DeviceUUID          string // of the device that answered; "" before

	challenge string // comes only with a pending request that was fetched by its UUID
}

// NotPending says why the request takes no answer any more, in the words of the server: [ErrNotPending] or [ErrExpired]. It
// is nil while the request is pending.
func (r *ApprovalRequest) NotPending() error {
	refusal := &Error{StatusCode: http.StatusConflict, ErrorCode: "60079"}
	switch r.Status {
	case approval.Pending:
		return nil
	case approval.Expired:
		refusal.Code = "approval_request_expired"
		refusal.Message = "Approval request is not pending: it expired at " + r.ExpirationTimestamp.Format(time.RFC3339) + "."
	default:
		refusal.Code = "approval_request_not_pending"
		refusal.Message = "Approval request is not pending: it was " + string(r.Status) + "."
	}
	return refusal
}

// Shown is what the device shows its user, and what the signature of an answer covers.
func (r *ApprovalRequest) Shown() evidence.Shown {
	return evidence.Shown{AppName: r.AppName, Message: r.Message, Details: r.Details}
}

// requestAnswer is a request on the wire.
type requestAnswer struct {
	UUID   string          `json:"uuid"`
	Status approval.Status `json:"status"`
	approval.Question
	RequesterDetails    map[string]any `json:"requester_details"`
	DeviceDetails       map[string]any `json:"device_details"`
	Location            string         `json:"location"`
	Reason              string         `json:"reason"`
	Flagged             bool           `json:"flagged"`
	Encrypted           bool           `json:"encrypted"`
	CreationDate        int64          `json:"creation_date"`
	ExpirationTimestamp int64          `json:"expiration_timestamp"`
	SigningTime         int64          `json:"signing_time"`
	AppID               string         `json:"app_id"`
	AppName             string         `json:"app_name"`
	AuthyID             int64          `json:"authy_id"`
	CustomerUUID        int64          `json:"customer_uuid"`
	DeviceUUID          string         `json:"device_uuid"`
	Challenge           string         `json:"challenge"`
}

func (a requestAnswer) request() ApprovalRequest {
	return ApprovalRequest{
		UUID: a.UUID, Status: a.Status, Question: a.Question, RequesterDetails: a.RequesterDetails,
		DeviceDetails: a.DeviceDetails, Location: a.Location,
		Reason: a.Reason, Flagged: a.Flagged, Encrypted: a.Encrypted, CreationDate: epoch(a.CreationDate),
		ExpirationTimestamp: epoch(a.ExpirationTimestamp), SigningTime: epoch(a.SigningTime),
		AppID: a.AppID, AppName: a.AppName, AuthyID: a.AuthyID, CustomerUUID: a.CustomerUUID, DeviceUUID: a.DeviceUUID,
		challenge: a.Challenge,
	}
}

// epoch is a time in epoch seconds; 0 is none.
func epoch(seconds int64) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

// Query chooses approval requests. Zero fields choose all.
type Query struct {
	Statuses []approval.Status
	// Since and Until are times of creation, both inclusive, to the second.
	Since, Until time.Time
	Limit        int // the newest so many
}

const (
	// pageSize is how many requests are asked for at once: with [maxAnswer] for each an answer stays bounded.
	pageSize    = 50
	maxPageSize = pageSize * maxAnswer / 2
)

func (q Query) values(cursor string, limit int) url.Values {
	statuses := make([]string, len(q.Statuses))
	for i, status := range q.Statuses {
		statuses[i] = string(status)
	}
	values := url.Values{"limit": {strconv.Itoa(limit)}}
	for name, value := range map[string]string{
		"status": strings.Join(statuses, ","), "since": seconds(q.Since), "until": seconds(q.Until), "cursor": cursor,
	} {
		if value != "" {
			values.Set(name, value)
		}
	}
	return values
}

func seconds(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return strconv.FormatInt(t.Unix(), 10)
}

// ApprovalRequests lists the approval requests of the device's user, newest first.
func (d *Device) ApprovalRequests(ctx context.Context, q Query) ([]ApprovalRequest, error) {
	var requests []ApprovalRequest
	api := d.api.reading(maxPageSize)
	for cursor := ""; ; {
		limit := pageSize
		if q.Limit > 0 {
			limit = min(pageSize, q.Limit-len(requests))
		}
		var page struct {
			ApprovalRequests []requestAnswer `json:"approval_requests"`
			NextCursor       string          `json:"next_cursor"`
		}
		path := "/approval_requests?" + q.values(cursor, limit).Encode()
		if err := api.call(ctx, http.MethodGet, path, nil, &page); err != nil {
			return nil, err
		}
		for _, answer := range page.ApprovalRequests {
			requests = append(requests, answer.request())
		}
		if page.NextCursor == "" || page.NextCursor == cursor || len(requests) == q.Limit {
			return requests, nil
		}
		cursor = page.NextCursor
	}
}

// ApprovalRequestLists are approval requests by where they stand, each list newest first.
type ApprovalRequestLists struct {
	Pending, Approved, Denied, Expired []ApprovalRequest
}

// ApprovalRequestLists lists the approval requests of the device's user as the SDK's getApprovalRequests(statuses,
// timeInterval) does: one list for each status, empty for those that were not asked for. See [Device.ApprovalRequests] for
// one list in order of time.
func (d *Device) ApprovalRequestLists(ctx context.Context, q Query) (ApprovalRequestLists, error) {
	requests, err := d.ApprovalRequests(ctx, q)
	if err != nil {
		return ApprovalRequestLists{}, err
	}
	byStatus := map[approval.Status][]ApprovalRequest{}
	for _, request := range requests {
		byStatus[request.Status] = append(byStatus[request.Status], request)
	}
	return ApprovalRequestLists{
		Pending: byStatus[approval.Pending], Approved: byStatus[approval.Approved], Denied: byStatus[approval.Denied],
		Expired: byStatus[approval.Expired],
	}, nil
}

// ApprovalRequest fetches one approval request: the SDK's getRequest. One of another user is [ErrNotFound] too.
func (d *Device) ApprovalRequest(ctx context.Context, uuid string) (*ApprovalRequest, error) {
	var answer requestAnswer
	if err := d.api.call(ctx, http.MethodGet, requestPath(uuid), nil, &answer); err != nil {
		return nil, err
	}
	if answer.UUID != uuid {
		return nil, fmt.Errorf("%s answered with approval request %q when it was asked for %q", d.api.server, answer.UUID, uuid)
	}
	request := answer.request()
	return &request, nil
}

func requestPath(uuid string) string { return "/approval_requests/" + url.PathEscape(uuid) }
