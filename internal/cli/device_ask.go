package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/policy"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// ask shows a request and asks for the answer: ignoring it is none, for now.
func (w *watch) ask(
	ctx context.Context, d *device.Device, request *device.ApprovalRequest,
) (policy.Action, error) {
	ctx, stop := w.whilePending(ctx, request.UUID)
	defer stop()
	w.present(d, request)
	answers := map[string]policy.Action{
		"a": policy.Approve, "approve": policy.Approve, "d": policy.Deny, "deny": policy.Deny,
		"s": policy.Ignore, "skip": policy.Ignore,
	}
	for {
		_, _ = fmt.Fprint(w.streams.Err, "[a]pprove, [d]eny or [s]kip? ")
		line, err := w.readLine(ctx)
		if cause := context.Cause(ctx); errors.Is(cause, errDecided) {
			say(w.streams, "\nApproval request %s: %v", request.UUID, cause)
			return policy.Ignore, nil
		}
		if err != nil {
			return "", err
		}
		if action, known := answers[strings.ToLower(strings.TrimSpace(line))]; known {
			return action, nil
		}
	}
}

// errDecided ends a question that needs no answer any more; the error that wraps it says why.
var errDecided = errors.New("no answer is needed any more")

// whilePending returns a context that ends, by errDecided, when the request does not wait for an answer any more. Without a
// server to tell, it goes on.
func (w *watch) whilePending(ctx context.Context, uuid string) (pending context.Context, stop func()) {
	pending, cancel := context.WithCancelCause(ctx)
	var watching sync.WaitGroup
	watching.Go(func() {
		ofRequest := func(event controlapi.Event) bool { return event.RequestUUID == uuid }
		_ = w.connection.until(pending, 0, ofRequest, func(ctx context.Context) (bool, error) {
			request, err := w.connection.Control.ApprovalRequest(ctx, uuid)
			if err != nil || request.Status == onetouch.StatusPending {
				return false, err
			}
			cancel(fmt.Errorf("%w: it is %s", errDecided, request.Status))
			return true, nil
		})
	})
	return pending, func() {
		cancel(nil)
		watching.Wait()
	}
}

func (w *watch) present(d *device.Device, request *device.ApprovalRequest) {
	bold := w.streams.ErrRenderer().NewStyle().Bold(true)
	say(w.streams, "\n%s asks user %d on device %d:", output.Sanitise(request.AppName), request.AuthyID, d.ID())
	say(w.streams, "%s", bold.Render(output.Sanitise(request.Message)))
	for _, detail := range request.Details {
		say(w.streams, "  %s: %s", output.Sanitise(detail.Name), output.Sanitise(detail.Value))
	}
	if !request.ExpirationTimestamp.IsZero() {
		say(w.streams, "  (until %s)", request.ExpirationTimestamp.Local().Format("2006-01-02 15:04:05"))
	}
}

// errNoMoreInput ends a watch whose person has closed the terminal.
var errNoMoreInput = errors.New("the terminal was closed")

// readLine waits for a line, or for ctx: reading a terminal cannot be broken off.
func (w *watch) readLine(ctx context.Context) (string, error) {
	if w.lines == nil {
		w.lines = readLines(w.streams.In)
	}
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case line, more := <-w.lines:
		if !more {
			return "", errNoMoreInput
		}
		return line, nil
	}
}

func readLines(r io.Reader) <-chan string {
	lines := make(chan string)
	go func() {
		defer close(lines)
		for scanner := bufio.NewScanner(r); scanner.Scan(); {
			lines <- scanner.Text()
		}
	}()
	return lines
}
