package codes

import (
	"net/http"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/problem"
)

// oneTouchCodes are about approval requests and the devices that answer them.
var oneTouchCodes = []Row{
	{
		Number: "60031", Meaning: "action not authorized", Status: http.StatusUnauthorized,
		Message: "Action is not authorised", Basis: RecordedNumber, Source: enumeration,
		Refusals: []onetouch.Code{onetouch.CodeAccessTokenInvalid},
	},
	{
		Number: "60034", Meaning: "registration request invalid", Status: http.StatusBadRequest,
		Message: "Registration request is invalid", Basis: RecordedNumber, Source: enumeration,
		Refusals: []onetouch.Code{onetouch.CodeRegistrationUsed},
	},
	{
		Number: "60035", Meaning: "registration request not found", Status: http.StatusNotFound,
		Message: "Registration request not found", Basis: RecordedNumber, Source: enumeration,
		Refusals: []onetouch.Code{onetouch.CodeRegistrationNotFound},
	},
	byName("60036", "registration invalid PIN", http.StatusUnauthorized, "PIN of the registration is invalid"),
	{
		Number: "60037", Meaning: "registration expired", Status: http.StatusBadRequest,
		Message: "Registration has expired", Basis: RecordedNumber, Source: enumeration,
		Refusals: []onetouch.Code{onetouch.CodeRegistrationExpired},
	},
	{
		Number: "60049", Meaning: "approval request not found", Status: http.StatusNotFound,
		Message: "Approval request not found", Basis: Recorded, Source: "authy-java: Approval request not found: UUID",
		Refusals: []onetouch.Code{onetouch.CodeApprovalRequestNotFound},
	},
	{
		Number: "60050", Meaning: "OneTouch unregistered user", Status: http.StatusBadRequest,
		Message: "OneTouch unregistered user", Basis: RecordedStatus, Source: "vendor documentation",
		Refusals: []onetouch.Code{onetouch.CodeUserWithoutDevice},
	},
	byName("60051", "OneTouch device not found", http.StatusNotFound, "OneTouch device not found"),
	{
		Number: "60052", Meaning: "OneTouch internal connection error", Status: http.StatusServiceUnavailable,
		Message: "OneTouch internal connection error", Basis: RecordedNumber, Source: enumeration,
		Refusals: []onetouch.Code{problem.CodeUpstreamUnavailable},
	},
	byName("60053", "error sending approval request", http.StatusServiceUnavailable,
		"Approval request could not be sent"),
	byName("60054", "approval request error", http.StatusInternalServerError, "Approval request failed"),
	byName("60055", "error notifying customer", http.StatusServiceUnavailable, "Customer could not be notified"),
	byName("60064", "cannot enable OneTouch", http.StatusForbidden, "OneTouch could not be enabled"),
	byName("60068", "cannot update on device registration", http.StatusConflict,
		"Cannot be updated while a device registers"),
	{
		Number: "60079", Meaning: "approval request not pending", Status: http.StatusConflict,
		Message: "Approval request is not pending", Basis: RecordedNumber, Source: enumeration,
		Refusals: []onetouch.Code{
			onetouch.CodeApprovalRequestNotPending, onetouch.CodeApprovalRequestExpired,
		},
	},
	{
		Number: "60080", Meaning: "approval request invalid", Status: http.StatusForbidden,
		Message: "Approval request is invalid", Basis: RecordedNumber, Source: enumeration,
		Refusals: []onetouch.Code{onetouch.CodeDigestMismatch},
	},
	{
		Number: "60086", Meaning: "JWT expired", Status: http.StatusForbidden, Message: "JWT has expired",
		Basis: RecordedNumber, Source: enumeration,
		Refusals: []onetouch.Code{onetouch.CodeIssuedAtSkewed},
	},
	{
		Number: "60087", Meaning: "invalid signature", Status: http.StatusForbidden, Message: "Signature is invalid",
		Basis: RecordedNumber, Source: enumeration,
		Refusals: []onetouch.Code{onetouch.CodeSignatureInvalid},
	},
	byName("60090", "registration request not created", http.StatusServiceUnavailable,
		"Registration request could not be created"),
	{
		Number: "60092", Meaning: "device not found", Status: http.StatusNotFound, Message: "Device not found.",
		Basis: RecordedNumber, Source: enumeration,
		Refusals: []onetouch.Code{onetouch.CodeDeviceNotFound},
	},
	byName("60093", "SDK device not deleted", http.StatusServiceUnavailable, "Device could not be deleted"),
}

// unclear words four numbers of which no source says which is which.
const unclear = "Authentication or its method was not found, or could not be created"

// laterCodes came with later products of the same service.
var laterCodes = []Row{
	{
		Number: "60101", Meaning: "invalid JWT", Status: http.StatusBadRequest, Message: "JWT is invalid",
		Basis: RecordedNumber, Source: enumeration,
		Refusals: []onetouch.Code{
			onetouch.CodeTokenMalformed, onetouch.CodeChallengeMismatch,
		},
	},
	byName("60102", "push certificate error", http.StatusBadRequest, "Push certificate is invalid"),
	{
		Number: "60103", Meaning: "push platform not recognised", Status: http.StatusBadRequest,
		Message: "Push platform is not recognised", Basis: RecordedNumber, Source: enumeration,
		Refusals: []onetouch.Code{onetouch.CodePushPlatformUnknown},
	},
	byName("60104", "invalid push certs", http.StatusBadRequest, "Push certificates are invalid"),
	byName("60105", "notify JWT error", http.StatusServiceUnavailable, "JWT of the notification could not be made"),
	byName("60108", "invalid channel for device", http.StatusBadRequest, "Channel is invalid for the device"),
	byName("60109", "authentication method or authentication, not found or not created", http.StatusNotFound, unclear),
	byName("60110", "authentication method or authentication, not found or not created", http.StatusNotFound, unclear),
	byName("60111", "authentication method or authentication, not found or not created", http.StatusNotFound, unclear),
	byName("60112", "authentication method or authentication, not found or not created", http.StatusNotFound, unclear),
	{
		Number: "60113", Meaning: "authenticator not found", Status: http.StatusNotFound,
		Message: "Authenticator not found", Basis: RecordedNumber, Source: enumeration,
		Refusals: []onetouch.Code{onetouch.CodeAuthenticatorNotFound},
	},
	byName("60114", "authenticator not updated", http.StatusServiceUnavailable, "Authenticator could not be updated"),
	byName("60125", "invalid SDK app", http.StatusBadRequest, "SDK app is invalid"),
	{
		Number: "60129", Meaning: "public key not found", Status: http.StatusBadRequest, Message: "Public key not found",
		Basis: RecordedNumber, Source: enumeration,
		Refusals: []onetouch.Code{onetouch.CodePublicKeyInvalid},
	},
}
