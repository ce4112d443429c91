// Package problem says how each refusal looks in HTTP, whichever API answers it: its status, and whether the server itself
// has failed. What an API calls a refusal, and in which shape it answers it, is that API's own.
package problem

import (
	"errors"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// Refusals that the domain does not have: those of HTTP, and of one API alone.
const (
	CodeBodyTooLarge     onetouch.Code = "body_too_large"
	CodeFaultNotFound    onetouch.Code = "fault_not_found"
	CodeCallNotFound     onetouch.Code = "call_not_found" // of the traffic log
	CodeHostNotServed    onetouch.Code = "host_not_served"
	CodeMethodNotAllowed onetouch.Code = "method_not_allowed"
	CodeNotFound         onetouch.Code = "not_found"
	CodeNotAuthorised    onetouch.Code = "not_authorised"
	CodeServerStopping   onetouch.Code = "server_stopping"
	CodeTooManyGuesses   onetouch.Code = "too_many_guesses"
	// Of a server whose phones are at another service.
	CodeNoCounterpart       onetouch.Code = "no_counterpart" // which has nothing like the call
	CodeUpstreamLimit       onetouch.Code = "upstream_limit"
	CodeUpstreamUnavailable onetouch.Code = "upstream_unavailable"
	CodeUserDoesNotExist    onetouch.Code = "user_does_not_exist" // what the Authy API calls an unknown user when a token is checked
)

// Problem is an error as it goes over the wire.
type Problem struct {
	Status  int
	Code    onetouch.Code
	Message string
	// Parameter is the one input that was wrong, Reason what is wrong with it; see [onetouch.Error].
	Parameter, Reason string
	Fields            map[string]string
	// RetryAfter is how long to wait before another try; 0 is unknown.
	RetryAfter time.Duration
}

// Of translates any error. One that is no refusal becomes a 500 that tells nothing of its inside.
func Of(err error) Problem {
	refusal := onetouch.Error{Code: onetouch.CodeInternal, Message: "Internal error. Nothing was changed."}
	var known *onetouch.Error
	if errors.As(err, &known) {
		refusal = *known
	}
	return Problem{
		Status: StatusOf(refusal.Code), Code: refusal.Code, Message: refusal.Message,
		Parameter: refusal.Parameter, Reason: refusal.Reason, Fields: refusal.Fields,
		RetryAfter: refusal.RetryAfter,
	}
}

// IsFailure tells failures of the server, which belong into a log, from refusals, of which some have a status of 500 and
// more as well: those that the service gives on purpose, such as when it stops.
func IsFailure(err error) bool {
	switch code := Of(err).Code; code {
	case onetouch.CodeInternal, onetouch.CodeStorageFull, onetouch.CodeStorageUnavailable:
		return true
	default:
		return statuses[code] == 0
	}
}

// New is a refusal of the HTTP layer itself.
func New(code onetouch.Code, message string) error {
	return &onetouch.Error{Code: code, Message: message}
}
