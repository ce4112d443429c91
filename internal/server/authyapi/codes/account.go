package codes

import (
	"net/http"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/problem"
)

// userCodes are about users.
var userCodes = []Row{
	{
		Number: "60016", Meaning: "user does not exist", Status: http.StatusNotFound, Message: "User doesn't exist",
		Basis: Recorded, Source: "authy-php, go-authy",
		Refusals: []onetouch.Code{problem.CodeUserDoesNotExist},
	},
	{
		Number: "60017", Meaning: "user suspended", Status: http.StatusServiceUnavailable,
		Message: "User has been suspended.", Basis: Recorded, Source: "parser of a third-party client",
		Refusals: []onetouch.Code{onetouch.CodeUserSuspended},
	},
	byName("60018", "user disabled", http.StatusServiceUnavailable, "User is disabled."),
	{
		Number: "60026", Meaning: "user not found", Status: http.StatusNotFound, Message: "User not found.",
		Basis: Recorded, Source: "authy-ruby, npm authy, authy-java",
		Refusals: []onetouch.Code{onetouch.CodeUserNotFound},
	},
	{
		Number: "60027", Meaning: "user not valid", Status: http.StatusBadRequest, Message: "User was not valid",
		Basis: Recorded, Source: "authy-java, authy-ruby, authy-php",
		Refusals: []onetouch.Code{onetouch.CodeUserNotValid},
	},
	byName("60028", "could not delete user", http.StatusServiceUnavailable, "User could not be deleted"),
	byName("60029", "cannot create activity", http.StatusBadRequest, "Activity could not be created"),
	byName("60030", "user incorrect params", http.StatusBadRequest, "User parameters are incorrect"),
	{
		Number: "60038", Meaning: "invalid email", Status: http.StatusBadRequest, Message: "Email is invalid",
		Basis: RecordedNumber, Source: enumeration,
		Refusals: []onetouch.Code{onetouch.CodeEmailInvalid},
	},
	byName("60106", "user suspended from app", http.StatusServiceUnavailable,
		"User has been suspended from the application."),
	byName("60107", "user blocked", http.StatusServiceUnavailable, "User has been blocked."),
	byName("60119", "user without PII required", http.StatusBadRequest, "User must have no personal information"),
	byName("60127", "user pending for deletion", http.StatusNotFound, "User is pending for deletion."),
	byName("60128", "user was deleted", http.StatusNotFound, "User was deleted."),
	byName("60130", "deletion state", http.StatusConflict, "User is in another state of deletion"),
	byName("60131", "deletion state", http.StatusConflict, "User is in another state of deletion"),
	byName("60132", "deletion state", http.StatusConflict, "User is in another state of deletion"),
}

