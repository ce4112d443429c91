package delivery

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/onetouchkit/onetouch/internal/authywire"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/verifywire"
	"github.com/onetouchkit/onetouch/pkg/callback"
	"github.com/onetouchkit/onetouch/pkg/verify"
)

// writer writes a delivery as it is sent at the given time.
type writer func(ctx context.Context, p onetouch.Parcel, now time.Time) (*http.Request, error)

// writers has one for each kind that a worker sends.
func writers() map[onetouch.DeliveryKind]writer {
	return map[onetouch.DeliveryKind]writer{
		onetouch.DeliveryPush:        newPush,
		onetouch.DeliveryCallback:    newCallback,
		onetouch.DeliveryWebhook:     newEvent,
		onetouch.DeliveryVerifyEvent: newVerifyEvent,
		onetouch.DeliveryReplay:      newCallback,
		onetouch.DeliveryPing:        newCallback,
	}
}

// write writes a delivery as it is sent at the given time.
func write(ctx context.Context, p onetouch.Parcel, now time.Time, userAgent string) (*http.Request, error) {
	writer, known := writers()[p.Delivery.Kind]
	if !known {
		return nil, fmt.Errorf("nobody knows how to write a %s", p.Delivery.Kind)
	}
	r, err := writer(ctx, p, now)
	if err != nil {
		return nil, err
	}
	if userAgent != "" {
		r.Header.Set("User-Agent", userAgent)
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

// newCallback is signed afresh at each try, because receivers refuse old nonces; unless its content says how it is signed.
func newCallback(ctx context.Context, p onetouch.Parcel, now time.Time) (*http.Request, error) {
	nonce := p.Content.Nonce
	if nonce == "" {
		nonce = strconv.FormatInt(now.Unix(), 10)
	}
	payload := Payload(p)
	r, err := callback.NewRequest(ctx, p.Application.APIKey, nonce, p.Delivery.Method, p.Delivery.URL, payload)
	if err == nil && p.Application.CallbackOrder == onetouch.OrderDecoded {
		err = signAsDecoded(r, p.Application.APIKey, payload)
	}
	if err == nil && p.Content.Signature != "" {
		r.Header.Set(callback.SignatureHeader, p.Content.Signature)
	}
	return r, err
}

func signAsDecoded(r *http.Request, apiKey string, payload []byte) error {
	if r.Method == http.MethodGet {
		return signDecoded(r, apiKey, r.URL.RawQuery)
	}
	query, err := callback.Query(payload)
	if err != nil {
		return err
	}
	return signDecoded(r, apiKey, query)
}

// Payload is what a callback, a replay or a test call says; nil for what is none of these.
func Payload(p onetouch.Parcel) []byte {
	switch {
	case !p.Delivery.Kind.Signed():
		return nil
	case p.Content.Payload != "":
		return []byte(p.Content.Payload)
	default:
		return authywire.AppendJSON(nil, authywire.Callback(p.RequestRecord))
	}
}

// Rebuild writes an attempt as it was sent. same reports whether that is certain: what was signed then has the same signature
// now. Otherwise the application, its key or the device may have changed since.
func Rebuild(
	ctx context.Context, p onetouch.Parcel, a onetouch.Attempt, userAgent string,
) (r *http.Request, same bool, err error) {
	p.Content.Nonce = a.Exchange.Nonce
	p.Content.Signature = ""
	r, err = write(ctx, p, a.StartedAt, userAgent)
	if err != nil || a.Exchange.Signature == "" {
		return r, true, err
	}
	same = r.Header.Get(callback.SignatureHeader) == a.Exchange.Signature
	r.Header.Set(callback.SignatureHeader, a.Exchange.Signature)
	return r, same, nil
}

func newPush(ctx context.Context, p onetouch.Parcel, _ time.Time) (*http.Request, error) {
	push := onetouch.Push{ID: p.Delivery.ID, RequestUUID: p.Request.UUID, Message: p.Request.Message}
	return newJSON(ctx, p, authywire.AppendJSON(nil, verifywire.Push(p.Device, push)))
}

// newVerifyEvent tells a webhook of the Verify API of an event by a form that is signed with the account's auth token.
func newVerifyEvent(ctx context.Context, p onetouch.Parcel, _ time.Time) (*http.Request, error) {
	form, err := verifywire.Event(p)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, p.Delivery.Method, p.Delivery.URL, strings.NewReader(form.Encode()))
	if err == nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set(verify.SignatureHeader, verify.Sign(p.Account.AuthToken, p.Delivery.URL, form))
	}
	return r, err
}

func newJSON(ctx context.Context, p onetouch.Parcel, body []byte) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, p.Delivery.Method, p.Delivery.URL, bytes.NewReader(body))
	if err == nil {
		r.Header.Set("Content-Type", "application/json")
	}
	return r, err
}
