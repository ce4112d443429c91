package problem

import (
	"net/http"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// StatusOf is the HTTP status of a refusal; 500 of one that nobody has listed.
func StatusOf(code onetouch.Code) int {
	if status := statuses[code]; status != 0 {
		return status
	}
	return http.StatusInternalServerError
}

// statuses finds the status of a code.
var statuses = func() map[onetouch.Code]int {
	found := map[onetouch.Code]int{}
	for status, codes := range byStatus() {
		for _, code := range codes {
			found[code] = status
		}
	}
	return found
}()

// byStatus says which HTTP status each refusal has, in every API.
func byStatus() map[int][]onetouch.Code {
	return map[int][]onetouch.Code{
		http.StatusBadRequest: {
			onetouch.CodeEmailInvalid, onetouch.CodeFactorUnverified, onetouch.CodeInvalidEncoding, onetouch.CodeInvalidParameter,
			onetouch.CodeInvalidRequest, onetouch.CodePhoneNumberInvalid,
			onetouch.CodePhoneVerificationInvalid, onetouch.CodePublicKeyInvalid,
			onetouch.CodePushPlatformUnknown, onetouch.CodeQRCodeFailed, onetouch.CodeRegistrationExpired, onetouch.CodeRegistrationUsed,
			onetouch.CodeTokenMalformed, onetouch.CodeUserNotValid, onetouch.CodeUserWithoutDevice,
			onetouch.CodeWebhookInvalid, CodeNoCounterpart,
		},
		http.StatusUnauthorized: {
			onetouch.CodeAPIKeyInvalid, onetouch.CodeAccessKeyInvalid, onetouch.CodeAccessKeyMissing,
			onetouch.CodeAccessTokenInvalid, onetouch.CodeApplicationKeyInvalid, onetouch.CodeCredentialsInvalid,
			onetouch.CodePhoneVerificationIncorrect, onetouch.CodeTokenInvalid, onetouch.CodeTokenReused,
			CodeNotAuthorised,
		},
		http.StatusForbidden: {
			onetouch.CodeCallsDisabled, onetouch.CodeChallengeMismatch, onetouch.CodeCustomMessageNotAllowed,
			onetouch.CodeDigestMismatch, onetouch.CodeIssuedAtSkewed,
			onetouch.CodePhoneVerificationNotCreated, onetouch.CodeSMSDisabled, onetouch.CodeSMSToLandline,
			onetouch.CodeSignatureInvalid,
		},
		http.StatusNotFound: {
			onetouch.CodeApplicationNotFound, onetouch.CodeApprovalRequestNotFound,
			onetouch.CodeAuthenticatorNotFound, onetouch.CodeDeliveryNotFound, onetouch.CodeDeviceNotFound,
			onetouch.CodeEvidenceNotFound, onetouch.CodePhoneVerificationNotFound,
			onetouch.CodeRegistrationNotFound, onetouch.CodeUserNotFound,
			onetouch.CodeWebhookNotFound, CodeFaultNotFound, CodeCallNotFound, CodeNotFound, CodeUserDoesNotExist,
		},
		http.StatusMethodNotAllowed: {CodeMethodNotAllowed},
		http.StatusConflict: {
			onetouch.CodeApplicationNeeded, onetouch.CodeEntityExists, onetouch.CodeApprovalRequestExpired,
			onetouch.CodeApprovalRequestNotPending,
		},
		http.StatusRequestEntityTooLarge: {CodeBodyTooLarge},
		http.StatusMisdirectedRequest:    {CodeHostNotServed},
		http.StatusTooManyRequests: {
			onetouch.CodeCallsDailyLimit, onetouch.CodeCallsMonthlyLimit, onetouch.CodeSMSDailyLimit,
			onetouch.CodeSMSMonthlyLimit, onetouch.CodeTooManyAPICalls, onetouch.CodeTooManyChecks,
			onetouch.CodeTooManyTokens, CodeTooManyGuesses, CodeUpstreamLimit,
		},
		http.StatusInternalServerError: {onetouch.CodeInternal},
		http.StatusServiceUnavailable: {
			onetouch.CodeApplicationSuspended, onetouch.CodeStorageFull, onetouch.CodeStorageUnavailable,
			onetouch.CodeUserSuspended, CodeServerStopping, CodeUpstreamUnavailable,
		},
	}
}
