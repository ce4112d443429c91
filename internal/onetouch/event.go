package onetouch

import (
	"context"
	"time"
)

// Event is one thing that happened. Events are numbered in the order in which they were committed, and never change.
type Event struct {
	Sequence    int64
	At          time.Time
	Type        EventType
	AppID       string
	AuthyID     int64
	DeviceID    int64
	RequestUUID string
	DeliveryID  int64
	// VerificationUUID is the phone verification it is about.
	VerificationUUID string
	// Note is for people: why a delivery failed, for example.
	Note string
}

// EventType says what happened. Where Authy's webhooks have a name for it, that name is used.
type EventType string

// What can happen.
const (
	EventUserAdded            EventType = "user_added"
	EventUserUpdated          EventType = "user_updated"
	EventUserRemoved          EventType = "user_removed"
	EventUserSuspended        EventType = "suspended_account"
	EventUserUnsuspended      EventType = "unsuspended_account"
	EventPasswordReset        EventType = "password_reset"
	EventCookieLogin          EventType = "cookie_login"
	EventAuthenticatorCreated EventType = "authenticator_created"
	EventRegistrationStart    EventType = "device_registration_started"
	EventDeviceRegistered     EventType = "device_registration_completed"
	EventDeviceRemoved        EventType = "device_removed"
	EventTokenSent            EventType = "totp_token_sent"
	EventTokenIgnored         EventType = "token_ignored" // not sent: the user has the app
	EventTokenVerified        EventType = "token_verified"
	EventTokenUnchecked       EventType = "token_unchecked" // valid unseen: the user never confirmed
	EventTokenInvalid         EventType = "token_invalid"
	EventTooManyTokens        EventType = "too_many_tokens"
	EventTooManyChecks        EventType = "too_many_code_verifications"
	EventTooManyVerifications EventType = "too_many_phone_verifications"
	EventVerificationStarted  EventType = "phone_verification_started"
	EventVerificationValid    EventType = "phone_verification_code_is_valid"
	EventVerificationInvalid  EventType = "phone_verification_code_is_invalid"
	EventVerificationFailed   EventType = "phone_verification_failed" // by too many wrong codes
	EventVerificationMissing  EventType = "phone_verification_not_found"
	EventCustomMessage        EventType = "custom_message_not_allowed"
	EventRequestCreated       EventType = "one_touch_request_created"
	EventRequestResponded     EventType = "one_touch_request_responded"
	EventRequestExpired       EventType = "one_touch_request_expired"
	EventPushSent             EventType = "push_sent"
	EventPushFailed           EventType = "push_failed"
	EventPushRetried          EventType = "push_retried"
	EventPushReceived         EventType = "push_received" // one that the backend has sent by itself
	EventCallbackSent         EventType = "callback_sent"
	EventCallbackFailed       EventType = "callback_failed"
	EventCallbackRetried      EventType = "callback_retried"
	EventWebhookSent          EventType = "webhook_sent"
	EventWebhookFailed        EventType = "webhook_failed"
	EventWebhookRetried       EventType = "webhook_retried"
	EventWebhookCreated       EventType = "webhook_created"
	EventWebhookDeleted       EventType = "webhook_deleted"
	EventApplicationCreated   EventType = "application_created"
	EventApplicationChanged   EventType = "application_changed"
)

// WebhookEvents are the events that a webhook can want. Those that nothing here makes happen are accepted too: a backend
// that asks for all must not be refused. Source: vendor documentation, 23 names.
func WebhookEvents() []EventType {
	return []EventType{
		"account_recovery_approved", "account_recovery_canceled", "account_recovery_started", EventCustomMessage,
		EventDeviceRegistered, EventRequestResponded, "phone_change_canceled", "phone_change_pin_sent",
		"phone_change_requested", EventVerificationInvalid, EventVerificationValid, EventVerificationFailed,
		EventVerificationMissing, EventVerificationStarted, EventUserSuspended, EventTokenInvalid, EventTokenVerified,
		EventTooManyChecks, EventTooManyVerifications, EventTokenSent, EventUserAdded, "user_phone_changed",
		EventUserRemoved,
	}
}

// EventFilter chooses events after a sequence number, oldest first. Zero fields choose all.
type EventFilter struct {
	After       int64
	RequestUUID string
	Limit       int
}

// Events lists events, oldest first.
func (s *Service) Events(ctx context.Context, f EventFilter) ([]Event, error) {
	return view(ctx, s, func(r Reader) ([]Event, error) { return r.Events(f) })
}

// LastEvent is the number of the newest event; 0 when there is none.
func (s *Service) LastEvent(ctx context.Context) (int64, error) {
	return view(ctx, s, Reader.LastEvent)
}
