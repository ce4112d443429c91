package authywire

import (
	"encoding/base64"
	"strings"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/details"
)

// CallbackAction is the callback_action of every callback on record.
const CallbackAction = "approval_request_status"

// Callback is the body of the callback that reports the answer to an approval request, in the newest generation (2019 on).
// Names and order are those of the bodies recorded in authy-java TestAuthyUtil. device_uuid is a string, as in the
// generation of 2015: authy-client refuses the numbers of the later ones, and no client read refuses a string.
func Callback(record onetouch.RequestRecord) Object {
	r := record.Request
	device := Device(record.Device)
	return Object{
		{"authy_id", r.AuthyID},
		{"device_uuid", record.Device.UUID},
		{"callback_action", CallbackAction},
		{"uuid", r.UUID},
		{"status", string(r.Status)},
		{"approval_request", Object{
			{"transaction", transaction(record)},
			{"expiration_timestamp", epoch(r.ExpiresAt)},
			{"logos", logos(r.Logos)},
			{"app_id", r.AppID},
		}},
		{"signature", deviceSignature(r.Answer.JWS)},
		{"device", device},
		// Both stand at the top level too: authy-java testValidSignatureApprovedWithUnlockMethodPost, and one developer's log
		// of 2023.
		{"multidevice_enabled", device.value("multidevice_enabled")},
		{"multidevice_updated_at", device.value("multidevice_updated_at")},
	}
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
			Question: onetouch.Question{Message: "This is a test call."}, CreatedAt: now, ExpiresAt: now.Add(24 * time.Hour), UpdatedAt: now, ProcessedAt: now,
			Answer: onetouch.Answer{SignedAt: now},
		},
		Device: onetouch.Device{UUID: uuid, AppID: app.ID, AuthyID: someone, Platform: "android", RegisteredAt: now},
	})
}

func transaction(record onetouch.RequestRecord) Object {
	r := record.Request
	return Object{
		{"details", detailsOrNull(r.Details)},
		{"device_details", Object{}},
		{"device_geolocation", ""},
		{"device_signing_time", epoch(r.Answer.SignedAt)}, // by the device's clock
		{"encrypted", false},
		{"flagged", false},
		{"hidden_details", detailsOrNull(r.HiddenDetails)},
		{"message", r.Message},
		{"reason", r.Answer.Reason},
		{"requester_details", nil},
		{"status", string(r.Status)},
		{"uuid", r.UUID},
		{"created_at_time", epoch(r.CreatedAt)},
		{"customer_uuid", record.Application.CustomerUUID}, // an integer since 2017
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

// value is the named member of the object; nil when there is none.
func (o Object) value(name string) any {
	for _, m := range o {
		if m.Name == name {
			return m.Value
		}
	}
	return nil
}
