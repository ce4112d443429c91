package delivery

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/onetouchkit/onetouch/internal/authywire"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/callback"
)

// writer writes a delivery as it is sent at the given time.
type writer func(ctx context.Context, p onetouch.Parcel, now time.Time) (*http.Request, error)

// writers has one for each kind that a worker sends.
func writers() map[onetouch.DeliveryKind]writer {
	return map[onetouch.DeliveryKind]writer{
		onetouch.DeliveryPush:     newPush,
		onetouch.DeliveryCallback: newCallback,
		onetouch.DeliveryWebhook:  newEvent,
	}
}

// newRequest writes a delivery as it is sent at the given time.
func (w *Worker) newRequest(ctx context.Context, p onetouch.Parcel, now time.Time) (*http.Request, error) {
	write, known := writers()[p.Delivery.Kind]
	if !known {
		return nil, fmt.Errorf("nobody knows how to write a %s", p.Delivery.Kind)
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

// newEvent tells a webhook of an event by a JWT that is signed with the webhook's own key (HS256). Which field carries it is
// not on record.
func newEvent(ctx context.Context, p onetouch.Parcel, _ time.Time) (*http.Request, error) {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.HS256, Key: []byte(p.Webhook.SigningKey)},
		(&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return nil, fmt.Errorf("signing for webhook %s: %w", p.Webhook.ID, err)
	}
	signed, err := signer.Sign(authywire.AppendJSON(nil, authywire.WebhookEvent(p)))
	if err != nil {
		return nil, fmt.Errorf("signing for webhook %s: %w", p.Webhook.ID, err)
	}
	jwt, err := signed.CompactSerialize()
	if err != nil {
		return nil, fmt.Errorf("signing for webhook %s: %w", p.Webhook.ID, err)
	}
	return newJSON(ctx, p, authywire.AppendJSON(nil, authywire.Object{{Name: "jwt", Value: jwt}}))
}

// newCallback is signed afresh at each attempt: receivers refuse old nonces.
func newCallback(ctx context.Context, p onetouch.Parcel, now time.Time) (*http.Request, error) {
	payload := authywire.AppendJSON(nil, authywire.Callback(p.RequestRecord))
	nonce := strconv.FormatInt(now.Unix(), 10)
	return callback.NewRequest(ctx, p.Application.APIKey, nonce, p.Delivery.Method, p.Delivery.URL, payload)
}

func newPush(ctx context.Context, p onetouch.Parcel, _ time.Time) (*http.Request, error) {
	push := onetouch.Push{ID: p.Delivery.ID, RequestUUID: p.Request.UUID, Message: p.Request.Message}
	return newJSON(ctx, p, authywire.AppendJSON(nil, authywire.Push(push)))
}

func newJSON(ctx context.Context, p onetouch.Parcel, body []byte) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, p.Delivery.Method, p.Delivery.URL, bytes.NewReader(body))
	if err == nil {
		r.Header.Set("Content-Type", "application/json")
	}
	return r, err
}
