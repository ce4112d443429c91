package sequence_test

import (
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/sequence"
	"github.com/onetouchkit/onetouch/internal/server/traffic"
)

const (
	uuid     = "5c7f1bcf-5b1a-4a59-8d3c-1f6f6d5b7a01"
	receiver = "http://ada:secret@bank.example:3000/callback?token=secret"

	pixel = 2000000
	phone = 2000001
)

// start is when each story begins.
func start() time.Time { return time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC) }

func after(d time.Duration) time.Time { return start().Add(d) }

// asked is a story in which nobody has answered.
func asked(message string) sequence.Story {
	return sequence.Story{
		Now: after(time.Hour),
		Request: onetouch.ApprovalRequest{
			UUID: uuid, AppName: "Acme Bank", CreatedAt: start(), Status: onetouch.StatusPending,
			ExpiresAt: after(2 * time.Minute), Question: onetouch.Question{Message: message},
		},
		Devices: []onetouch.Device{{ID: phone, Name: "銀行の電話"}, {ID: pixel, Name: "Ada's Pixel"}},
	}
}

// pushed is a push to the event stream of a device.
func pushed(device int64, at time.Duration) onetouch.DeliveryRecord {
	return onetouch.DeliveryRecord{
		Delivery: onetouch.Delivery{Kind: onetouch.DeliveryPush, DeviceID: device, State: onetouch.DeliverySent},
		Log:      []onetouch.Attempt{{Number: 1, StartedAt: after(at)}},
	}
}

// calledBack is a callback with an attempt for each HTTP status, 0 for a connection that was refused, a second apart.
func calledBack(kind onetouch.DeliveryKind, at time.Duration, state onetouch.DeliveryState, statuses ...int) onetouch.DeliveryRecord {
	d := onetouch.DeliveryRecord{Delivery: onetouch.Delivery{ID: 9, Kind: kind, Method: "POST", URL: receiver, State: state}}
	for i, status := range statuses {
		a := onetouch.Attempt{
			Number: i + 1, StartedAt: after(at + time.Duration(i)*time.Second), Duration: 12400 * time.Microsecond, StatusCode: status,
		}
		switch {
		case status == 0:
			a.Error = "connection refused by bank.example:3000"
		case status >= 300:
			a.Error = "answered by an error"
		}
		d.Log = append(d.Log, a)
	}
	if state == onetouch.DeliveryPending {
		d.NextAttemptAt = after(at + 10*time.Second)
	}
	return d
}

func call(api traffic.API, method, route string, device int64, at time.Duration, status int, answer string) traffic.Call {
	return traffic.Call{
		ID: int64(at), At: after(at), API: api, Method: method, Route: route, DeviceID: device, RequestUUID: uuid, Status: status,
		Response: traffic.Message{Body: answer},
	}
}

func fetched(device int64, at time.Duration) traffic.Call {
	return call(traffic.Device, "GET", "/device/v1/approval_requests/{uuid}", device, at, 200, "{}")
}

func responded(device int64, at time.Duration, status int, answer string) traffic.Call {
	return call(traffic.Device, "POST", "/device/v1/approval_requests/{uuid}/response", device, at, status, answer)
}

func polled(at time.Duration, status string) traffic.Call {
	return call(traffic.Authy, "GET", "/onetouch/{format}/approval_requests/{uuid}", 0, at, 200,
		`{"approval_request":{"status":"`+status+`"},"success":true}`)
}

func decided(s sequence.Story, status onetouch.Status, device int64, at time.Duration) sequence.Story {
	s.Request.Status, s.Request.ProcessedAt = status, after(at)
	s.Request.Answer = onetouch.Answer{DeviceID: device}
	return s
}

const hostile = "<script>alert(1)</script>;#\n%%{init:{}}%% --> end\x1b[2J\u202e$$x$$ `\" & ]]> p0->>p1: no"

