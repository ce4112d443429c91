// Package problem is the one table that says how each refusal of the domain looks on the wire: its HTTP status and its
// Authy error code. All three APIs answer errors in the shape of the Authy API.
package problem

import (
	"errors"
	"net/http"

	"github.com/onetouchkit/onetouch/internal/authywire"
	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// Refusals that only HTTP can give.
const (
	CodeBodyTooLarge     onetouch.Code = "body_too_large"
	CodeHostNotServed    onetouch.Code = "host_not_served"
	CodeMethodNotAllowed onetouch.Code = "method_not_allowed"
	CodeNotFound         onetouch.Code = "not_found"
	CodeNotAuthorised    onetouch.Code = "not_authorised"
	CodeServerStopping   onetouch.Code = "server_stopping"
)

// answer is a refusal's HTTP status and Authy error code.
type answer struct {
	status    int
	errorCode string
}

// answers holds every code. Sources of the numbers: authy-java's enumeration of error codes and recorded answers; the
// choices for the device API, which was never public, are ours.
var answers = map[onetouch.Code]answer{
	onetouch.CodeAPIKeyInvalid:               {http.StatusUnauthorized, "60001"},
	onetouch.CodeInvalidRequest:              {http.StatusBadRequest, "60002"},
	onetouch.CodeTooManyAPICalls:             {http.StatusTooManyRequests, "60003"},
	onetouch.CodeTooManyChecks:               {http.StatusTooManyRequests, "60003"},
	onetouch.CodeTooManyTokens:               {http.StatusTooManyRequests, "60003"},
	onetouch.CodeInvalidParameter:            {http.StatusBadRequest, "60004"},
	onetouch.CodeInvalidEncoding:             {http.StatusBadRequest, "60005"},
	onetouch.CodeCallsDisabled:               {http.StatusForbidden, "60006"},
	onetouch.CodeSMSDisabled:                 {http.StatusForbidden, "60007"},
	onetouch.CodeSMSMonthlyLimit:             {http.StatusTooManyRequests, "60009"},
	onetouch.CodeSMSDailyLimit:               {http.StatusTooManyRequests, "60010"},
	onetouch.CodeCallsMonthlyLimit:           {http.StatusTooManyRequests, "60011"},
	onetouch.CodeCallsDailyLimit:             {http.StatusTooManyRequests, "60012"},
	onetouch.CodeUserDoesNotExist:            {http.StatusNotFound, "60016"},
	onetouch.CodeUserSuspended:               {http.StatusServiceUnavailable, "60017"},
	onetouch.CodeTokenReused:                 {http.StatusUnauthorized, "60019"},
	onetouch.CodeTokenInvalid:                {http.StatusUnauthorized, "60020"},
	onetouch.CodePhoneVerificationNotCreated: {http.StatusForbidden, "60021"},
	onetouch.CodePhoneVerificationIncorrect:  {http.StatusUnauthorized, "60022"},
	onetouch.CodePhoneVerificationNotFound:   {http.StatusNotFound, "60023"},
	onetouch.CodeUserNotFound:                {http.StatusNotFound, "60026"},
	onetouch.CodeUserNotValid:                {http.StatusBadRequest, "60027"},
	onetouch.CodeAccessTokenInvalid:          {http.StatusUnauthorized, "60031"},
	onetouch.CodePhoneNumberInvalid:          {http.StatusBadRequest, "60033"},
	onetouch.CodeRegistrationUsed:            {http.StatusBadRequest, "60034"},
	onetouch.CodeRegistrationNotFound:        {http.StatusNotFound, "60035"},
	onetouch.CodeRegistrationExpired:         {http.StatusBadRequest, "60037"},
	onetouch.CodeEmailInvalid:                {http.StatusBadRequest, "60038"},
	onetouch.CodePhoneVerificationInvalid:    {http.StatusBadRequest, "60042"},
	onetouch.CodeApprovalRequestNotFound:     {http.StatusNotFound, "60049"},
	onetouch.CodeUserWithoutDevice:           {http.StatusBadRequest, "60050"},
	onetouch.CodeApplicationSuspended:        {http.StatusServiceUnavailable, "60061"},
	onetouch.CodeAccessKeyMissing:            {http.StatusUnauthorized, "60071"},
	onetouch.CodeAccessKeyInvalid:            {http.StatusUnauthorized, "60072"},
	onetouch.CodeApplicationKeyInvalid:       {http.StatusUnauthorized, "60073"},
	onetouch.CodeApprovalRequestNotPending:   {http.StatusConflict, "60079"},
	onetouch.CodeApprovalRequestExpired:      {http.StatusConflict, "60079"},
	onetouch.CodeDigestMismatch:              {http.StatusForbidden, "60080"},
	onetouch.CodeSMSToLandline:               {http.StatusForbidden, "60082"},
	onetouch.CodeIssuedAtSkewed:              {http.StatusForbidden, "60086"},
	onetouch.CodeSignatureInvalid:            {http.StatusForbidden, "60087"},
	onetouch.CodeCustomMessageNotAllowed:     {http.StatusForbidden, "60091"},
	onetouch.CodeDeviceNotFound:              {http.StatusNotFound, "60092"},
	onetouch.CodeWebhookInvalid:              {http.StatusBadRequest, "60098"},
	onetouch.CodeWebhookNotFound:             {http.StatusNotFound, "60100"},
	onetouch.CodeTokenMalformed:              {http.StatusBadRequest, "60101"},
	onetouch.CodeChallengeMismatch:           {http.StatusForbidden, "60101"},
	onetouch.CodePushPlatformUnknown:         {http.StatusBadRequest, "60103"},
	onetouch.CodeAuthenticatorNotFound:       {http.StatusNotFound, "60113"},
	onetouch.CodeApplicationNotFound:         {http.StatusNotFound, "60117"},
	onetouch.CodePublicKeyInvalid:            {http.StatusBadRequest, "60129"},
	onetouch.CodeDeliveryNotFound:            {http.StatusNotFound, "60002"},
	onetouch.CodeStorageFull:                 {http.StatusServiceUnavailable, "60000"},
	onetouch.CodeStorageUnavailable:          {http.StatusServiceUnavailable, "60000"},
	onetouch.CodeInternal:                    {http.StatusInternalServerError, "60000"},
	CodeBodyTooLarge:                         {http.StatusRequestEntityTooLarge, "60002"},
	CodeHostNotServed:                        {http.StatusMisdirectedRequest, "60002"},
	CodeMethodNotAllowed:                     {http.StatusMethodNotAllowed, "60002"},
	CodeNotFound:                             {http.StatusNotFound, "60002"},
	CodeNotAuthorised:                        {http.StatusUnauthorized, "60001"},
	CodeServerStopping:                       {http.StatusServiceUnavailable, "60000"},
}

// Problem is an error as it goes over the wire.
type Problem struct {
	Status    int
	ErrorCode string // digits
	Code      onetouch.Code
	Message   string
	Fields    map[string]string
}

// Of translates any error. One that is no refusal becomes a 500 that tells nothing of its inside.
func Of(err error) Problem {
	refusal := onetouch.Error{Code: onetouch.CodeInternal, Message: "Internal error. Nothing was changed."}
	var known *onetouch.Error
	var parameter *authywire.ParameterError
	switch {
	case errors.As(err, &known):
		refusal = *known
	case errors.As(err, &parameter):
		refusal.Code, refusal.Message = parameterCode(parameter), parameter.Error()
	}
	a, listed := answers[refusal.Code]
	if !listed {
		a = answers[onetouch.CodeInternal]
	}
	return Problem{
		Status: a.status, ErrorCode: a.errorCode, Code: refusal.Code, Message: refusal.Message, Fields: refusal.Fields,
	}
}

// parameterCode is the code of a wrong parameter, or of a query or body that cannot be read.
func parameterCode(e *authywire.ParameterError) onetouch.Code {
	switch e.Fault {
	case authywire.FaultTooLarge:
		return CodeBodyTooLarge
	case authywire.FaultEncoding:
		return onetouch.CodeInvalidEncoding
	case authywire.FaultRequest:
		return onetouch.CodeInvalidRequest
	default:
		return onetouch.CodeInvalidParameter
	}
}

// New is a refusal of the HTTP layer itself.
func New(code onetouch.Code, message string) error {
	return &onetouch.Error{Code: code, Message: message}
}
