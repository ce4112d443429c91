package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/pkg/authy"
	"github.com/onetouchkit/onetouch/pkg/device"
	"github.com/onetouchkit/onetouch/pkg/verify"
)

// ExitCode is what a command tells the shell.
type ExitCode int

// The exit codes, the same for every command.
const (
	ExitDone          ExitCode = 0 // done, or approved
	ExitFailed        ExitCode = 1
	ExitUsage         ExitCode = 2
	ExitNotFound      ExitCode = 3
	ExitDenied        ExitCode = 4
	ExitExpired       ExitCode = 5
	ExitUnreachable   ExitCode = 6 // no server, or no connection
	ExitNotAuthorised ExitCode = 7
	ExitTimedOut      ExitCode = 124 // as timeout(1) does
	ExitInterrupted   ExitCode = 130 // as a shell reports Ctrl-C
)

// exitError ends the command with a code. Without an error nothing is printed: the answer is the code.
type exitError struct {
	code ExitCode
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// usageError is a command line that cannot be carried out.
func usageError(format string, args ...any) error {
	return &exitError{code: ExitUsage, err: fmt.Errorf(format, args...)}
}

// failedWith is an error with a code of its own.
func failedWith(code ExitCode, format string, args ...any) error {
	return &exitError{code: code, err: fmt.Errorf(format, args...)}
}

// exitCodes says which errors have a code of their own; the first that matches holds.
var exitCodes = []struct {
	err  error
	code ExitCode
}{
	{context.DeadlineExceeded, ExitTimedOut},
	{authy.ErrUnreachable, ExitUnreachable},
	{device.ErrUnreachable, ExitUnreachable},
	{verify.ErrUnreachable, ExitUnreachable},
	{controlapi.ErrUnreachable, ExitUnreachable},
	{authy.ErrUserNotFound, ExitNotFound},
	{authy.ErrApprovalRequestNotFound, ExitNotFound},
	{authy.ErrDeviceNotFound, ExitNotFound},
	{authy.ErrInvalidAPIKey, ExitNotAuthorised},
	{authy.ErrApplicationSuspended, ExitNotAuthorised},
	{verify.ErrCredentials, ExitNotAuthorised},
	{verify.ErrNotFound, ExitNotFound},
	{device.ErrNotFound, ExitNotFound},
	{device.ErrExpired, ExitExpired},
	{device.ErrRemoved, ExitNotFound},
	{device.ErrAccessToken, ExitNotAuthorised},
	{&onetouch.Error{Code: onetouch.CodeApprovalRequestNotFound}, ExitNotFound},
	{&onetouch.Error{Code: onetouch.CodeApplicationNotFound}, ExitNotFound},
	{&onetouch.Error{Code: onetouch.CodeUserNotFound}, ExitNotFound},
	{&onetouch.Error{Code: onetouch.CodeDeviceNotFound}, ExitNotFound},
	{&onetouch.Error{Code: "not_authorised"}, ExitNotAuthorised},
}

func exitCodeOf(err error) ExitCode {
	if err == nil {
		return ExitDone
	}
	var exit *exitError
	if errors.As(err, &exit) {
		return exit.code
	}
	for _, known := range exitCodes {
		if errors.Is(err, known.err) {
			return known.code
		}
	}
	return ExitFailed
}

// exitCodeOfStatus says how a wait for an answer ends.
func exitCodeOfStatus(status onetouch.Status) ExitCode {
	switch status {
	case onetouch.StatusApproved:
		return ExitDone
	case onetouch.StatusDenied:
		return ExitDenied
	case onetouch.StatusExpired:
		return ExitExpired
	default:
		return ExitFailed
	}
}
