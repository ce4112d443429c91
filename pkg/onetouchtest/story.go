package onetouchtest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/server/traffic"
)

// Story tells for people what has happened so far: the calls of the backend, each approval request with its events, pushes and
// callbacks, and the inbox. A test that fails logs it by itself.
func (s *Server) Story() string {
	w := &story{Server: s}
	w.line("OneTouch at %s, the story so far:", s.URL)
	ctx := context.WithoutCancel(s.life)
	for _, chapter := range []func(context.Context) error{w.calls, w.requests, w.inbox} {
		if err := chapter(ctx); err != nil {
			w.line("  (the rest cannot be told: %v)", err)
		}
	}
	return strings.TrimSuffix(w.String(), "\n")
}

type story struct {
	*Server
	strings.Builder
}

func (w *story) line(format string, values ...any) { _, _ = fmt.Fprintf(w, format+"\n", values...) }

// clockTime is a time of day to the millisecond.
func clockTime(t time.Time) string { return t.Format("15:04:05.000") }

func (w *story) calls(ctx context.Context) error {
	calls, err := w.control.Calls(ctx, controlapi.CallQuery{API: traffic.Authy})
	if len(calls) == 0 && err == nil {
		w.line("  no call of the Authy API")
	}
	for _, call := range calls {
		path, _, _ := strings.Cut(call.Path, "?")
		w.line("  %s %s %s: %d%s%s", clockTime(call.At), call.Method, path, call.Status,
			prefixed(" error ", call.ErrorCode), prefixed(", fault: ", call.Fault))
	}
	return err
}

// prefixed is a text with what goes before it, "" for none.
func prefixed(before, text string) string {
	if text == "" {
		return ""
	}
	return before + text
}

func (w *story) requests(ctx context.Context) error {
	requests, err := w.service().ApprovalRequests(ctx, onetouch.ApprovalRequestFilter{AppID: w.app.ID})
	slices.Reverse(requests)
	for _, request := range requests {
		w.line("  approval request %s of user %d, %q: %s", request.UUID, request.AuthyID, request.Message, request.Status)
		err = cmp.Or(err, w.events(ctx, request.UUID), w.deliveries(ctx, request.UUID))
	}
	return err
}

func (w *story) events(ctx context.Context, uuid string) error {
	events, err := w.service().Events(ctx, onetouch.EventFilter{RequestUUID: uuid})
	for _, event := range events {
		device := ""
		if event.DeviceID != 0 {
			device = fmt.Sprintf(", device %d", event.DeviceID)
		}
		w.line("    %s %s%s%s", clockTime(event.At), event.Type, device, prefixed(": ", event.Note))
	}
	return err
}

func (w *story) deliveries(ctx context.Context, uuid string) error {
	deliveries, err := w.service().Deliveries(ctx, onetouch.DeliveryFilter{RequestUUID: uuid})
	slices.Reverse(deliveries)
	for _, d := range deliveries {
		to := fmt.Sprintf("to device %d", d.DeviceID)
		if d.URL != "" {
			to = "by " + d.Method + " to " + d.URL
		}
		next := ""
		if !d.NextAttemptAt.IsZero() {
			next = ", next attempt at " + clockTime(d.NextAttemptAt)
		}
		w.line("    %s %s: %s%s", d.Kind, to, d.State, next)
		for _, attempt := range d.Log {
			w.line("      attempt %d at %s: %s", attempt.Number, clockTime(attempt.StartedAt), result(attempt))
		}
	}
	return err
}

func result(a onetouch.Attempt) string {
	switch {
	case a.Error != "" && a.Response != "":
		return fmt.Sprintf("%s: %.200q", a.Error, a.Response)
	case a.Error != "":
		return a.Error
	case a.StatusCode != 0:
		return fmt.Sprintf("taken with %d", a.StatusCode)
	default:
		return "taken"
	}
}

func (w *story) inbox(ctx context.Context) error {
	messages, err := w.service().Messages(ctx, onetouch.MessageFilter{AppID: w.app.ID})
	slices.Reverse(messages)
	for _, m := range messages {
		if m.Channel != onetouch.ChannelPush {
			w.line("  %s %s to %s: %q", clockTime(m.CreatedAt), m.Channel, m.To, m.Body)
		}
	}
	return err
}
