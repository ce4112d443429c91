package controlapi

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/wire"
)

// Message is something in the inbox: what would have left the building.
type Message struct {
	ID               int64            `json:"id"` // grows with time
	Channel          onetouch.Channel `json:"channel"`
	To               string           `json:"to"` // +12025550158, or an e-mail address; of a push, the UUID of its device
	Code             string           `json:"code"`
	Body             string           `json:"body"`
	AuthyID          *int64           `json:"authy_id"` // null: to a number that is verified, which need not be a user's
	AppID            string           `json:"app_id"`
	Locale           string           `json:"locale"`
	DeviceID         *int64           `json:"device_id"`         // of a push
	RequestUUID      string           `json:"request_uuid"`      // that a push is about
	VerificationUUID string           `json:"verification_uuid"` // of the phone verification that sent it
	CreatedAt        time.Time        `json:"created_at"`
}

func messageOf(m onetouch.Message) Message {
	return Message{
		ID: m.ID, Channel: m.Channel, To: m.To, Code: m.Code, Body: m.Body, AuthyID: numberOrNull(m.AuthyID), AppID: m.AppID,
		Locale: m.Locale, DeviceID: numberOrNull(m.DeviceID), RequestUUID: m.RequestUUID,
		VerificationUUID: m.VerificationUUID, CreatedAt: m.CreatedAt,
	}
}

func (a *API) messages(r *http.Request) (any, error) {
	q := wire.ReadQuery(r)
	f := onetouch.MessageFilter{
		AppID: q.Get("app"), AuthyID: int64(q.Count("user")), Channel: channelIn(q, "channel"), To: q.Get("to"),
		Since: timeIn(q, "since"), After: int64(q.Count("after")), Limit: q.Count("limit"),
	}
	return list(r.Context(), q, f, a.service.Messages, messageOf)
}

func channelIn(q *wire.Query, name string) onetouch.Channel {
	channel := onetouch.Channel(q.Get(name))
	if channel != "" && !slices.Contains(onetouch.Channels(), channel) {
		q.Fail(name, "must be sms, call, email or push")
	}
	return channel
}

func timeIn(q *wire.Query, name string) time.Time {
	if q.Get(name) == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, q.Get(name))
	if err != nil {
		q.Fail(name, "must be a time, such as 2026-11-25T12:00:00Z")
	}
	return t
}

// MessageQuery chooses messages. Zero fields choose all.
type MessageQuery struct {
	AppID   string
	AuthyID int64
	Channel onetouch.Channel
	To      string    // phone number in any spelling, or e-mail address
	Since   time.Time // sent at or after
	After   int64     // only those with a greater ID
	Limit   int
}

// Messages lists the inbox, newest first.
func (c *Client) Messages(ctx context.Context, q MessageQuery) ([]Message, error) {
	values := url.Values{
		"app": {q.AppID}, "user": {strconv.FormatInt(q.AuthyID, 10)}, "channel": {string(q.Channel)}, "to": {q.To},
		"after": {strconv.FormatInt(q.After, 10)}, "limit": {strconv.Itoa(q.Limit)},
	}
	if !q.Since.IsZero() {
		values.Set("since", q.Since.UTC().Format(time.RFC3339Nano))
	}
	return read[[]Message](ctx, c, "/messages", values)
}
