package device

import (
	"context"
	"net/http"
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

	challenge string  // of the device API: comes only with a pending request that was fetched by its UUID
	toSign    *toSign // of the Verify API: what an answer signs; nil of a request that came in a list
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

// Query chooses approval requests. Zero fields choose all.
type Query struct {
	Statuses []approval.Status
	// Since and Until are times of creation, both inclusive, to the second.
	Since, Until time.Time
	Limit        int // the newest so many
}

// ApprovalRequests lists the approval requests of the device's user, newest first. A factor lists those that are for it.
func (d *Device) ApprovalRequests(ctx context.Context, q Query) ([]ApprovalRequest, error) {
	return d.speaks.approvalRequests(ctx, q)
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
	request, err := d.speaks.approvalRequest(ctx, uuid)
	if err != nil {
		return nil, err
	}
	return &request, nil
}