// tokenCodes are about codes that are sent, and about the numbers to which they go.
var tokenCodes = []Row{
	{
		Number: "60006", Meaning: "call add-on disabled", Status: http.StatusForbidden,
		Message: "Phone calls are not enabled on this account", Basis: RecordedMessage, Source: "go-authy against the sandbox",
		Refusals: []onetouch.Code{onetouch.CodeCallsDisabled},
	},
	{
		Number: "60007", Meaning: "SMS disabled", Status: http.StatusForbidden, Message: "SMS is not enabled",
		Basis: RecordedMessage, Source: "go-authy against the sandbox",
		Refusals: []onetouch.Code{onetouch.CodeSMSDisabled},
	},
	{
		Number: "60009", Meaning: "monthly SMS limit", Status: http.StatusTooManyRequests,
		Message: "Monthly SMS limit of the application is reached", Basis: RecordedStatus,
		Source:   "vendor documentation promises 429 for limits",
		Refusals: []onetouch.Code{onetouch.CodeSMSMonthlyLimit},
	},
	{
		Number: "60010", Meaning: "daily SMS limit", Status: http.StatusTooManyRequests,
		Message: "Daily SMS limit of the application is reached", Basis: RecordedStatus,
		Source:   "vendor documentation promises 429 for limits",
		Refusals: []onetouch.Code{onetouch.CodeSMSDailyLimit},
	},
	{
		Number: "60011", Meaning: "monthly calls limit", Status: http.StatusTooManyRequests,
		Message: "Monthly limit of calls of the application is reached", Basis: RecordedStatus,
		Source:   "vendor documentation promises 429 for limits",
		Refusals: []onetouch.Code{onetouch.CodeCallsMonthlyLimit},
	},
	{
		Number: "60012", Meaning: "daily calls limit", Status: http.StatusTooManyRequests,
		Message: "Daily limit of calls of the application is reached", Basis: RecordedStatus,
		Source:   "vendor documentation promises 429 for limits",
		Refusals: []onetouch.Code{onetouch.CodeCallsDailyLimit},
	},
	byName("60013", "banned country", http.StatusForbidden, "Messages to this country are not allowed"),
	byName("60014", "call not started", http.StatusServiceUnavailable, "Call was not started"),
	{
		Number: "60015", Meaning: "SMS not sent", Status: http.StatusServiceUnavailable, Message: "SMS token was not sent",
		Basis: Recorded, Source: "parser of a third-party client",
	},
	{
		Number: "60019", Meaning: "reused token", Status: http.StatusUnauthorized,
		Message: "Token is invalid. Token was used recently.", Basis: Recorded, Source: "parsers of clients, XML of authy-java",
		Refusals: []onetouch.Code{onetouch.CodeTokenReused},
	},
	{
		Number: "60020", Meaning: "token invalid", Status: http.StatusUnauthorized, Message: "Token is invalid",
		Basis: Recorded, Source: "authy-java, authy-rs, authy-python",
		Refusals: []onetouch.Code{onetouch.CodeTokenInvalid},
	},
	{
		Number: "60021", Meaning: "cannot create phone verification", Status: http.StatusForbidden,
		Message: "Phone verification couldn't be created: custom codes are not allowed.", Basis: RecordedMessage,
		Source:   "authy-ruby against the sandbox",
		Refusals: []onetouch.Code{onetouch.CodePhoneVerificationNotCreated},
	},
	{
		Number: "60022", Meaning: "verification incorrect", Status: http.StatusUnauthorized,
		Message: "Verification code is incorrect", Basis: Recorded, Source: "authy-java, authy-ruby",
		Refusals: []onetouch.Code{onetouch.CodePhoneVerificationIncorrect},
	},
	{
		Number: "60023", Meaning: "verification not found", Status: http.StatusNotFound,
		Message: "No pending verifications found.", Basis: Recorded,
		Source:   "authy-java: No pending verifications for +49 179-449-1095 found.",
		Refusals: []onetouch.Code{onetouch.CodePhoneVerificationNotFound},
	},
	byName("60024", "cannot get phone info", http.StatusServiceUnavailable, "Phone information could not be had"),
	{
		Number: "60025", Meaning: "error querying phone info", Status: http.StatusInternalServerError,
		Message: "Server error while querying phone information. Please try again later", Basis: Recorded, Source: "authy-java",
	},
	byName("60032", "SMS not found", http.StatusNotFound, "SMS not found"),
	{
		Number: "60033", Meaning: "invalid phone number", Status: http.StatusBadRequest, Message: "Phone number is invalid",
		Basis: Recorded, Source: "authy-ruby, authy-rs, authy-java",
		Refusals: []onetouch.Code{onetouch.CodePhoneNumberInvalid},
	},
	{
		Number: "60042", Meaning: "phone verification params invalid", Status: http.StatusBadRequest,
		Message: "Parameters of the phone verification are invalid", Basis: RecordedNumber, Source: enumeration,
		Refusals: []onetouch.Code{onetouch.CodePhoneVerificationInvalid},
	},
	byName("60058", "phone number not found", http.StatusNotFound, "Phone number not found"),
	byName("60059", "phone number invalid", http.StatusBadRequest, "Phone number is invalid"),
	byName("60078", "country code validation fail", http.StatusBadRequest, "Country code is invalid"),
	{
		Number: "60082", Meaning: "cannot send SMS to landline", Status: http.StatusForbidden,
		Message: "Cannot send SMS to landline phone numbers", Basis: RecordedNumber, Source: enumeration,
		Refusals: []onetouch.Code{onetouch.CodeSMSToLandline},
	},
	byName("60083", "phone number not provisioned", http.StatusBadRequest,
		"Phone number is not provisioned with any carrier"),
	{
		Number: "60091", Meaning: "custom message disallowed", Status: http.StatusForbidden,
		Message: "Phone verification couldn't be created: custom messages are not allowed.", Basis: RecordedNumber,
		Source:   enumeration,
		Refusals: []onetouch.Code{onetouch.CodeCustomMessageNotAllowed},
	},
	byName("60097", "phone change in progress", http.StatusConflict, "A change of the phone number is in progress"),
	byName("60115", "number opted out", http.StatusForbidden, "The phone number has opted out of messages"),
	byName("60116", "bad PV JWT params", http.StatusBadRequest, "Parameters of the phone verification's JWT are invalid"),
	byName("60118", "TOTP code invalid", http.StatusUnauthorized, "TOTP code is invalid"),
	byName("60120", "SMS limit reached", http.StatusTooManyRequests, "SMS limit is reached"),
	byName("60121", "SMS invalid", http.StatusBadRequest, "SMS is invalid"),
	{
		Number: "60122", Meaning: "QR code generation failed", Status: http.StatusBadRequest,
		Message: "QR code could not be generated", Basis: RecordedNumber, Source: enumeration,
		Refusals: []onetouch.Code{onetouch.CodeQRCodeFailed},
	},
	byName("60123", "generic tokens disabled", http.StatusForbidden, "Generic authenticator tokens are disabled"),
	byName("60126", "HLR report error", http.StatusServiceUnavailable, "HLR report could not be made"),
	byName("60133", "CLNPC message", http.StatusServiceUnavailable, "CLNPC message could not be sent"),
}

