package authywire

import (
	"fmt"
	"strconv"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// WebhookEvent is what a webhook is told of an event: the claims of its JWT. Source of the form, of the names and of the
// letters before them (s_ is a text, i_ a whole number, b_ a boolean, as_ a list of texts): the vendor's documentation of
// one_touch_request_responded, in the form that its reports have too. Which objects other events have is our choice: those
// that the event is about.
func WebhookEvent(p onetouch.Parcel) Object {
	return Object{
		{"event", string(p.Event.Type)},
		{"objects", webhookObjects(p)},
		{"request", Object{
			{"id", fmt.Sprintf("RQ%032x", p.Event.Sequence)}, // the same at each attempt
			{"ip", nil},
		}},
		{"time", p.Event.At.Unix()},
	}
}

func webhookObjects(p onetouch.Parcel) Object {
	objects := Object{{"app", webhookApp(p.Application)}}
	if p.Request.UUID != "" {
		objects = append(objects, Member{"onetouch_request", webhookRequest(p)})
	}
	if p.User.AuthyID != 0 {
		objects = append(objects, Member{"user", webhookUser(p.User)})
	}
	if p.Device.ID != 0 {
		objects = append(objects, Member{"device", webhookDevice(p.Device)})
	}
	if p.Verification.UUID != "" {
		objects = append(objects, Member{"phone_verification", webhookVerification(p.Verification)})
	}
	return objects
}

func webhookApp(a onetouch.Application) Object {
	kind := "full"
	if a.Sandbox {
		kind = "trial"
	}
	return Object{{"s_account_sid", AccountSID(a)}, {"s_device_app", "authy"}, {"s_id", a.ID}, {"s_type", kind}}
}

func webhookRequest(p onetouch.Parcel) Object {
	r := p.Request
	return Object{
		{"s_device_geolocation", ""},
		{"s_device_signing_time", strconv.FormatInt(epoch(r.Answer.SignedAt), 10)},
		{"s_errors", ""},
		{"i_expiration_timestamp", epoch(r.ExpiresAt)},
		{"i_seconds_to_expire", r.SecondsToExpire},
		{"s_status", string(r.Status)},
		{"s_uuid", r.UUID},
	}
}

func webhookUser(u onetouch.User) Object {
	id := strconv.FormatInt(u.AuthyID, 10)
	return Object{
		{"s_authy_id", id},
		{"as_authy_ids", Array{id}},
		{"b_banned", u.Suspended()},
		{"s_country_code", strconv.Itoa(u.CountryCode)},
		{"s_locale", "en"}, // users have none here
		{"s_phone_number", u.Cellphone},
	}
}

func webhookDevice(d onetouch.Device) Object {
	return Object{{"s_id", strconv.FormatInt(d.ID, 10)}, {"s_os_type", d.Platform}, {"s_uuid", d.UUID}}
}

func webhookVerification(v onetouch.PhoneVerification) Object {
	return Object{
		{"s_country_code", strconv.Itoa(v.Phone.CountryCode)},
		{"s_phone_number", v.Phone.National},
		{"s_uuid", v.UUID},
		{"s_via", string(v.Via)},
	}
}
