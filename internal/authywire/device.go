package authywire

import "github.com/onetouchkit/onetouch/internal/onetouch"

// RegistrationMethod is how a device joined its user, in Authy's words: "sms" and "push" are on record. A device that
// traded a registration token was vouched for by its backend and got no text.
const RegistrationMethod = "push"

// Device is the device of callbacks and of answered approval requests, with the members of the newest generation.
// What this service does not know (places, addresses, recoveries) is null, as it often is in the recordings.
func Device(d onetouch.Device) Object {
	return Object{
		// authy-java TestAuthyUtil, and a client generated from a real answer.
		{"city", nil},
		{"country", nil},
		{"ip", nil},
		{"region", nil},
		{"registration_city", nil},
		{"registration_country", nil},
		{"registration_ip", nil},
		{"registration_method", RegistrationMethod},
		{"registration_region", nil},
		{"os_type", d.Platform},
		{"last_account_recovery_at", nil},
		{"id", d.ID},
		{"registration_date", d.RegisteredAt.Unix()},
		{"last_sync_date", d.RegisteredAt.Unix()}, // an integer in each recording; a device syncs when it registers
		// authy-java testValidSignatureApprovedWithUnlockMethodPost; the word for an empty list is a single report.
		{"enabled_unlock_methods", Array{"none"}},
		{"last_unlock_method_used", nil},
		{"last_unlock_date", nil},
		{"multidevice_enabled", false},
		{"multidevice_updated_at", nil},
		// One developer's log of 2023.
		{"registration_device_id", nil},
	}
}
