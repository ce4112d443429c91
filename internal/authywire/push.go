package authywire

import "github.com/onetouchkit/onetouch/internal/onetouch"

// Push is all that a push says, on a device's stream as well as at its push URL; see docs/device-api.md. Details are fetched.
// Source of the names: the push payload of the TwilioAuth SDK's sample apps.
func Push(p onetouch.Push) Object {
	return Object{
		{"type", "onetouch_approval_request"},
		{"approval_request_uuid", p.RequestUUID},
		{"alert", p.Message},
	}
}
