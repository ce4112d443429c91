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
//
// AppID also chooses what is of no application, but of the server as a whole.
type EventFilter struct {
	After       int64
	AppID       string
	AuthyID     int64
	RequestUUID string
	Types       []EventType // any of them
	Limit       int
	Latest      bool // whether Limit keeps the last that are chosen, instead of the first
}

// Selective reports whether the filter leaves out some of the events after its number.
func (f EventFilter) Selective() bool {
	return f.AppID != "" || f.AuthyID != 0 || f.RequestUUID != "" || len(f.Types) > 0
}

// Events lists events, oldest first.
func (s *Service) Events(ctx context.Context, f EventFilter) ([]Event, error) {
	return view(ctx, s, func(r Reader) ([]Event, error) { return r.Events(f) })
}

// LastEvent is the number of the newest event; 0 when there is none.
func (s *Service) LastEvent(ctx context.Context) (int64, error) {
	return view(ctx, s, Reader.LastEvent)
}
