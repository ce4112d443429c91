package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

// await returns an approval request once it is no longer pending. A timeout of 0 waits for ever; when it is over the error
// carries [ExitTimedOut].
func (c *Connection) await(
	ctx context.Context, uuid string, timeout time.Duration,
) (request controlapi.ApprovalRequest, err error) {
	ofRequest := func(event controlapi.Event) bool { return event.RequestUUID == uuid }
	err = c.until(ctx, timeout, ofRequest, func(ctx context.Context) (bool, error) {
		seen, err := c.request(ctx, uuid)
		if err != nil {
			return false, err // what was seen before stays
		}
		request = seen
		return request.Status != onetouch.StatusPending, nil
	})
	if errors.Is(err, errTimeUp) {
		err = failedWith(ExitTimedOut, "approval request %s is still pending after %s", uuid, timeout)
	}
	return request, err
}

// ending is how a command ends that waited for an answer: the exit code says what it was.
func ending(status onetouch.Status) error {
	if code := exitCodeOfStatus(status); code != ExitDone {
		return &exitError{code: code}
	}
	return nil
}

// showOutcome gives the answer of a command that saw what became of a request.
func (d display) showOutcome(ctx context.Context, request controlapi.ApprovalRequest) error {
	return d.show(ctx, shown{data: request, ids: []string{request.UUID}, people: output.Lines{outcome(request)}})
}

// outcome tells people what became of a request.
func outcome(request controlapi.ApprovalRequest) string {
	text := fmt.Sprintf("Approval request %s was %s", request.UUID, request.Status)
	switch {
	case request.Status == onetouch.StatusPending:
		return fmt.Sprintf("Approval request %s is pending.", request.UUID)
	case request.Status == onetouch.StatusExpired:
		return fmt.Sprintf("Approval request %s expired.", request.UUID)
	case request.DeviceID != nil:
		text += fmt.Sprintf(" by device %d", *request.DeviceID)
	}
	if request.Reason != "" {
		text += ": " + quoted(request.Reason)
	}
	return text + "."
}
