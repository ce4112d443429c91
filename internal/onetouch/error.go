package onetouch

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
)

// Code says what kind of refusal an [Error] is. Every adapter maps codes once: to an HTTP status and an Authy error
// code, or to an exit code.
type Code string

// The refusals of the domain. Their text is part of the device API and must not change.
const (
	CodeAccessKeyInvalid            Code = "access_key_invalid"
	CodeAccessKeyMissing            Code = "access_key_missing"
	CodeAccessTokenInvalid          Code = "access_token_invalid"
	CodeAPIKeyInvalid               Code = "api_key_invalid"
	CodeApplicationKeyInvalid       Code = "application_key_invalid"
	CodeApplicationNeeded           Code = "application_needed"
	CodeApplicationNotFound         Code = "application_not_found"
	CodeApplicationSuspended        Code = "application_suspended"
	CodeApprovalRequestExpired      Code = "approval_request_expired"
	CodeApprovalRequestNotFound     Code = "approval_request_not_found"
	CodeApprovalRequestNotPending   Code = "approval_request_not_pending"
	CodeAuthenticatorNotFound       Code = "authenticator_not_found"
	CodeCallsDailyLimit             Code = "calls_daily_limit"
	CodeCallsDisabled               Code = "calls_disabled"
	CodeCallsMonthlyLimit           Code = "calls_monthly_limit"
	CodeChallengeMismatch           Code = "challenge_mismatch"
	CodeCustomMessageNotAllowed     Code = "custom_message_not_allowed"
	CodeCredentialsInvalid          Code = "credentials_invalid"
	CodeDeliveryNotFound            Code = "delivery_not_found"
	CodeDeviceNotFound              Code = "device_not_found"
	CodeDigestMismatch              Code = "digest_mismatch"
	CodeEmailInvalid                Code = "email_invalid"
	CodeEntityExists                Code = "entity_exists"
	CodeEvidenceNotFound            Code = "evidence_not_found"
	CodeFactorUnverified            Code = "factor_unverified"
	CodeInternal                    Code = "internal"
	CodeInvalidEncoding             Code = "invalid_encoding"
	CodeInvalidParameter            Code = "invalid_parameter"
	CodeInvalidRequest              Code = "invalid_request"
	CodeIssuedAtSkewed              Code = "issued_at_skewed"
	CodePhoneNumberInvalid          Code = "phone_number_invalid"
	CodePhoneVerificationIncorrect  Code = "phone_verification_incorrect"
	CodePhoneVerificationInvalid    Code = "phone_verification_invalid"
	CodePhoneVerificationNotCreated Code = "phone_verification_not_created"
	CodePhoneVerificationNotFound   Code = "phone_verification_not_found"
	CodePublicKeyInvalid            Code = "public_key_invalid"
	CodePushPlatformUnknown         Code = "push_platform_unknown"
	CodeQRCodeFailed                Code = "qr_code_failed"
	CodeRegistrationExpired         Code = "registration_expired"
	CodeRegistrationNotFound        Code = "registration_not_found"
	CodeRegistrationUsed            Code = "registration_used"
	CodeSignatureInvalid            Code = "signature_invalid"
	CodeSMSDailyLimit               Code = "sms_daily_limit"
	CodeSMSDisabled                 Code = "sms_disabled"
	CodeSMSMonthlyLimit             Code = "sms_monthly_limit"
	CodeSMSToLandline               Code = "sms_to_landline"
	CodeStorageFull                 Code = "storage_full"
	CodeStorageUnavailable          Code = "storage_unavailable"
	CodeTokenInvalid                Code = "token_invalid"
	CodeTokenMalformed              Code = "token_malformed"
	CodeTokenReused                 Code = "token_reused"
	CodeTooManyAPICalls             Code = "too_many_api_calls"
	CodeTooManyChecks               Code = "too_many_checks"
	CodeTooManyTokens               Code = "too_many_tokens"
	CodeUserNotFound                Code = "user_not_found"
	CodeUserNotValid                Code = "user_not_valid"
	CodeUserSuspended               Code = "user_suspended"
	CodeUserWithoutDevice           Code = "user_without_device"
	CodeWebhookInvalid              Code = "webhook_invalid"
	CodeWebhookNotFound             Code = "webhook_not_found"
)

// Error is a refusal: what went wrong in one line that a user can be shown. A refusal has changed nothing, but for what
// tells of it: a wrong code is counted and has its event.
type Error struct {
	Code    Code
	Message string
	// Parameter is the one input that was wrong, as its caller names it, such as logos[0][url], and Reason says what is
	// wrong with it. Both are empty in a refusal that is about no single input.
	Parameter, Reason string
	// Fields names the inputs that were wrong and says what is wrong with each, such as "cellphone": "is invalid".
	Fields map[string]string
	// RetryAfter is how long a limit that was reached stays so; 0 is unknown, or never.
	RetryAfter time.Duration
	// Err is the cause, kept for logs. It is never shown to a user.
	Err error
}

func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is an *Error of the same code, so that errors.Is(err, &Error{Code: c}) works.
func (e *Error) Is(target error) bool {
	other, ok := target.(*Error)
	return ok && other.Code == e.Code
}

// ErrNotFound is what a [Store] returns when no record has the given key. The service turns it into the refusal
// that fits; it never leaves this package.
var ErrNotFound = errors.New("not found")

// CodeOf returns the code of err: "" for nil, [CodeInternal] for an error that is no refusal.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var refusal *Error
	if errors.As(err, &refusal) {
		return refusal.Code
	}
	return CodeInternal
}

func refuse(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// until says when the refusal of a limit ends.
func (e *Error) until(now, end time.Time) *Error {
	e.RetryAfter = max(0, end.Sub(now))
	return e
}

// InvalidParameter is the refusal of one input. It is worded as Authy words it; the reason follows the name.
// Source: recorded by authy-ruby ("Invalid parameter: country_code - Parameter is required").
func InvalidParameter(name, reason string) *Error {
	name = inOneLine(name)
	return &Error{
		Code: CodeInvalidParameter, Message: "Invalid parameter: " + name + " - " + reason, Parameter: name, Reason: reason,
	}
}

// InvalidRequest is the refusal of a call that cannot be read as a whole.
func InvalidRequest(reason string) *Error {
	return &Error{Code: CodeInvalidRequest, Message: "Invalid request: " + reason}
}

// With is the same refusal with another code: that of a parameter whose wrong values have one of their own.
func (e *Error) With(code Code) *Error {
	other := *e
	other.Code = code
	return &other
}

// inOneLine makes a name that a backend made up fit for a refusal.
func inOneLine(name string) string {
	return strings.Map(func(char rune) rune {
		if unicode.IsPrint(char) {
			return char
		}
		return unicode.ReplacementChar
	}, name)
}

// orRefuse turns a store's ErrNotFound into the given refusal and leaves every other error alone.
func orRefuse(err error, refusal *Error) error {
	if errors.Is(err, ErrNotFound) {
		return refusal
	}
	return err
}