// stories are the stories that are drawn in the golden files.
func stories() map[string]sequence.Story {
	approved := decided(asked("Send $12,400 to ACME?"), onetouch.StatusApproved, pixel, 2*time.Second)
	approved.Deliveries = []onetouch.DeliveryRecord{
		pushed(pixel, 1500*time.Microsecond), calledBack(onetouch.DeliveryCallback, 2004*time.Millisecond, onetouch.DeliverySent, 200),
	}
	approved.Calls = []traffic.Call{fetched(pixel, 8*time.Millisecond), responded(pixel, 2*time.Second, 200, "{}")}

	denied := decided(asked("Log in?"), onetouch.StatusDenied, pixel, 61*time.Second) // no call is remembered
	denied.Request.Answer.Reason = "that was not me"
	denied.Deliveries = []onetouch.DeliveryRecord{
		calledBack(onetouch.DeliveryReplay, 90*time.Minute, onetouch.DeliveryFailed, 404),
		calledBack(onetouch.DeliveryCallback, 62*time.Second, onetouch.DeliverySent, 204),
	}

	expired := asked("Log in?")
	expired.Request.Status, expired.Request.ProcessedAt = onetouch.StatusExpired, after(3*time.Minute)
	expired.Deliveries = []onetouch.DeliveryRecord{
		pushed(pixel, 3*time.Millisecond),
		{Delivery: onetouch.Delivery{Kind: onetouch.DeliveryPush, DeviceID: phone, State: onetouch.DeliveryPending},
			Obsolete: "not sent: the device was removed"},
	}
	expired.Calls = []traffic.Call{polled(time.Second, "pending"), polled(2*time.Second, "pending"), polled(3*time.Second, "pending"),
		polled(121*time.Second, "expired")}

	retried := decided(asked("Log in?"), onetouch.StatusApproved, pixel, time.Second)
	retried.Deliveries = []onetouch.DeliveryRecord{
		calledBack(onetouch.DeliveryCallback, 1002*time.Millisecond, onetouch.DeliveryPending, 503, 0, 500),
	}
	givenUp := decided(asked("Log in?"), onetouch.StatusApproved, pixel, time.Second)
	givenUp.Deliveries = []onetouch.DeliveryRecord{
		calledBack(onetouch.DeliveryCallback, 1002*time.Millisecond, onetouch.DeliveryFailed, 503, 0),
	}

	two := decided(asked("Log in?"), onetouch.StatusDenied, phone, 4*time.Second)
	two.Deliveries = []onetouch.DeliveryRecord{pushed(phone, 2*time.Millisecond), pushed(pixel, time.Millisecond)}
	two.Deliveries[0].Method = onetouch.SentByBackend
	two.Calls = []traffic.Call{
		fetched(pixel, 10*time.Millisecond), fetched(phone, 11*time.Millisecond), fetched(phone, 12*time.Millisecond),
		responded(pixel, 3*time.Second, 403, `{"message":"The signature does not verify with the device's key","success":false}`),
		responded(phone, 4*time.Second, 200, "{}"),
		responded(pixel, 5*time.Second, 409, `{"message":"Approval request is not pending: it was denied","success":false}`),
	}
	struck := call(traffic.Callbacks, "POST", "", 0, 4100*time.Millisecond, 0, "")
	struck.Fault = "reset"
	two.Calls = append(two.Calls, struck)

	wicked := decided(asked(hostile), onetouch.StatusApproved, pixel, time.Second)
	wicked.Request.AppName, wicked.Devices[1].Name = hostile, hostile+" 👩‍👩‍👧‍👦🏳️‍🌈"
	wicked.Request.Answer.Reason = hostile
	wicked.Deliveries = []onetouch.DeliveryRecord{
		calledBack(onetouch.DeliveryCallback, 1002*time.Millisecond, onetouch.DeliveryFailed, 0), pushed(pixel, 0),
	}
	wicked.Deliveries[0].Log[0].Error = hostile
	wicked.Deliveries[0].URL = "http://" + hostile
	wicked.Calls = []traffic.Call{responded(pixel, 500*time.Millisecond, 403, `{"message":"-->> ; # <b>"}`)}

	return map[string]sequence.Story{
		"approved": approved, "denied": denied, "expired": expired, "retried": retried, "given_up": givenUp, "two_devices": two,
		"hostile": wicked, "pending": asked("東京へ送金しますか？ " + "長い質問ですから、折り返さなければなりません。"),
	}
}
