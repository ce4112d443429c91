package authywire

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/details"
)

// CallbackAction is the callback_action of every callback on record.
const CallbackAction = "approval_request_status"

// Callback is the body of the callback that reports the answer to an approval request, in the generation that the application
// has chosen, or in the newest (2019 on). Names and order are those of the bodies recorded in authy-java TestAuthyUtil.
// device_uuid is a string unless the application wants it otherwise: authy-client refuses the numbers of the later
// generations, and no client read refuses a string.
func Callback(record onetouch.RequestRecord) Object {
	r := record.Request
	request := Object{
		{"transaction", transaction(record)},
		{"expiration_timestamp", epoch(r.ExpiresAt)},
		{"logos", logos(r.Logos)},
	}
	generation := record.Application.CallbackGeneration
	if generation != onetouch.Callback2015 {
		request = append(request, Member{"app_id", r.AppID})
	}
	body := Object{
		{"authy_id", r.AuthyID},
		{"device_uuid", deviceUUID(record)},
		{"callback_action", CallbackAction},
		{"uuid", r.UUID},
		{"status", string(r.Status)},
		{"approval_request", request},
		{"signature", deviceSignature(r.Answer.JWS)},
	}
	device := Device(record.Device)
	switch generation {
	case onetouch.Callback2015:
		return body
	case onetouch.Callback2017:
		return append(body, Member{"device", device.before("enabled_unlock_methods")})
	default:
		return append(body,
			Member{"device", device},
			// Both stand at the top level too: authy-java testValidSignatureApprovedWithUnlockMethodPost, and one developer's log
			// of 2023.
			Member{"multidevice_enabled", device.value("multidevice_enabled")},
			Member{"multidevice_updated_at", device.value("multidevice_updated_at")},
		)
	}
}

func deviceUUID(record onetouch.RequestRecord) any {
	if record.Application.CallbackDeviceUUID == onetouch.DeviceUUIDNumber {
		return record.Device.ID
	}
	return record.Device.UUID
}

// TestCallback is the body of a test call, as the dashboard of the service made one: it is of user 1234, who need not exist.
// Source of the number: authy2fa-flask, auth/views.py. The service's own had no approval_request at first, which authy-client
// refuses, so this one has the shape of every callback.
func TestCallback(app onetouch.Application, uuid string, now time.Time) Object {
	const someone = 1234
	return Callback(onetouch.RequestRecord{
		Application: app,
		User:        onetouch.User{AuthyID: someone, AppID: app.ID},
		Request: onetouch.ApprovalRequest{
			UUID: uuid, AppID: app.ID, AppName: app.Name, AuthyID: someone, Status: onetouch.StatusApproved,
			Question: onetouch.Question{Message: "This is a test call."}, CreatedAt: now,
			ExpiresAt: now.Add(24 * time.Hour), UpdatedAt: now, ProcessedAt: now,
			Answer: onetouch.Answer{SignedAt: now},
		},
		Device: onetouch.Device{UUID: uuid, AppID: app.ID, AuthyID: someone, Platform: "android", RegisteredAt: now},
	})
}

func transaction(record onetouch.RequestRecord) Object {
	r := record.Request
	// An integer, an empty object and empty texts since 2017.
	var customer, deviceDetails, nothing any = record.Application.CustomerUUID, Object{}, ""
	signedAt := epoch(r.Answer.SignedAt) // by the device's clock
	if record.Application.CallbackGeneration == onetouch.Callback2015 {
		customer = fmt.Sprintf("00000000-0000-4000-8000-%012x", record.Application.CustomerUUID)
		deviceDetails, nothing, signedAt = nil, nil, 0
	}
	reason := nothing
	if r.Answer.Reason != "" {
		reason = r.Answer.Reason
	}
	return Object{
		{"details", detailsOrNull(r.Details)},
		{"device_details", deviceDetails},
		{"device_geolocation", nothing},
		{"device_signing_time", signedAt},
		{"encrypted", false},
		{"flagged", false},
		{"hidden_details", detailsOrNull(r.HiddenDetails)},
		{"message", r.Message},
		{"reason", reason},
		{"requester_details", nil},
		{"status", string(r.Status)},
		{"uuid", r.UUID},
		{"created_at_time", epoch(r.CreatedAt)},
		{"customer_uuid", customer},
	}
}

func detailsOrNull(list details.List) any {
	if len(list) == 0 {
		return nil
	}
	return list
}

// logos are null in the recorded callbacks of requests without them.
func logos(list []onetouch.Logo) any {
	if len(list) == 0 {
		return nil
	}
	array := make(Array, len(list))
	for i, logo := range list {
		array[i] = Object{{"res", logo.Resolution}, {"url", logo.URL}}
	}
	return array
}

// deviceSignature is the third part of the answer's JWS, in the alphabet of the recordings. What theirs covers is unknown;
// this one verifies with the device's public key over the first two parts.
func deviceSignature(jws string) string {
	encoded := jws[strings.LastIndexByte(jws, '.')+1:]
	raw, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil {
		return "" // not reached: the service keeps only answers that it has verified
	}
	return base64.StdEncoding.EncodeToString(raw)
}

// epoch is 0 for no time: the device_signing_time of 2015, and a request that never expires.
func epoch(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

// before is the object up to the named member.
func (o Object) before(name string) Object {
	for i, m := range o {
		if m.Name == name {
			return o[:i:i]
		}
	}
	return o
}

// value is the named member of the object; nil when there is none.
func (o Object) value(name string) any {
	for _, m := range o {
		if m.Name == name {
			return m.Value
		}
	}
	return nil
}
