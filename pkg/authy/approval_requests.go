package authy

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/details"
)

// NewApprovalRequest is a question to a user. Only the message is required.
type NewApprovalRequest struct {
	Message       string       // the question itself; some clients cut it at 144 characters
	Details       details.List // shown to the user in this order
	HiddenDetails details.List // kept with the request and never shown
	Logos         []approval.Logo
	// SecondsToExpire is how long the user can answer: nil is one day, 0 for ever.
	SecondsToExpire *int64
}

// CreateApprovalRequest asks a user, and returns the UUID of the request. The user's devices are pushed at once.
//
// It fails with [ErrUserNotFound] when the application has no such user, with [ErrUserWithoutDevice] when nobody
// could answer and the application wants that refused, and with [ErrInvalidParameter] when the question is not valid.
func (c *Client) CreateApprovalRequest(ctx context.Context, authyID int64, n NewApprovalRequest) (uuid string, err error) {
	var parameters form
	parameters.add("message", n.Message)
	parameters.addDetails("details", n.Details)
	parameters.addDetails("hidden_details", n.HiddenDetails)
	parameters.addLogos(n.Logos)
	parameters.addSeconds("seconds_to_expire", n.SecondsToExpire)
	var created approvalRequest
	err = c.ask(ctx, "POST", fmt.Sprintf("/onetouch/json/users/%d/approval_requests", authyID), parameters, &created)
	return created.ApprovalRequest.UUID, err
}

// ApprovalRequest is an approval request as it stands.
type ApprovalRequest struct {
	UUID            string
	Status          approval.Status
	AuthyID         int64
	CreatedAt       time.Time
	UpdatedAt       time.Time
	ProcessedAt     time.Time // zero while pending
	SecondsToExpire int64     // 0: never
	Notified        bool      // a push has left
	ID              string    // 24 hexadecimal digits, as are AppID and UserID
	AppID           string
	AppName         string
	AppSerialID     int64
	UserID          string
	UserEmail       string
	HiddenDetails   details.List // once answered
	Device          *Device      // the one that answered; nil before
}

// ApprovalRequest returns an approval request as it stands now. It fails with [ErrApprovalRequestNotFound] when the
// application has no such request.
func (c *Client) ApprovalRequest(ctx context.Context, uuid string) (ApprovalRequest, error) {
	if uuid == "" {
		return ApprovalRequest{}, fmt.Errorf("%w: it has no UUID", ErrApprovalRequestNotFound)
	}
	var answer approvalRequest
	err := c.ask(ctx, "GET", "/onetouch/json/approval_requests/"+url.PathEscape(uuid), nil, &answer)
	if err != nil {
		return ApprovalRequest{}, err
	}
	return answer.ApprovalRequest.request(), nil
}

// approvalRequest answers both calls; that of the first has only the UUID.
type approvalRequest struct {
	ApprovalRequest wireApprovalRequest `json:"approval_request"`
}

func (r *approvalRequest) whole() bool { return r.ApprovalRequest.UUID != "" }

type wireApprovalRequest struct {
	UUID            string          `json:"uuid"`
	Status          approval.Status `json:"status"`
	AuthyID         number          `json:"_authy_id"`
	CreatedAt       moment          `json:"created_at"`
	UpdatedAt       moment          `json:"updated_at"`
	ProcessedAt     moment          `json:"processed_at"`
	SecondsToExpire number          `json:"seconds_to_expire"`
	Notified        bool            `json:"notified"`
	ID              string          `json:"_id"`
	AppID           string          `json:"app_id"`
	AppName         string          `json:"_app_name"`
	AppSerialID     number          `json:"_app_serial_id"`
	UserID          string          `json:"user_id"`
	UserEmail       string          `json:"_user_email"`
	HiddenDetails   details.List    `json:"hidden_details"`
	Device          *wireDevice     `json:"device"`
}

func (r wireApprovalRequest) request() ApprovalRequest {
	return ApprovalRequest{
		UUID: r.UUID, Status: r.Status, AuthyID: int64(r.AuthyID), CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time,
		ProcessedAt: r.ProcessedAt.Time, SecondsToExpire: int64(r.SecondsToExpire), Notified: r.Notified, ID: r.ID,
		AppID: r.AppID, AppName: r.AppName, AppSerialID: int64(r.AppSerialID), UserID: r.UserID, UserEmail: r.UserEmail,
		HiddenDetails: r.HiddenDetails, Device: r.Device.device(),
	}
}