// applicationCodes are about applications, their keys and their webhooks.
var applicationCodes = []Row{
	byName("60008", "account suspended", http.StatusServiceUnavailable, "Account is suspended"),
	byName("60057", "account suspended temporarily", http.StatusServiceUnavailable, "Account is suspended temporarily"),
	byName("60060", "Twilio account suspended", http.StatusServiceUnavailable, "Twilio account is suspended"),
	{
		Number: "60061", Meaning: "application suspended", Status: http.StatusServiceUnavailable,
		Message: "Application has been suspended.", Basis: RecordedNumber, Source: enumeration,
		Refusals: []onetouch.Code{onetouch.CodeApplicationSuspended},
	},
	byName("60066", "cannot save callback", http.StatusBadRequest, "Callback could not be saved"),
	byName("60069", "access key error", http.StatusServiceUnavailable, "Access key could not be checked"),
	byName("60070", "invalid application", http.StatusBadRequest, "Application is invalid"),
	{
		Number: "60071", Meaning: "access key not found", Status: http.StatusUnauthorized,
		Message: "Access key not found", Basis: RecordedNumber, Source: enumeration,
		Refusals: []onetouch.Code{onetouch.CodeAccessKeyMissing},
	},
	{
		Number: "60072", Meaning: "invalid access key", Status: http.StatusUnauthorized, Message: "Access key is invalid",
		Basis: RecordedNumber, Source: enumeration,
		Refusals: []onetouch.Code{onetouch.CodeAccessKeyInvalid},
	},
	{
		Number: "60073", Meaning: "invalid application API key", Status: http.StatusUnauthorized,
		Message: "Application API key is invalid", Basis: RecordedNumber, Source: enumeration,
		Refusals: []onetouch.Code{onetouch.CodeApplicationKeyInvalid},
	},
	byName("60074", "access key permission denied", http.StatusForbidden, "Access key has no permission for this"),
	byName("60075", "cannot delete application", http.StatusConflict, "Application could not be deleted"),
	{
		Number: "60098", Meaning: "webhook creation error", Status: http.StatusBadRequest,
		Message: "Webhook could not be created", Basis: RecordedNumber, Source: enumeration,
		Refusals: []onetouch.Code{onetouch.CodeWebhookInvalid},
	},
	byName("60099", "webhook list error", http.StatusServiceUnavailable, "Webhooks could not be listed"),
	{
		Number: "60100", Meaning: "webhook deletion error", Status: http.StatusNotFound, Message: "Webhook not found",
		Basis: RecordedNumber, Source: enumeration,
		Refusals: []onetouch.Code{onetouch.CodeWebhookNotFound},
	},
	{
		Number: "60117", Meaning: "application not found", Status: http.StatusNotFound, Message: "Application not found",
		Basis: RecordedNumber, Source: enumeration,
		Refusals: []onetouch.Code{onetouch.CodeApplicationNotFound},
	},
	byName("60124", "account not found", http.StatusNotFound, "Account not found"),
}
