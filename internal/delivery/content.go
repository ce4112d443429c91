package delivery

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/onetouchkit/onetouch/internal/authywire"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/callback"
)

// newRequest writes a delivery as it is sent at the given time.
func (w *Worker) newRequest(ctx context.Context, p onetouch.Parcel, now time.Time) (*http.Request, error) {
	write := newPush
	if p.Delivery.Kind == onetouch.DeliveryCallback {
		write = newCallback
	}
	r, err := write(ctx, p, now)
	if err != nil {
		return nil, err
	}
	if w.UserAgent != "" {
		r.Header.Set("User-Agent", w.UserAgent)
	}
	if user := r.URL.User; user != nil {
		password, _ := user.Password()
		r.SetBasicAuth(user.Username(), password)
	}
	return r, nil
}

// newCallback is signed afresh at each attempt: receivers refuse old nonces.
func newCallback(ctx context.Context, p onetouch.Parcel, now time.Time) (*http.Request, error) {
	payload := authywire.AppendJSON(nil, authywire.Callback(p.RequestRecord))
	nonce := strconv.FormatInt(now.Unix(), 10)
	return callback.NewRequest(ctx, p.Application.APIKey, nonce, p.Delivery.Method, p.Delivery.URL, payload)
}

func newPush(ctx context.Context, p onetouch.Parcel, _ time.Time) (*http.Request, error) {
	body := PushPayload(onetouch.Push{ID: p.Delivery.ID, RequestUUID: p.Request.UUID, Message: p.Request.Message})
	r, err := http.NewRequestWithContext(ctx, p.Delivery.Method, p.Delivery.URL, bytes.NewReader(body))
	if err == nil {
		r.Header.Set("Content-Type", "application/json")
	}
	return r, err
}

// PushPayload is what a push says, in JSON; see docs/device-api.md. Details are fetched.
func PushPayload(push onetouch.Push) []byte {
	return authywire.AppendJSON(nil, authywire.Object{
		{Name: "type", Value: "onetouch_approval_request"},
		{Name: "approval_request_uuid", Value: push.RequestUUID},
		{Name: "alert", Value: push.Message},
	})
}
