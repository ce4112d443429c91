package device

import (
	"context"
	"fmt"

	"github.com/onetouchkit/onetouch/pkg/approval"
)

// API is what a device speaks.
type API string

// What a device can speak.
const (
	Authy  API = ""       // the project's device API, in the place of what Authy's app speaks
	Verify API = "verify" // Twilio's Verify API: the device is a push factor
)

// APIs lists them.
func APIs() []API { return []API{Authy, Verify} }

// String is the name of the API, authy or verify.
func (a API) String() string {
	if a == Authy {
		return "authy"
	}
	return string(a)
}

// protocol is what differs between the APIs. Pushes come by the event stream of the device API, whichever it is.
type protocol interface {
	approvalRequests(ctx context.Context, q Query) ([]ApprovalRequest, error)
	approvalRequest(ctx context.Context, uuid string) (ApprovalRequest, error)
	// answer returns the request as it is then.
	answer(ctx context.Context, r *ApprovalRequest, status approval.Status, reason string) (ApprovalRequest, error)
	// rename returns the new name.
	rename(ctx context.Context, name string) (string, error)
	setPush(ctx context.Context, target PushTarget) error
	pushReceived(ctx context.Context, uuid string) error
	unregister(ctx context.Context) error
	// push reads a push; one without a UUID is of a kind that is passed over.
	push(data []byte) (Push, error)
}

// withoutError is [ErrNoCounterpart] in words that say what.
type withoutError struct {
	api  API
	what string
}

func (e *withoutError) Error() string {
	return fmt.Sprintf("the %s API has no counterpart of %s", map[API]string{Authy: "Authy", Verify: "Verify"}[e.api], e.what)
}

func (e *withoutError) Is(target error) bool { return target == ErrNoCounterpart }

func (d *Device) without(what string) error { return &withoutError{d.API(), what} }
