package codes

import (
	"net/http"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/problem"
)

// generalCodes can answer any call.
var generalCodes = []Row{
	{
		Number: "60000", Meaning: "default", Status: http.StatusInternalServerError,
		Message: "Internal error. Nothing was changed.", Basis: RecordedNumber,
		Source: "Authy's list of codes; 6000 in authy-java",
		Refusals: []onetouch.Code{
			onetouch.CodeInternal, onetouch.CodeStorageFull, onetouch.CodeStorageUnavailable,
			problem.CodeServerStopping,
		},
	},
	{
		Number: "60001", Meaning: "API key invalid", Status: http.StatusUnauthorized, Message: "Invalid API key",
		Basis: Recorded, Source: "authy-rs against the sandbox, authy-ruby, recorded bodies",
		Refusals: []onetouch.Code{
			onetouch.CodeAPIKeyInvalid, problem.CodeNotAuthorised,
		},
	},
	{
		Number: "60002", Meaning: "invalid request", Status: http.StatusBadRequest, Message: "Invalid request",
		Basis: RecordedNumber, Source: enumeration,
		Refusals: []onetouch.Code{
			onetouch.CodeInvalidRequest, onetouch.CodeDeliveryNotFound, onetouch.CodeEvidenceNotFound,
			onetouch.CodeApplicationNeeded, onetouch.CodeCredentialsInvalid, onetouch.CodeEntityExists, onetouch.CodeFactorUnverified,
			problem.CodeFaultNotFound, problem.CodeCallNotFound, problem.CodeNotFound, problem.CodeMethodNotAllowed,
			problem.CodeBodyTooLarge, problem.CodeHostNotServed, problem.CodeNoCounterpart,
		},
	},
	{
		Number: "60003", Meaning: "DoS protection", Status: http.StatusTooManyRequests,
		Message: "DoS protection: User has requested too many tokens in the last hour.",
		Basis:   Recorded, Source: "message in several recorded bodies; vendor documentation promises 429 for limits",
		Refusals: []onetouch.Code{
			problem.CodeUpstreamLimit, onetouch.CodeTooManyTokens, onetouch.CodeTooManyChecks, onetouch.CodeTooManyAPICalls,
			problem.CodeTooManyGuesses,
		},
	},
	{
		Number: "60004", Meaning: "invalid parameter", Status: http.StatusBadRequest, Message: "Invalid parameter",
		Basis: Recorded, Source: "authy-ruby: Invalid parameter: country_code - Parameter is required",
		Refusals: []onetouch.Code{onetouch.CodeInvalidParameter},
	},
	{
		Number: "60005", Meaning: "invalid encoding", Status: http.StatusBadRequest, Message: "Invalid encoding",
		Basis: RecordedNumber, Source: enumeration,
		Refusals: []onetouch.Code{onetouch.CodeInvalidEncoding},
	},
	byName("60047", "Twilio API key detected", http.StatusUnauthorized,
		"Invalid API key: this is a key of another Twilio product"),
	byName("60056", "must use SSL", http.StatusForbidden, "Requests must use SSL"),
	byName("60063", "disallowed IP", http.StatusForbidden, "The IP address is not allowed"),
	byName("60094", "invalid interval", http.StatusBadRequest, "Interval is invalid"),
	byName("60089", "invalid reporting query", http.StatusBadRequest, "Reporting query is invalid"),
	byName("60095", "invalid report", http.StatusBadRequest, "Report is invalid"),
	byName("60096", "report error", http.StatusServiceUnavailable, "Report could not be made"),
}
