package device

import (
	"context"
	"errors"
	"fmt"

	"github.com/onetouchkit/onetouch/pkg/approval"
)

// Approve answers yes and updates the request: the SDK's approveRequest. What is signed is what the request says here, which
// is what its user was shown; if that is not what the server asked, it refuses with [ErrDigest]. Other refusals are
// [ErrNotPending], [ErrExpired], [ErrNotFound] and [ErrAccessToken]; the request is left as it was then.
//
// An answer that is cut off by the network may have been taken: fetch the request to know.
func (d *Device) Approve(ctx context.Context, request *ApprovalRequest) error {
	return d.Answer(ctx, request, approval.Approved, "")
}

// Deny answers no, with a reason of at most 200 characters or "": the SDK's denyRequest. The Verify API has no reasons: one
// is [ErrNoCounterpart] there. See [Device.Approve].
func (d *Device) Deny(ctx context.Context, request *ApprovalRequest, reason string) error {
	return d.Answer(ctx, request, approval.Denied, reason)
}

// Answer answers with approved or denied, which a program may have from its user: [Device.Approve] and [Device.Deny] in one.
func (d *Device) Answer(ctx context.Context, request *ApprovalRequest, status approval.Status, reason string) error {
	if !status.Answered() {
		return fmt.Errorf("approval request %s: %q is no answer: must be approved or denied", request.UUID, string(status))
	}
	answered, err := d.speaks.answer(ctx, request, status, reason)
	if errors.Is(err, ErrClockSkew) {
		if err := d.LearnTime(ctx); err != nil {
			return err
		}
		answered, err = d.speaks.answer(ctx, request, status, reason)
	}
	if err != nil {
		return err
	}
	*request = answered
	return nil
}
