package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/onetouchkit/onetouch/internal/migrate"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/server/traffic"
)

// recordingHelp says what a recording is, for the commands that take one.
const recordingHelp = "those in a RECORDING: an HTTP archive (HAR) of a browser or proxy, or a report of\n" +
	"'onetouch exec --report FILE.json'; - reads one from the standard input."

// Answers to a recording in which nothing is.
const (
	noCallsOfServer    = "the running server answered no call of the Authy API: run your test suite against it"
	noCallsOfRecording = "the recording has no call of the Authy API"
)

// recordingOf reads a recording from a file, or from the standard input for "-".
func (d display) recordingOf(name string) (migrate.Recording, error) {
	in := d.streams.In
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return migrate.Recording{}, fmt.Errorf("reading the recording: %w", err)
		}
		defer func() { _ = file.Close() }()
		in = file
	}
	return migrate.ReadRecording(in)
}

// recordingOfServer are the calls of backends that the running server remembers.
func recordingOfServer(ctx context.Context, c *Connection) (migrate.Recording, error) {
	calls, err := c.Control.Calls(ctx, controlapi.CallQuery{})
	if err != nil {
		return migrate.Recording{}, err
	}
	r := migrate.Recording{Told: map[string]migrate.Told{}}
	for _, call := range calls {
		if call.API == traffic.Authy {
			r.Calls = append(r.Calls, seenOf(call))
		}
	}
	if len(calls) > 0 {
		r.Forgotten = calls[0].ID - 1
	}
	return r, nil
}

func seenOf(call controlapi.Call) migrate.Seen {
	seen := migrate.Seen{
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

// tellOfRequests adds what the server knows of the approval requests that the calls made.
func tellOfRequests(ctx context.Context, c *Connection, r migrate.Recording) error {
	for _, call := range r.Calls {
		if _, known := r.Told[call.RequestUUID]; known || call.RequestUUID == "" || call.Method != "POST" {
			continue
		}
		told, err := toldOf(ctx, c, call.RequestUUID)
		if errors.Is(err, &onetouch.Error{Code: onetouch.CodeApprovalRequestNotFound}) { // it was removed, or the server was reset
			continue
		}
		if err != nil {
			return err
		}
		r.Told[call.RequestUUID] = told
	}
	return nil
}

func toldOf(ctx context.Context, c *Connection, uuid string) (migrate.Told, error) {
	request, err := c.Control.ApprovalRequest(ctx, uuid)
	if err != nil {
		return migrate.Told{}, err
	}
	sent, err := c.Control.Deliveries(ctx, uuid, onetouch.DeliveryCallback)
	if err != nil {
		return migrate.Told{}, err
	}
	devices, err := c.Control.Devices(ctx, request.AuthyID)
	if err != nil {
		return migrate.Told{}, err
	}
	told := migrate.Told{
		Question: request.Question, Status: request.Status, CreatedAt: request.CreatedAt, ExpiresAt: timeOrZero(request.ExpiresAt),
		ProcessedAt: timeOrZero(request.ProcessedAt), LookedAt: c.Server.Now, Reason: request.Reason, Callback: migrate.CallbackNone,
		DeviceID: orZero(request.DeviceID), NoDevice: len(devices) == 0,
	}
	for _, delivery := range sent {
		told.Callback = migrate.CallbackNotTaken
		if delivery.State == onetouch.DeliverySent {
			told.Callback = migrate.CallbackTaken
			break
		}
	}
	return told, nil
}

func timeOrZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}
