package migrate

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/server/traffic"
)

// Remembered are the calls of backends that a running server remembers, its last ones; those for an application alone, unless
// appID is empty.
func Remembered(ctx context.Context, c *controlapi.Client, appID string) (Recording, error) {
	calls, err := c.Calls(ctx, controlapi.CallQuery{})
	if err != nil {
		return Recording{}, err
	}
	var r Recording
	for _, call := range calls {
		if call.API == traffic.Authy && (appID == "" || call.AppID == appID) {
			r.Calls = append(r.Calls, seenOf(call))
		}
	}
	if len(calls) > 0 {
		r.Forgotten = calls[0].ID - 1
	}
	return r, nil
}

func seenOf(call controlapi.Call) Seen {
	seen := Seen{
		Method: call.Method, Target: call.Path, Body: call.RequestBody, Cut: call.RequestCut, Status: call.Status, At: call.At,
		RequestUUID: call.RequestUUID, ErrorCode: call.ErrorCode, Answer: call.ResponseBody,
	}
	for _, h := range call.RequestHeaders {
		if h.Name == "Content-Type" {
			seen.ContentType = h.Value
		}
	}
	for _, h := range call.ResponseHeaders {
		if h.Name == "Content-Type" {
			seen.AnswerType = h.Value
		}
	}
	return seen
}

// RememberedFlows is [Remembered] with what the server knows of the approval requests that the calls made.
func RememberedFlows(ctx context.Context, c *controlapi.Client, appID string) (Recording, error) {
	r, err := Remembered(ctx, c, appID)
	if err != nil {
		return Recording{}, err
	}
	r.Told = map[string]Told{}
	for _, call := range r.Calls {
		if _, known := r.Told[call.RequestUUID]; known || call.RequestUUID == "" || call.Method != http.MethodPost {
			continue
		}
		told, err := toldOf(ctx, c, call.RequestUUID)
		if errors.Is(err, &onetouch.Error{Code: onetouch.CodeApprovalRequestNotFound}) { // it was removed, or the server was reset
			continue
		}
		if err != nil {
			return Recording{}, err
		}
		r.Told[call.RequestUUID] = told
	}
	return r, nil
}

func toldOf(ctx context.Context, c *controlapi.Client, uuid string) (Told, error) {
	request, err := c.ApprovalRequest(ctx, uuid)
	if err != nil {
		return Told{}, err
	}
	sent, err := c.Deliveries(ctx, uuid, onetouch.DeliveryCallback)
	if err != nil {
		return Told{}, err
	}
	devices, err := c.Devices(ctx, request.AuthyID)
	if err != nil {
		return Told{}, err
	}
	told := Told{
		Question: request.Question, Status: request.Status, CreatedAt: request.CreatedAt, ExpiresAt: orZero(request.ExpiresAt),
		ProcessedAt: orZero(request.ProcessedAt), Reason: request.Reason, Callback: CallbackNone, Devices: len(devices),
	}
	if request.DeviceID != nil {
		told.DeviceID = *request.DeviceID
	}
	for _, delivery := range sent {
		told.Callback = CallbackNotTaken
		if delivery.State == onetouch.DeliverySent {
			told.Callback = CallbackTaken
			break
		}
	}
	return told, nil
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}
