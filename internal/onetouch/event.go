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
	// Note is for people: why a delivery failed, for example.
	Note string
}

// EventType says what happened. Where Authy's webhooks have a name for it, that name is used.
type EventType string

// What can happen.
const (
	EventUserAdded          EventType = "user_added"
	EventUserRemoved        EventType = "user_removed"
	EventRegistrationStart  EventType = "device_registration_started"
	EventDeviceRegistered   EventType = "device_registration_completed"
	EventDeviceRemoved      EventType = "device_removed"
	EventRequestCreated     EventType = "one_touch_request_created"
	EventRequestResponded   EventType = "one_touch_request_responded"
	EventRequestExpired     EventType = "one_touch_request_expired"
	EventPushSent           EventType = "push_sent"
	EventPushFailed         EventType = "push_failed"
	EventPushRetried        EventType = "push_retried"
	EventCallbackSent       EventType = "callback_sent"
	EventCallbackFailed     EventType = "callback_failed"
	EventCallbackRetried    EventType = "callback_retried"
	EventApplicationChanged EventType = "application_changed"
)

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
