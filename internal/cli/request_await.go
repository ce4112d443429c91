package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

// errDecided ends the listening to events.
var errDecided = errors.New("the request is decided")

// await returns an approval request once it is no longer pending. A timeout of 0 waits for ever; when it is over the error
// carries [ExitTimedOut].
func (c *Connection) await(
	ctx context.Context, uuid string, timeout time.Duration,
) (controlapi.ApprovalRequest, error) {
	waiting, cancel := ctx, context.CancelFunc(func() {})
	if timeout > 0 {
		waiting, cancel = context.WithTimeout(ctx, timeout)
	}
	defer cancel()
	request, err := c.listen(waiting, uuid)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		err = failedWith(ExitTimedOut, "approval request %s is still pending after %s", uuid, timeout)
	}
	return request, err
}

// listen looks at the request each time something happens to it. The first look comes when the stream of events stands, so
// that no answer falls in between.
func (c *Connection) listen(ctx context.Context, uuid string) (request controlapi.ApprovalRequest, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	look := func() error {
		seen, err := c.request(ctx, uuid)
		if err != nil {
			return err // what was seen before stays: an event may still come after the answer was
		}
		if request = seen; request.Status != onetouch.StatusPending {
			return errDecided
		}
		return nil
	}
	err = c.Control.Follow(ctx, controlapi.FromNow, func() {
		if err := look(); err != nil {
			cancel(err)
		}
	}, func(event controlapi.Event) error {
		if event.RequestUUID != uuid {
			return nil
		}
		return look()
	})
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	if errors.Is(err, errDecided) {
		return request, nil
	}
	return request, err
}

// ending is how a command ends that waited for an answer: the exit code says what it was.
func ending(request controlapi.ApprovalRequest) error {
	if code := exitCodeOfStatus(request.Status); code != ExitDone {
		return &exitError{code: code}
	}
	return nil
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
