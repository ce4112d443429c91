package controlapi

import (
	"context"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/onetouchkit/onetouch/internal/authywire"
	"github.com/onetouchkit/onetouch/internal/delivery"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/wire"
)

// Delivery is a push, callback, webhook, replay or test call with every attempt to send it.
type Delivery struct {
	ID            int64                  `json:"id"`
	Kind          onetouch.DeliveryKind  `json:"kind"`
	RequestUUID   string                 `json:"request_uuid"`
	AppID         string                 `json:"app_id"`
	DeviceID      *int64                 `json:"device_id"`
	WebhookID     string                 `json:"webhook_id"` // "" for all but webhooks, as is event
	Event         onetouch.EventType     `json:"event"`      // that the webhook is told of
	Method        string                 `json:"method"`     // BACKEND for a push that the backend sent by itself
	URL           string                 `json:"url"`
	State         onetouch.DeliveryState `json:"state"`
	Owed          bool                   `json:"owed"`     // still to be sent by the server; a stream's push waits for its device
	Obsolete      string                 `json:"obsolete"` // why a pending one is not needed any more; "" while it is
	LastError     string                 `json:"last_error"`
	Fault         string                 `json:"fault"` // that struck it; as long as the server runs
	CreatedAt     time.Time              `json:"created_at"`
	NextAttemptAt *time.Time             `json:"next_attempt_at"`
	FinishedAt    *time.Time             `json:"finished_at"`
	Attempts      []Attempt              `json:"attempts"`
	// Payload is what a callback, replay or test call says, if the delivery was asked for by its ID.
	Payload string `json:"payload,omitempty"`
}

// Attempt is one try to send a delivery.
type Attempt struct {
	Number          int       `json:"number"`
	StartedAt       time.Time `json:"started_at"`
	DurationMS      float64   `json:"duration_ms"`
	StatusCode      int       `json:"status_code"` // 0 when there was no answer
	ResponseHeaders []Header  `json:"response_headers"`
	Response        string    `json:"response"`
	Error           string    `json:"error"`
	Phases          Phases    `json:"phases"`
	Request         *Sent     `json:"request,omitempty"` // of a delivery that was asked for by its ID
}

// Header is a header field.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Phases is what took the time of an attempt, in milliseconds; what was not needed or not reached took none.
type Phases struct {
	LookupMS  float64 `json:"lookup_ms"`
	ConnectMS float64 `json:"connect_ms"`
	TLSMS     float64 `json:"tls_ms"`
	SendMS    float64 `json:"send_ms"`
	WaitMS    float64 `json:"wait_ms"`
	ReceiveMS float64 `json:"receive_ms"`
	Reused    bool    `json:"reused"` // the connection was there
}

// Phase is one of the phases of an attempt.
type Phase struct {
	Name string
	MS   float64 // milliseconds
}

// Parts are the phases that took time, in their order.
func (p Phases) Parts() []Phase {
	all := []Phase{
		{"lookup", p.LookupMS}, {"connect", p.ConnectMS}, {"TLS", p.TLSMS}, {"send", p.SendMS}, {"wait", p.WaitMS},
		{"receive", p.ReceiveMS},
	}
	return slices.DeleteFunc(all, func(phase Phase) bool { return phase.MS <= 0 })
}

// Sent is a request as it was sent.
type Sent struct {
	Method  string   `json:"method"`
	URL     string   `json:"url"` // with the query that a GET carries
	Headers []Header `json:"headers"`
	Body    string   `json:"body"`
	// Same is whether this is certain: a request is written anew from what it was about, and the signature says whether
	// that has changed since.
	Same bool `json:"same"`
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func deliveryOf(d onetouch.DeliveryRecord) Delivery {
	return Delivery{
		ID: d.ID, Kind: d.Kind, RequestUUID: d.RequestUUID, AppID: d.AppID, DeviceID: numberOrNull(d.DeviceID),
		WebhookID: d.WebhookID, Event: d.Event, Method: d.Method, URL: d.URL, State: d.State, Owed: d.Owed(),
		Obsolete: d.Obsolete, LastError: d.LastError, CreatedAt: d.CreatedAt,
		NextAttemptAt: orNull(d.NextAttemptAt), FinishedAt: orNull(d.FinishedAt), Attempts: each(d.Log, attemptOf),
	}
}

func attemptOf(a onetouch.Attempt) Attempt {
	p := a.Exchange.Phases
	return Attempt{
		Number: a.Number, StartedAt: a.StartedAt, DurationMS: milliseconds(a.Duration), StatusCode: a.StatusCode,
		ResponseHeaders: each(a.Exchange.Headers, func(h onetouch.Header) Header { return Header(h) }), Response: a.Response,
		Error: a.Error, Phases: Phases{
			LookupMS: milliseconds(p.Lookup), ConnectMS: milliseconds(p.Connect), TLSMS: milliseconds(p.TLS),
			SendMS: milliseconds(p.Send), WaitMS: milliseconds(p.Wait), ReceiveMS: milliseconds(p.Receive), Reused: p.Reused,
		},
	}
}

func (a *API) deliveryOf(d onetouch.DeliveryRecord) Delivery {
	answer := deliveryOf(d)
	answer.Fault = a.Faults.Of(d.ID)
	return answer
}

func (a *API) deliveries(r *http.Request) (any, error) {
	q := wire.ReadQuery(r)
	f := onetouch.DeliveryFilter{
		AppID: q.Get("app"), RequestUUID: q.Get("request"), AuthyID: int64(q.Count("user")),
		State: onetouch.DeliveryState(q.Get("state")), Limit: q.Count("limit"),
	}
	if kinds := q.Get("kind"); kinds != "" {
		for kind := range strings.SplitSeq(kinds, ",") {
			f.Kinds = append(f.Kinds, onetouch.DeliveryKind(kind))
		}
	}
	return list(r.Context(), q, f, a.service.Deliveries, a.deliveryOf)
}

func (a *API) delivery(r *http.Request) (any, error) {
	id, err := deliveryID(r)
	if err != nil {
		return nil, err
	}
	record, parcel, err := a.service.Delivery(r.Context(), id)
	if err != nil {
		return nil, err
	}
	answer := a.deliveryOf(record)
	answer.Payload = string(delivery.Payload(parcel))
	for i, attempt := range record.Log {
		if record.URL == "" || record.Method == onetouch.SentByBackend {
			break // nothing was sent by HTTP
		}
		if answer.Attempts[i].Request, err = a.sent(r.Context(), parcel, attempt); err != nil {
			return nil, err
		}
	}
	return answer, nil
}

// sent is the request of an attempt; nil when it was none that can be written.
func (a *API) sent(ctx context.Context, parcel onetouch.Parcel, attempt onetouch.Attempt) (*Sent, error) {
	request, same, err := delivery.Rebuild(ctx, parcel, attempt, delivery.UserAgent(a.Version))
	if err != nil {
		return nil, nil //nolint:nilerr,nilnil // the attempt says why
	}
	sent := &Sent{Method: request.Method, URL: request.URL.String(), Same: same, Headers: []Header{{"Host", request.Host}}}
	for _, name := range slices.Sorted(maps.Keys(request.Header)) {
		for _, value := range request.Header[name] {
			sent.Headers = append(sent.Headers, Header{name, value})
		}
	}
	if request.Body != nil && request.Body != http.NoBody {
		body, err := io.ReadAll(request.Body)
		if err != nil {
			return nil, err
		}
		sent.Body = string(body)
		sent.Headers = append(sent.Headers, Header{"Content-Length", strconv.Itoa(len(body))})
	}
	return sent, nil
}

func deliveryID(r *http.Request) (int64, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return 0, &onetouch.Error{
			Code: onetouch.CodeDeliveryNotFound, Message: "Delivery not found: " + r.PathValue("id"),
		}
	}
	return id, nil
}

