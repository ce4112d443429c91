package device

import (
	"context"
	"errors"
	"fmt"

	"github.com/onetouchkit/onetouch/pkg/internal/httpcall"
)

// Error is a refusal by the server. Nothing was changed.
type Error struct {
	StatusCode int // HTTP
	// Code is symbolic, such as "approval_request_not_pending"; "" when the answer is not of a OneTouch server, or of the
	// Verify API, which has numbers alone that do not say as much.
	Code      string
	ErrorCode string // Authy's number, such as "60079", or Twilio's, such as "20404"
	Message   string // one line for people
	// Parameter is the one input that was wrong, such as device.name, and Reason says what is wrong with it; both are empty
	// when the refusal is not about one.
	Parameter, Reason string
}

// Error is the message.
func (e *Error) Error() string { return e.Message }

// What an error can be, for use with errors.Is.
var (
	// ErrUnreachable: there was no answer, or it broke off.
	ErrUnreachable = errors.New("no server answers")
	// ErrAccessToken: the server does not know the device's access token (any more). Of a factor: it takes no token that the
	// factor signs, which was removed then; and of one to be created, it does not take the access token that it comes with.
	ErrAccessToken = errors.New("access token is invalid")
	// ErrNoCounterpart: the API that the device speaks has nothing of the kind. Nothing was called.
	ErrNoCounterpart = errors.New("has no counterpart in the API of the device")
	// ErrUnverified: the factor has not shown yet that it has its key: see [Device.VerifyFactor].
	ErrUnverified = errors.New("factor is not verified")
	// ErrRemoved: the device was removed from its user, so it can do nothing any more.
	ErrRemoved = errors.New("device was removed")
	// ErrNotFound: there is no such approval request for the device's user, or no such device in a [Store].
	ErrNotFound = errors.New("not found")
	// ErrNotPending: the approval request was answered already.
	ErrNotPending = errors.New("approval request is not pending")
	// ErrExpired: the approval request's time is over.
	ErrExpired = errors.New("approval request has expired")
	// ErrDigest: what was signed is not what the server asked the device to show.
	ErrDigest = errors.New("what was signed is not what was asked")
	// ErrSignature: the signature is not by the device's own key and algorithm.
	ErrSignature = errors.New("signature is invalid")
	// ErrChallenge: the challenge is not the request's own.
	ErrChallenge = errors.New("challenge is invalid")
	// ErrClockSkew: the device's clock differs from the server's by more than it tolerates.
	ErrClockSkew = errors.New("clock is off")
	// ErrRegistrationNotFound: the registration token is unknown.
	ErrRegistrationNotFound = errors.New("registration token is unknown")
	// ErrRegistrationUsed: a device has registered with the registration token before.
	ErrRegistrationUsed = errors.New("registration token was used before")
	// ErrRegistrationExpired: the registration token is too old.
	ErrRegistrationExpired = errors.New("registration token has expired")
)

// Is says which of the errors above a refusal is.
func (e *Error) Is(target error) bool {
	for _, known := range []struct {
		code string
		err  error
	}{
		{"access_token_invalid", ErrAccessToken},
		{"credentials_invalid", ErrAccessToken}, // of a factor
		{"factor_unverified", ErrUnverified},
		{"approval_request_not_found", ErrNotFound},
		{"approval_request_not_pending", ErrNotPending},
		{"approval_request_expired", ErrExpired},
		{"digest_mismatch", ErrDigest},
		{"signature_invalid", ErrSignature},
		{"challenge_mismatch", ErrChallenge},
		{"issued_at_skewed", ErrClockSkew},
		{"registration_not_found", ErrRegistrationNotFound},
		{"registration_used", ErrRegistrationUsed},
		{"registration_expired", ErrRegistrationExpired},
	} {
		if e.Code == known.code {
			return target == known.err
		}
	}
	return false
}

// unreachable words a failure of the network: "no server answers at http://127.0.0.1:8181: connection refused".
func unreachable(ctx context.Context, server string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("calling %s: %w", server, context.Cause(ctx))
	}
	return fmt.Errorf("%w at %s: %w", ErrUnreachable, server, httpcall.Reason(err))
}
