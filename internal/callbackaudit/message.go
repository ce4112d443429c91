package callbackaudit

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/onetouchkit/onetouch/internal/authywire"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/callback"
	"github.com/onetouchkit/onetouch/pkg/details"
)

// The answers that callbacks report.
const (
	approved = string(onetouch.StatusApproved)
	denied   = string(onetouch.StatusDenied)
)

// message is a callback to be sent: what is signed and, where an attack makes a difference, what is sent.
type message struct {
	method string
	key    string
	url    string // that is signed
	at     time.Time
	signed []byte // JSON
	sent   []byte // JSON
	form   []byte // body of a GET, which has none by itself
	// change does something to the request that is not what the service would send.
	change  func(*http.Request)
	special string // what is special, in words
}

// message is a right callback of a round.
func (r *round) message(status string) message { return r.messageOf(r.uuid, status) }

func (r *round) messageOf(uuid, status string) message {
	payload := r.payload(uuid, status)
	return message{
		method: r.Method, key: r.APIKey, url: r.PublicURL, at: r.Now(), signed: payload, sent: payload, change: func(*http.Request) {},
	}
}

// payload is the payload of a callback as the service sends it.
func (r *round) payload(uuid, status string) []byte {
	now := r.Now().UTC()
	asked, registered := now.Add(-time.Minute), now.AddDate(0, -1, 0)
	const day = 24 * time.Hour
	return authywire.AppendJSON(nil, authywire.Callback(onetouch.RequestRecord{
		Application: onetouch.Application{ID: appID, CustomerUUID: 1},
		Request: onetouch.ApprovalRequest{
			UUID: uuid, AppID: appID, AuthyID: r.AuthyID, Status: onetouch.Status(status), CreatedAt: asked, ExpiresAt: asked.Add(day),
			Question: onetouch.Question{
				Message: "Audit of the callback handler", Details: details.List{{Name: "Audit", Value: r.name}},
			},
			Answer: onetouch.Answer{DeviceID: deviceID, SignedAt: now, JWS: "a.b.YXVkaXQ"},
		},
		Device: onetouch.Device{ID: deviceID, UUID: deviceUUID, Platform: "android", RegisteredAt: registered},
	}))
}

// Who is in the callbacks of an audit.
const (
	appID      = "000000000000000000a0d170"
	deviceID   = 1
	deviceUUID = "a0d17000-0000-4000-8000-000000000001"
)

// request signs a message as the handler wants it and makes a request of it.
func (r *round) request(m message) (*http.Request, error) {
	signature, err := r.sign(m)
	if err != nil {
		return nil, err
	}
	target := *r.target
	var body io.Reader = http.NoBody
	if m.method == http.MethodGet {
		if target.RawQuery, err = r.query(m.sent); err != nil {
			return nil, err
		}
		if m.form != nil {
			body = bytes.NewReader(m.form)
		}
	} else {
		body = bytes.NewReader(m.sent)
	}
	request, err := http.NewRequestWithContext(r.ctx, m.method, target.String(), body)
	if err != nil {
		return nil, err
	}
	if m.method == http.MethodPost {
		request.Header.Set("Content-Type", "application/json")
	}
	request.Header.Set(callback.NonceHeader, nonceAt(m.at))
	request.Header.Set(callback.SignatureHeader, signature)
	r.throughProxy(request)
	m.change(request)
	return request, nil
}

// throughProxy makes a request look as if it came by the public URL.
func (r *round) throughProxy(request *http.Request) {
	if r.PublicURL == r.URL {
		return
	}
	public, err := url.Parse(r.PublicURL)
	if err != nil {
		return // not reached: it was parsed before
	}
	request.Host = public.Host
	request.Header.Set("X-Forwarded-Host", public.Host)
	request.Header.Set("X-Forwarded-Proto", public.Scheme)
}

func nonceAt(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

// query is the query of a GET with a payload, after that of the handler's URL.
func (r *round) query(payload []byte) (string, error) {
	query, err := callback.Query(payload)
	if err != nil {
		return "", err
	}
	return strings.Trim(r.target.RawQuery+"&"+query, "&"), nil
}

// sign makes the signature of a message, with the mistake about the URL that the handler makes.
func (r *round) sign(m message) (string, error) {
	received, err := r.received(m)
	if err != nil {
		return "", err
	}
	guesses, err := callback.Guesses(received)
	if err != nil {
		return "", err
	}
	right := ""
	for guess := range guesses {
		if len(guess.Mistakes) == 0 {
			right = guess.Signature
			if r.mistake == nil {
				return right, nil
			}
			continue
		}
		if len(guess.Mistakes) > 1 {
			break
		}
		if r.mistake != nil && guess.Mistakes[0] == *r.mistake {
			return guess.Signature, nil
		}
	}
	return right, nil // of another URL, for which that mistake does not exist
}

// received is a message as the handler receives it.
func (r *round) received(m message) (callback.Received, error) {
	received := callback.Received{
		Method: m.method, URL: m.url, Payload: m.signed, Nonce: nonceAt(m.at), APIKeys: []string{m.key},
	}
	if m.method == http.MethodGet {
		query, err := r.query(m.signed)
		if err != nil {
			return received, fmt.Errorf("writing the query: %w", err)
		}
		received.Payload = []byte(query)
	}
	return received, nil
}
