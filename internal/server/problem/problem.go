// Package problem is the one table that says how each refusal of the domain looks on the wire: its HTTP status and its
// Authy error code. All three APIs answer errors in the shape of the Authy API.
package problem

import (
	"errors"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// Refusals that only HTTP can give.
const (
	CodeBodyTooLarge     onetouch.Code = "body_too_large"
	CodeFaultNotFound    onetouch.Code = "fault_not_found"
	CodeHostNotServed    onetouch.Code = "host_not_served"
	CodeMethodNotAllowed onetouch.Code = "method_not_allowed"
	CodeNotFound         onetouch.Code = "not_found"
	CodeNotAuthorised    onetouch.Code = "not_authorised"
	CodeQRCodeFailed     onetouch.Code = "qr_code_failed"
	CodeServerStopping   onetouch.Code = "server_stopping"
)

// rows finds a row by its number or by one of its refusals.
var rows = newIndex(Table())

// Problem is an error as it goes over the wire.
type Problem struct {
	Status    int
	ErrorCode string // digits
	Code      onetouch.Code
	Message   string
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
	var named *NamedError
	switch {
	case errors.As(err, &named):
		return named.problem
	case errors.As(err, &known):
		refusal = *known
	}
	a, listed := rows.byCode[refusal.Code]
	if !listed {
		a = rows.byCode[onetouch.CodeInternal]
	}
	return Problem{
		Status: a.status, ErrorCode: a.errorCode, Code: refusal.Code, Message: refusal.Message,
		Parameter: refusal.Parameter, Reason: refusal.Reason, Fields: refusal.Fields,
		RetryAfter: refusal.RetryAfter,
	}
}

// IsFailure tells failures of the server, which belong into a log, from refusals, of which some have a status of 500 and
// more as well: those that the service gives on purpose, such as when it stops, and those that somebody asked for.
func IsFailure(err error) bool {
	const ours = "60000"
	p := Of(err)
	return p.ErrorCode == ours && p.Code != CodeServerStopping && !errors.As(err, new(*NamedError))
}

// New is a refusal of the HTTP layer itself.
func New(code onetouch.Code, message string) error {
	return &onetouch.Error{Code: code, Message: message}
}
