package verifywire

import (
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// SIDs are two letters and 32 hexadecimal digits. They follow from the identifiers that the domain has already, so that what
// both APIs show is one thing: UUIDs have 128 bits, and other identifiers 96, before which stand zeros.
const (
	prefixService      = "VA"
	prefixEntity       = "YE"
	prefixFactor       = "YF"
	prefixChallenge    = "YC"
	prefixCredential   = "CR"
	prefixNotification = "NO"
	zeros              = "00000000"
	uuidLength         = 32 // without dashes
)

// ServiceSID names an application.
func ServiceSID(appID string) string { return prefixService + zeros + appID }

// EntitySID names a user.
func EntitySID(u onetouch.User) string { return prefixEntity + zeros + u.ID }

// FactorSID names a device.
func FactorSID(d onetouch.Device) string { return prefixFactor + bare(d.UUID) }

// CredentialSID names the key of a device.
func CredentialSID(d onetouch.Device) string { return prefixCredential + bare(d.UUID) }

// ChallengeSID names an approval request.
func ChallengeSID(uuid string) string { return prefixChallenge + bare(uuid) }

// NotificationSID names a push.
func NotificationSID(deliveryID int64) string {
	return fmt.Sprintf("%s%032x", prefixNotification, deliveryID)
}

func bare(uuid string) string { return strings.ReplaceAll(uuid, "-", "") }

// AppID is the application of a service's SID; "" of what is none.
func AppID(sid string) string {
	rest, is := strings.CutPrefix(sid, prefixService+zeros)
	if !is || !isHex(rest) {
		return ""
	}
	return rest
}

// DeviceUUID is the device of a factor's SID; "" of what is none.
func DeviceUUID(sid string) string { return uuidOf(prefixFactor, sid) }

// CredentialUUID is the device of a credential's SID; "" of what is none.
func CredentialUUID(sid string) string { return uuidOf(prefixCredential, sid) }

// RequestUUID is the approval request of a challenge's SID; "" of what is none.
func RequestUUID(sid string) string { return uuidOf(prefixChallenge, sid) }

// IsSID reports whether a text is a SID that begins with the two letters.
func IsSID(prefix, text string) bool {
	digits, is := strings.CutPrefix(text, prefix)
	return is && len(digits) == uuidLength && isHex(digits)
}

func uuidOf(prefix, sid string) string {
	if !IsSID(prefix, sid) {
		return ""
	}
	digits := sid[len(prefix):]
	return digits[:8] + "-" + digits[8:12] + "-" + digits[12:16] + "-" + digits[16:20] + "-" + digits[20:]
}

func isHex(text string) bool {
	_, err := hex.DecodeString(text)
	return err == nil && text == strings.ToLower(text)
}

// Date is a time as the API writes it; nil of none.
func Date(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}

// FactorType is what the API calls the type of a factor.
func FactorType(d onetouch.Device) string {
	if d.FactorType == onetouch.FactorPush {
		return "push"
	}
	return string(d.FactorType)
}
