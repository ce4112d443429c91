package onetouch

import (
	"cmp"
	"context"
	"encoding/json"
	"strconv"
	"time"
)

// DeliveryContent is what a delivery says that does not say what its kind always says.
type DeliveryContent struct {
	DeliveryID int64
	ReplayOf   int64  // the delivery that is sent again; 0 for a test call
	Payload    string // a JSON object; empty: that of the callback about the request
	Nonce      string // empty: the second in which it is sent
	Signature  string // empty: made when it is sent
}

// Replay says how a delivery is sent again.
type Replay struct {
	URL     string // empty: where it went
	Payload string // a JSON object that is sent instead; empty: what was sent
	Exact   bool   // with the nonce and signature of the last attempt, for which a careful receiver does nothing
}

const maxPayload = 1 << 20 // bytes

// Replay sends a callback again, once, as a delivery of its own: what became of the first stays as it is. Its nonce is none
// that this callback was sent with before, so that a receiver that remembers does not take it for the same.
func (s *Service) Replay(ctx context.Context, deliveryID int64, n Replay) (Delivery, error) {
	if err := n.validate(); err != nil {
		return Delivery{}, err
	}
	var d Delivery
	err := s.change(ctx, func(c *change) (err error) {
		original, err := c.Delivery(deliveryID)
		if err != nil {
			return orRefuse(err, deliveryNotFound(deliveryID))
		}
		if !original.Kind.Signed() {
			return InvalidParameter("id", "is that of a "+string(original.Kind)+": only callbacks are sent again")
		}
		content, err := c.replay(original, n)
		if err != nil {
			return err
		}
		d = Delivery{
			AppID: original.AppID, Kind: DeliveryReplay, RequestUUID: original.RequestUUID, Method: original.Method,
			URL: original.URL,
		}
		setNonZero(&d.URL, n.URL)
		d, err = c.oweContent(d, content)
		return err
	})
	return d, err
}

func (n Replay) validate() error {
	if n.URL != "" {
		if err := validHTTPURL("to", n.URL, "http://127.0.0.1:3000/callback"); err != nil {
			return err
		}
	}
	if n.Payload != "" && n.Exact {
		return InvalidParameter("payload", "cannot be another one when all is sent as it was")
	}
	return validPayload(n.Payload)
}

func validPayload(payload string) error {
	if payload == "" {
		return nil
	}
	if len(payload) > maxPayload {
		return InvalidParameter("payload", "is longer than a mebibyte")
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(payload), &members); err != nil || members == nil {
		return InvalidParameter("payload", "must be a JSON object")
	}
	return nil
}

// replay is what is sent instead of the original.
func (c *change) replay(original Delivery, n Replay) (DeliveryContent, error) {
	content := DeliveryContent{ReplayOf: original.ID, Payload: n.Payload}
	if content.Payload == "" && rulesOf[original.Kind].ownContent {
		first, err := c.DeliveryContent(original.ID)
		if err != nil {
			return content, err
		}
		content.Payload = first.Payload
	}
	last, err := c.lastSigned(original)
	switch {
	case err != nil:
		return content, err
	case n.Exact && last.Nonce == "":
		return content, InvalidParameter("exact", "is for a callback that was sent before")
	case n.Exact:
		content.Nonce, content.Signature = last.Nonce, last.Signature
	default:
		content.Nonce, err = c.freshNonce(original, last.Nonce)
		if content.Nonce == strconv.FormatInt(original.NextAttemptAt.Unix(), 10) { // that of its next try
			content.Nonce = c.nonceAfter(content.Nonce)
		}
	}
	return content, err
}

// lastSigned is the last attempt of a delivery in which something was sent.
func (c *change) lastSigned(d Delivery) (last Exchange, err error) {
	attempts, err := c.Attempts(d.ID)
	for _, a := range attempts {
		if a.Exchange.Nonce != "" {
			last = a.Exchange
		}
	}
	return last, err
}

// freshNonce is one that neither the original was sent with, whose last is given, nor what sends it again.
func (c *change) freshNonce(original Delivery, last string) (string, error) {
	const recent = 100 // no more can be so near to each other
	again, err := c.Replays(original.ID, recent)
	for _, d := range again {
		var content DeliveryContent
		if err == nil {
			content, err = c.DeliveryContent(d.ID)
		}
		if cmp.Or(cmp.Compare(len(content.Nonce), len(last)), cmp.Compare(content.Nonce, last)) > 0 {
			last = content.Nonce
		}
	}
	return c.nonceAfter(last), err
}

// nonceAfter is the present second, or the one after a nonce that was used.
func (c *change) nonceAfter(used string) string {
	now := c.now.Unix()
	if second, err := strconv.ParseInt(used, 10, 64); err == nil && second >= now {
		now = second + 1
	}
	return strconv.FormatInt(now, 10)
}

// Ping sends a test call to the application's callback URL, or to another, once. write gives it its payload, a JSON object about
// a request with a UUID that no request has.
func (s *Service) Ping(
	ctx context.Context, app Application, url string, write func(uuid string, now time.Time) (payload []byte),
) (Delivery, error) {
	if url == "" {
		url = app.Callback.URL
	}
	if url == "" {
		return Delivery{}, InvalidParameter("to", "must be given: the application has no callback URL")
	}
	if err := validHTTPURL("to", url, "http://127.0.0.1:3000/callback"); err != nil {
		return Delivery{}, err
	}
	content := DeliveryContent{Payload: string(write(s.uuid(), s.clock.Now()))}
	var d Delivery
	err := s.change(ctx, func(c *change) (err error) {
		d, err = c.oweContent(Delivery{AppID: app.ID, Kind: DeliveryPing, Method: app.Callback.Method, URL: url}, content)
		return err
	})
	return d, err
}

// oweContent makes a delivery owed that has a content of its own.
func (c *change) oweContent(d Delivery, content DeliveryContent) (Delivery, error) {
	d.State, d.CreatedAt, d.NextAttemptAt = DeliveryPending, c.now, c.now
	if err := c.InsertDelivery(&d); err != nil {
		return d, err
	}
	c.wake(TopicDeliveries)
	c.wake(TopicDue)
	content.DeliveryID = d.ID
	return d, c.InsertDeliveryContent(content)
}

// Delivery returns a delivery with its attempts, and with all that its content is written from.
func (s *Service) Delivery(ctx context.Context, id int64) (DeliveryRecord, Parcel, error) {
	record, err := view(ctx, s, func(r Reader) (DeliveryRecord, error) {
		d, err := r.Delivery(id)
		if err != nil {
			return DeliveryRecord{}, orRefuse(err, deliveryNotFound(id))
		}
		return readDeliveryRecord(r, d)
	})
	if err != nil {
		return record, Parcel{}, err
	}
	parcel, err := s.Parcel(ctx, id)
	if err == nil && record.State == DeliveryPending {
		record.Obsolete = parcel.Obsolete()
	}
	return record, parcel, err
}
