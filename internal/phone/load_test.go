package phone_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// A hundred phones in this process answer ten thousand requests by their policies: each of them once, and as the policy says.
// Some users have two phones, which race.
func TestHundredPhonesTenThousandRequests(t *testing.T) {
	t.Parallel()
	const users, withTwoPhones, requestsEach = 80, 20, 125
	h := newWorld(t).host()
	var devices []*device.Device
	var people []onetouch.User
	for n := range users {
		person := h.addUser(n)
		people = append(people, person)
		phones := 1
		if n < withTwoPhones {
			phones = 2
		}
		for range phones {
			d := h.newDevice(person)
			h.keep(d, "approve", `details["Amount"] > 10000 = deny`)
			devices = append(devices, d)
		}
	}
	h.runs(devices...)

	wanted := sync.Map{} // status by UUID
	var asking sync.WaitGroup
	for _, person := range people {
		asking.Go(func() {
			for n := range requestsEach {
				amount, want := 9_940+n, onetouch.StatusApproved
				if amount > 10_000 {
					want = onetouch.StatusDenied
				}
				uuid := h.ask(person, "Send?", "Amount", fmt.Sprintf("$%d,%03d", amount/1000, amount%1000))
				wanted.Store(uuid, want)
			}
		})
	}
	answered := map[string]int64{} // the device by UUID of the request
	for len(answered) < users*requestsEach {
		outcome := receive(t, "outcome", h.outcomes)
		switch uuid := outcome.Request.UUID; {
		case outcome.TooLate():
		case outcome.Err != nil:
			t.Fatal(outcome.Err)
		case answered[uuid] != 0:
			t.Fatalf("request %s was answered twice", uuid)
		default:
			answered[uuid] = outcome.Device.ID()
		}
	}
	asking.Wait()
	h.Close()
	if len(h.warnings) > 0 {
		t.Errorf("warned: %v", <-h.warnings)
	}
	h.areAnswered(answered, &wanted)
}

// areAnswered compares what the phones say with what the server has kept, and with its log of events.
func (h *hosting) areAnswered(by map[string]int64, wanted *sync.Map) {
	h.t.Helper()
	kept, err := h.service.ApprovalRequests(h.t.Context(), onetouch.ApprovalRequestFilter{})
	if err != nil {
		h.t.Fatal(err)
	}
	if len(kept) != len(by) {
		h.t.Errorf("the server has %d requests, %d were answered", len(kept), len(by))
	}
	for _, request := range kept {
		want, _ := wanted.Load(request.UUID)
		if request.Status != want || request.Answer.DeviceID != by[request.UUID] {
			h.t.Fatalf("request %s is %s by device %d, want %s by device %d", request.UUID, request.Status, request.Answer.DeviceID,
				want, by[request.UUID])
		}
	}
	events, err := h.service.Events(h.t.Context(), onetouch.EventFilter{})
	if err != nil {
		h.t.Fatal(err)
	}
	responses := map[string]int{}
	for _, event := range events {
		if event.Type == onetouch.EventRequestResponded {
			responses[event.RequestUUID]++
		}
	}
	for uuid := range by {
		if responses[uuid] != 1 {
			h.t.Fatalf("request %s was answered %d times by the log of events", uuid, responses[uuid])
		}
	}
	if len(responses) != len(by) {
		h.t.Errorf("%d requests were answered by the log of events, want %d", len(responses), len(by))
	}
}
