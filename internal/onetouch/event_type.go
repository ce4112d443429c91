package onetouch

import (
	"maps"
	"slices"
)

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
	EventTokenIgnored         EventType = "token_ignored"
	EventTokenVerified        EventType = "token_verified"
	EventTokenUnchecked       EventType = "token_unchecked"
	EventTokenInvalid         EventType = "token_invalid"
	EventTooManyTokens        EventType = "too_many_tokens"
	EventTooManyChecks        EventType = "too_many_code_verifications"
	EventTooManyVerifications EventType = "too_many_phone_verifications"
	EventVerificationStarted  EventType = "phone_verification_started"
	EventVerificationValid    EventType = "phone_verification_code_is_valid"
	EventVerificationInvalid  EventType = "phone_verification_code_is_invalid"
	EventVerificationFailed   EventType = "phone_verification_failed"
	EventVerificationMissing  EventType = "phone_verification_not_found"
	EventCustomMessage        EventType = "custom_message_not_allowed"
	EventRequestCreated       EventType = "one_touch_request_created"
	EventRequestResponded     EventType = "one_touch_request_responded"
	EventRequestExpired       EventType = "one_touch_request_expired"
	EventPushSent             EventType = "push_sent"
	EventPushFailed           EventType = "push_failed"
	EventPushRetried          EventType = "push_retried"
	EventPushReceived         EventType = "push_received"
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
	EventApplicationRemoved   EventType = "application_removed"
	EventFactorCreated        EventType = "factor_created"
	EventFactorVerified       EventType = "factor_verified"
	EventVerifyEventSent      EventType = "verify_event_sent"
	EventVerifyEventFailed    EventType = "verify_event_failed"
	EventVerifyEventRetried   EventType = "verify_event_retried"
	EventClockChanged         EventType = "clock_changed"
	EventReset                EventType = "reset"
	EventHistoryRemoved       EventType = "history_removed"
	EventRestored             EventType = "restored"
)

// EventTypes lists every type that an event can have, in the order of the alphabet.
func EventTypes() []EventType {
	types := slices.Collect(maps.Keys(meanings))
	for _, kind := range DeliveryKinds() {
		for _, state := range []DeliveryState{DeliverySent, DeliveryFailed} {
			if rulesOf[kind].once {
				types = append(types, kind.Event(state))
			}
		}
	}
	slices.Sort(types)
	return types
}

// Meaning says for people what happened.
func (t EventType) Meaning() string {
	if meaning, known := meanings[t]; known {
		return meaning
	}
	for _, kind := range DeliveryKinds() {
		switch t {
		case kind.Event(DeliverySent):
			return "a " + string(kind) + " was taken"
		case kind.Event(DeliveryFailed):
			return "a " + string(kind) + " was refused"
		}
	}
	return ""
}

// meanings has every type, but those of what somebody sends by hand: they are made of the kind's name.
//
//exhaustive:enforce
var meanings = map[EventType]string{
	EventUserAdded:            "a user was added",
	EventUserUpdated:          "a user was changed",
	EventUserRemoved:          "a user was removed",
	EventUserSuspended:        "a user was banned",
	EventUserUnsuspended:      "a user is banned no longer",
	EventPasswordReset:        "the backend reported a password that was reset",
	EventCookieLogin:          "the backend reported a login by a cookie",
	EventAuthenticatorCreated: "a user got the secret of an authenticator app",
	EventRegistrationStart:    "a registration token was made",
	EventDeviceRegistered:     "a device was registered",
	EventDeviceRemoved:        "a device was removed",
	EventTokenSent:            "a code was sent",
	EventTokenIgnored:         "a code was not sent: the user has the app",
	EventTokenVerified:        "a code was right",
	EventTokenUnchecked:       "a code was taken unseen: the user never confirmed",
	EventTokenInvalid:         "a code was wrong",
	EventTooManyTokens:        "a user asked for too many codes",
	EventTooManyChecks:        "a user tried too many codes",
	EventTooManyVerifications: "a phone number asked for too many codes",
	EventVerificationStarted:  "the code of a phone verification was sent",
	EventVerificationValid:    "the code of a phone verification was right",
	EventVerificationInvalid:  "the code of a phone verification was wrong",
	EventVerificationFailed:   "a phone verification ended by too many wrong codes",
	EventVerificationMissing:  "a code came for no phone verification",
	EventCustomMessage:        "a backend sent words of its own, which it may not",
	EventRequestCreated:       "an approval request was sent",
	EventRequestResponded:     "an approval request was answered",
	EventRequestExpired:       "an approval request expired",
	EventPushSent:             "a push reached a device",
	EventPushFailed:           "a push was given up",
	EventPushRetried:          "a push failed and comes again",
	EventPushReceived:         "a device got a push that the backend sent by itself",
	EventCallbackSent:         "a callback was taken",
	EventCallbackFailed:       "a callback was given up",
	EventCallbackRetried:      "a callback failed and comes again",
	EventWebhookSent:          "an event was taken by a webhook",
	EventWebhookFailed:        "an event for a webhook was given up",
	EventWebhookRetried:       "an event for a webhook failed and comes again",
	EventWebhookCreated:       "a webhook was made",
	EventWebhookDeleted:       "a webhook was deleted",
	EventApplicationCreated:   "an application was made",
	EventApplicationChanged:   "the settings of an application were changed",
	EventApplicationRemoved:   "an application was deleted",
	EventFactorCreated:        "a factor of the Verify API was made, and has still to show that it has its key",
	EventFactorVerified:       "an authenticator app of the Verify API has shown a right code for the first time",
	EventVerifyEventSent:      "an event was taken by a webhook of the Verify API",
	EventVerifyEventFailed:    "an event for a webhook of the Verify API was given up",
	EventVerifyEventRetried:   "an event for a webhook of the Verify API failed and comes again",
	EventClockChanged:         "the clock was frozen, moved or let run",
	EventRestored:             "everything that was there before was replaced by a snapshot",
	EventReset:                "everything that was there before was removed",
	EventHistoryRemoved:       "what had ended long ago was removed, with its events",
}
