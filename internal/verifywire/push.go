package verifywire

import (
	"github.com/onetouchkit/onetouch/internal/authywire"
	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// Push is all that a push says to a device, in the form of the API through which it has come. Source of the names of the
// Verify API's: twilio-verify-android.
func Push(d onetouch.Device, p onetouch.Push) authywire.Object {
	if d.API != onetouch.APIVerify {
		return authywire.Push(p)
	}
	return authywire.Object{
		{Name: "type", Value: "verify_push_challenge"},
		{Name: "challenge_sid", Value: ChallengeSID(p.RequestUUID)},
		{Name: "factor_sid", Value: FactorSID(d)},
		{Name: "message", Value: p.Message},
	}
}
