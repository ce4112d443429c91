package tui_test

import (
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/tui"
)

// TestEventsAreFollowed: what an event tells of is read again, and nothing else.
func TestEventsAreFollowed(t *testing.T) {
	t.Parallel()
	const request, callback, people = "show", "deliveries", "users"
	for event, want := range map[onetouch.EventType]string{
		onetouch.EventRequestCreated:   request,
		onetouch.EventRequestResponded: request,
		onetouch.EventRequestExpired:   request,
		onetouch.EventCallbackRetried:  callback,
		onetouch.EventCallbackFailed:   callback,
		onetouch.EventCallbackSent:     callback,
		onetouch.EventUserAdded:        people,
		onetouch.EventUserRemoved:      people,
		onetouch.EventDeviceRegistered: people,
		onetouch.EventDeviceRemoved:    people,
		onetouch.EventPushSent:         "",
		onetouch.EventWebhookSent:      "",
	} {
		t.Run(string(event), func(t *testing.T) {
			t.Parallel()
			s := open(t)
			shown := s.server.ask(1, "Log in?")
			s.server.decide(shown, onetouch.StatusApproved, pixelID)
			s.connect()
			before := map[string]int{}
			for _, call := range []string{request, callback, people} {
				before[call] = s.server.count(call)
			}
			s.send(tui.Happened(event, shown))
			for call, count := range before {
				if again := s.server.count(call) > count; again != (call == want) {
					t.Errorf("%s: the call %q is made again: %t", event, call, again)
				}
			}
		})
	}
}