// Replay says how a callback is sent again. Zero fields leave it as it was.
type Replay struct {
	URL     string `json:"url,omitempty"`
	Payload string `json:"payload,omitempty"` // a JSON object
	Exact   bool   `json:"exact,omitempty"`   // with the nonce and signature of the last attempt
}

func (a *API) replay(r *http.Request) (any, error) {
	n, err := body[Replay](r)
	if err != nil {
		return nil, err
	}
	id, err := deliveryID(r)
	if err != nil {
		return nil, err
	}
	d, err := a.service.Replay(r.Context(), id, onetouch.Replay(n))
	return deliveryOf(onetouch.DeliveryRecord{Delivery: d}), err
}

// Ping says where a test call goes; to the application's callback URL unless it is given.
type Ping struct {
	URL string `json:"url,omitempty"`
}

func (a *API) ping(r *http.Request) (any, error) {
	n, err := body[Ping](r)
	if err != nil {
		return nil, err
	}
	app, err := a.service.Application(r.Context(), r.PathValue("called"))
	if err != nil {
		return nil, err
	}
	d, err := a.service.Ping(r.Context(), app, n.URL, func(uuid string, now time.Time) []byte {
		return authywire.AppendJSON(nil, authywire.TestCallback(app, uuid, now))
	})
	return deliveryOf(onetouch.DeliveryRecord{Delivery: d}), err
}

// Deliveries lists deliveries of one request ("": of all) and kind ("": of every), newest first.
func (c *Client) Deliveries(ctx context.Context, requestUUID string, kind onetouch.DeliveryKind) ([]Delivery, error) {
	return read[[]Delivery](ctx, c, "/deliveries", url.Values{"request": {requestUUID}, "kind": {string(kind)}})
}

// DeliveryQuery chooses deliveries. Zero fields choose all.
type DeliveryQuery struct {
	AppID       string
	AuthyID     int64 // of the user whom the approval request asked
	RequestUUID string
	Kinds       []string
	State       string
	Limit       int
}

// FindDeliveries lists deliveries, newest first.
func (c *Client) FindDeliveries(ctx context.Context, q DeliveryQuery) ([]Delivery, error) {
	return read[[]Delivery](ctx, c, "/deliveries", url.Values{
		"app": {q.AppID}, "user": {strconv.FormatInt(q.AuthyID, 10)}, "request": {q.RequestUUID},
		"kind": {strings.Join(q.Kinds, ",")}, "state": {q.State}, "limit": {strconv.Itoa(q.Limit)},
	})
}

// Delivery returns one delivery, with the request of each attempt.
func (c *Client) Delivery(ctx context.Context, id int64) (Delivery, error) {
	return read[Delivery](ctx, c, "/deliveries/"+strconv.FormatInt(id, 10), nil)
}

// Replay sends a callback again, as a delivery of its own, and returns that before it is sent.
func (c *Client) Replay(ctx context.Context, id int64, n Replay) (Delivery, error) {
	return write[Delivery](ctx, c, http.MethodPost, "/deliveries/"+strconv.FormatInt(id, 10)+"/replay", n)
}

// Ping sends a test call of the application of that ID, serial ID or name, and returns it before it is sent.
func (c *Client) Ping(ctx context.Context, called string, n Ping) (Delivery, error) {
	return write[Delivery](ctx, c, http.MethodPost, "/applications/"+url.PathEscape(called)+"/ping", n)
}
