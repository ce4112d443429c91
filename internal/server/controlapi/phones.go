package controlapi

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// Phones are the devices that the server's process can answer as, because their keys are in its workspace.
type Phones interface {
	List(ctx context.Context) ([]Phone, error)
	// Refresh looks which of them answer by themselves, and returns the UUIDs of those that do then.
	Refresh(ctx context.Context) (uuids []string, err error)
	// Answer has a phone show a request and sign the answer, over the device API as every device does.
	Answer(ctx context.Context, deviceID int64, uuid string, status onetouch.Status, reason string) error
}

// Phone is a device that the server's process can answer as.
type Phone struct {
	DeviceID int64    `json:"device_id"`
	UUID     string   `json:"uuid"`
	AuthyID  int64    `json:"authy_id"`
	Policy   []string `json:"policy"` // how it answers by itself, a rule each; empty: it does not
}

// Answer is the answer of a person to an approval request.
type Answer struct {
	Status   onetouch.Status `json:"status"`              // approved or denied
	Reason   string          `json:"reason,omitempty"`    // of a denial
	DeviceID int64           `json:"device_id,omitempty"` // 0: the only one that is asked, or the user's first phone here
}

// phones: GET /phones.
func (a *API) phones(r *http.Request) (any, error) {
	phones := []Phone{}
	if a.Phones == nil {
		return phones, nil
	}
	listed, err := a.Phones.List(r.Context())
	return append(phones, listed...), err
}

// answer: POST /approval_requests/{uuid}/answer, which has one of the user's phones answer.
func (a *API) answer(r *http.Request) (any, error) {
	n, err := body[Answer](r)
	if err != nil {
		return nil, err
	}
	if n.Status != onetouch.StatusApproved && n.Status != onetouch.StatusDenied {
		return nil, onetouch.InvalidParameter("status", "must be approved or denied")
	}
	request, err := a.service.AnyApprovalRequest(r.Context(), r.PathValue("uuid"))
	if err != nil {
		return nil, err
	}
	phone, err := a.phoneFor(r.Context(), request, n.DeviceID)
	if err != nil {
		return nil, err
	}
	if err := a.Phones.Answer(r.Context(), phone.DeviceID, request.UUID, n.Status, n.Reason); err != nil {
		return nil, err
	}
	return a.approvalRequest(r)
}

// phoneFor is the phone to answer a request as: the one that was chosen, the only one that is asked, or the user's first.
func (a *API) phoneFor(ctx context.Context, request onetouch.ApprovalRequest, chosen int64) (Phone, error) {
	chosen = cmp.Or(chosen, request.DeviceID)
	var phones []Phone
	if a.Phones != nil {
		var err error
		if phones, err = a.Phones.List(ctx); err != nil {
			return Phone{}, err
		}
	}
	at := slices.IndexFunc(phones, func(p Phone) bool {
		return p.AuthyID == request.AuthyID && (chosen == 0 || p.DeviceID == chosen)
	})
	if at < 0 {
		return Phone{}, &onetouch.Error{
			Code:    onetouch.CodeDeviceNotFound,
			Message: "No phone of this user has its key in the server's workspace, so nobody here can answer.",
		}
	}
	return phones[at], nil
}

// Phones lists the devices that the server's process can answer as, by their IDs.
func (c *Client) Phones(ctx context.Context) ([]Phone, error) {
	return read[[]Phone](ctx, c, "/phones", nil)
}

// Answer has one of the user's phones answer, and returns the request as it is then.
func (c *Client) Answer(ctx context.Context, uuid string, n Answer) (ApprovalRequest, error) {
	return write[ApprovalRequest](ctx, c, http.MethodPost, "/approval_requests/"+url.PathEscape(uuid)+"/answer", n)
}
