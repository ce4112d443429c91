package device

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// Approve answers yes and updates the request: the SDK's approveRequest. What is signed is what the request says here, which
// is what its user was shown; if that is not what the server asked, it refuses with [ErrDigest]. Other refusals are
// [ErrNotPending], [ErrExpired], [ErrNotFound] and [ErrAccessToken]; the request is left as it was then.
//
// An answer that is cut off by the network may have been taken: fetch the request to know.
func (d *Device) Approve(ctx context.Context, request *ApprovalRequest) error {
	return d.Answer(ctx, request, approval.Approved, "")
}

// Deny answers no, with a reason of at most 200 characters or "": the SDK's denyRequest. See [Device.Approve].
func (d *Device) Deny(ctx context.Context, request *ApprovalRequest, reason string) error {
	return d.Answer(ctx, request, approval.Denied, reason)
}

// Answer answers with approved or denied, which a program may have from its user: [Device.Approve] and [Device.Deny] in one.
func (d *Device) Answer(ctx context.Context, request *ApprovalRequest, status approval.Status, reason string) error {
	if !status.Answered() {
		return fmt.Errorf("approval request %s: %q is no answer: must be approved or denied", request.UUID, string(status))
	}
	digest, err := request.Shown().Digest()
	if err != nil {
		return fmt.Errorf("approval request %s: %w", request.UUID, err)
	}
	challenge, err := d.challenge(ctx, request)
	if err != nil {
		return err
	}
	statement := evidence.Statement{
		UUID: request.UUID, Status: string(status), Challenge: challenge, DeviceID: d.ID(), DetailsSHA256: digest,
		Reason: reason,
	}
	answered, err := d.respond(ctx, statement)
	if errors.Is(err, ErrClockSkew) {
		if err := d.LearnTime(ctx); err != nil {
			return err
		}
		answered, err = d.respond(ctx, statement)
	}
	if err != nil {
		return err
	}
	*request = answered
	return nil
}

// challenge is the request's own. One that came in a list has none: it is fetched, and nothing else is taken from there,
// since the user was shown the one at hand.
func (d *Device) challenge(ctx context.Context, request *ApprovalRequest) (string, error) {
	if request.challenge != "" {
		return request.challenge, nil
	}
	fresh, err := d.ApprovalRequest(ctx, request.UUID)
	switch {
	case err != nil:
		return "", err
	case fresh.Status.Decided():
		return "", fresh.NotPending()
	default:
		return fresh.challenge, nil
	}
}

func (d *Device) respond(ctx context.Context, statement evidence.Statement) (ApprovalRequest, error) {
	statement.IssuedAt = d.now().Unix()
	jws, err := evidence.Sign(d.key, statement)
	if err != nil {
		return ApprovalRequest{}, err
	}
	var answer requestAnswer
	body := map[string]string{"jws": jws}
	err = d.api.call(ctx, http.MethodPost, requestPath(statement.UUID)+"/response", body, &answer)
	return answer.request(), err
}
