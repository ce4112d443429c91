package authy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
)

// What a call can fail with; to be used with errors.Is. Each number is the error code that stands for it on the wire.
var (
	ErrInvalidAPIKey           = errors.New("API key is invalid")                       // 60001
	ErrInvalidParameter        = errors.New("a parameter is invalid")                   // 60004
	ErrUserNotFound            = errors.New("the application has no such user")         // 60026
	ErrUserNotValid            = errors.New("e-mail address or phone number is wrong")  // 60027; see [Error.Fields]
	ErrApprovalRequestNotFound = errors.New("approval request is unknown")              // 60049
	ErrUserWithoutDevice       = errors.New("the user has no device that could answer") // 60050
	ErrDeviceNotFound          = errors.New("device is unknown")                        // 60092

	// ErrUnreachable says that no server answered, or not to the end. It is unknown whether it did what was asked.
	ErrUnreachable = errors.New("no server answers")
	// ErrUnexpectedAnswer says that something answered that is no Authy API.
	ErrUnexpectedAnswer = errors.New("unexpected answer")
)

// kinds are the codes that errors.Is can tell apart.
func kinds() map[string]error {
	return map[string]error{
		"60001": ErrInvalidAPIKey, "60004": ErrInvalidParameter, "60026": ErrUserNotFound, "60027": ErrUserNotValid,
		"60049": ErrApprovalRequestNotFound, "60050": ErrUserWithoutDevice, "60092": ErrDeviceNotFound,
	}
}

// Error is a refusal of the service.
type Error struct {
	StatusCode int    // of HTTP
	ErrorCode  string // five digits; "" when the service gave none
	Message    string // for people
	// Fields names the parameters that were wrong and says what is wrong with each: "cellphone": "is invalid".
	Fields map[string]string
}

// Error is the service's message with the parameters that were wrong.
func (e *Error) Error() string {
	wrong := make([]string, 0, len(e.Fields))
	for _, name := range slices.Sorted(maps.Keys(e.Fields)) {
		wrong = append(wrong, name+" "+e.Fields[name])
	}
	if len(wrong) == 0 {
		return e.Message
	}
	return e.Message + ": " + strings.Join(wrong, ", ")
}

// Is reports whether the error is of the kind that its code stands for.
func (e *Error) Is(target error) bool {
	kind, known := kinds()[e.ErrorCode]
	return known && kind == target
}

func (o outcome) refusal(response *http.Response) *Error {
	e := &Error{StatusCode: response.StatusCode, ErrorCode: string(o.ErrorCode), Message: o.Message, Fields: o.Errors}
	delete(e.Fields, "message")
	if e.Message == "" {
		e.Message = "the service answered " + response.Status + " without a reason"
	}
	return e
}

// unanswered is an error of a call that got no answer.
func (c *Client) unanswered(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("asking %s: %w", c.place(), context.Cause(ctx))
	}
	return &unreachable{place: c.place(), cause: err}
}

// unreachable says in one line where no server answered and why. Its cause can be inspected.
type unreachable struct {
	place string
	cause error
}

func (e *unreachable) Error() string {
	return fmt.Sprintf("%s at %s: %s", ErrUnreachable, e.place, reason(e.cause))
}

func (e *unreachable) Unwrap() []error { return []error{ErrUnreachable, e.cause} }

// reason is the part of an error of net/http that says what went wrong, without the layers that repeat where.
func reason(err error) string {
	var timeout net.Error
	var lookup *net.DNSError
	switch {
	case errors.As(err, &lookup):
		return "looking up " + lookup.Name + ": " + lookup.Err
	case errors.As(err, &timeout) && timeout.Timeout():
		return "it took too long"
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection was closed"
	}
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	return err.Error()
}
