package onetouch

import "context"

// DeliveryKind says what is delivered.
type DeliveryKind string

// Kinds of delivery. A further one is a name and a row of rules here, and its content in the package delivery.
const (
	DeliveryPush     DeliveryKind = "push"
	DeliveryCallback DeliveryKind = "callback"
	DeliveryWebhook  DeliveryKind = "webhook"
	// DeliveryVerifyEvent is an event to a webhook of the Verify API.
	DeliveryVerifyEvent DeliveryKind = "verify_event"
	DeliveryReplay      DeliveryKind = "replay"  // a callback that is sent again by hand: see [Service.Replay]
	DeliveryPing        DeliveryKind = "ping"    // a test call: see [Service.Ping]
	DeliveryMessage     DeliveryKind = "message" // a text, call or e-mail, which is in the inbox at once: see [Message]
)

// DeliveryKinds lists every kind.
func DeliveryKinds() []DeliveryKind {
	return []DeliveryKind{
		DeliveryPush, DeliveryCallback, DeliveryWebhook, DeliveryVerifyEvent, DeliveryReplay, DeliveryPing,
		DeliveryMessage,
	}
}

// kindRules is all that differs between the kinds.
type kindRules struct {
	// obsolete says why nobody needs the delivery any more; it is empty while somebody does. nil: somebody always does.
	obsolete func(Parcel) string
	// instant kinds are sent in the transaction that makes them owed, and nothing happens to them later.
	instant bool
	// once is for kinds that somebody sends by hand and waits for: there is one try, and it keeps no order with others.
	once bool
	// signed kinds go to the backend with the signature of callbacks.
	signed bool
	// ownContent is for kinds that are written with a [DeliveryContent].
	ownContent bool
	// namedByOthers is for kinds whose URL others than the operator have named: a device its push URL, a backend a webhook's.
	namedByOthers bool
}

// rulesOf has the rules of every kind; what is no kind has none.
//
//exhaustive:enforce
var rulesOf = map[DeliveryKind]kindRules{
	DeliveryPush:        {obsolete: obsoletePush, namedByOthers: true},
	DeliveryCallback:    {signed: true},
	DeliveryWebhook:     {obsolete: obsoleteEvent, namedByOthers: true},
	DeliveryVerifyEvent: {obsolete: obsoleteEvent, namedByOthers: true},
	DeliveryReplay:      {once: true, signed: true, ownContent: true},
	DeliveryPing:        {once: true, signed: true, ownContent: true},
	DeliveryMessage:     {instant: true},
}

// Ordered reports whether what one request owes to one receiver has to be sent in order with it.
func (d Delivery) Ordered() bool { return d.RequestUUID != "" && d.URL != "" && d.Kind.Ordered() }

// Ordered reports whether what is of this kind keeps an order with others that are about its request.
func (k DeliveryKind) Ordered() bool { return !rulesOf[k].once }

// Signed reports whether what is of this kind goes to the backend with the signature of callbacks.
func (k DeliveryKind) Signed() bool { return rulesOf[k].signed }

// NamedByOthers reports whether others than the operator have named the URL: a device its push URL, a backend a webhook's.
func (k DeliveryKind) NamedByOthers() bool { return rulesOf[k].namedByOthers }

// Instant reports whether what is of this kind is sent at once, so that no worker has a part in it.
func (k DeliveryKind) Instant() bool { return rulesOf[k].instant }

// Event is what the log says when a delivery of this kind comes to a state: push_sent, callback_failed, webhook_retried.
func (k DeliveryKind) Event(state DeliveryState) EventType {
	word := string(state)
	if state == DeliveryPending {
		word = "retried"
	}
	return EventType(string(k) + "_" + word)
}

// Parcel is a delivery with all that is needed to write its content.
type Parcel struct {
	Delivery Delivery
	// RequestRecord is the approval request with the device that answered it, or the one to be pushed. For a webhook it has
	// what the event names: Application always, User, Request and Device perhaps.
	RequestRecord
	Content      DeliveryContent   // of a kind that has its own
	Webhook      Webhook           // of a webhook, as the next two
	Event        Event             // what happened
	Verification PhoneVerification // that the event names, if any
	Account      Account           // of an event to a webhook of the Verify API
}

// Obsolete says why nobody needs the delivery any more; it is empty while somebody does. A push is for pending requests and
// registered devices only, an event for webhooks that are there; a callback is always due to its backend.
func (p Parcel) Obsolete() string {
	if obsolete := rulesOf[p.Delivery.Kind].obsolete; obsolete != nil {
		return obsolete(p)
	}
	return ""
}

// Parcel returns a delivery, as it stands now, with what it is about.
func (s *Service) Parcel(ctx context.Context, deliveryID int64) (Parcel, error) {
	parcel, err := glance(ctx, s, func(r Reader) (p Parcel, err error) {
		if p.Delivery, err = r.Delivery(deliveryID); err != nil {
			return Parcel{}, err
		}
		if uuid := p.Delivery.RequestUUID; uuid != "" {
			var settled bool
			if p.Request, settled = s.recent.settled(uuid); !settled {
				p.Request, err = r.ApprovalRequest(uuid)
			}
		}
		if err == nil && p.Delivery.WebhookID != "" {
			err = p.readEvent(r)
		}
		if err == nil && rulesOf[p.Delivery.Kind].ownContent {
			p.Content, err = r.DeliveryContent(deliveryID)
		}
		return p, err
	})
	if err != nil {
		return Parcel{}, orRefuse(err, deliveryNotFound(deliveryID))
	}
	if parcel.Delivery.Kind == DeliveryVerifyEvent {
		if parcel.Account, err = s.Account(ctx); err != nil {
			return Parcel{}, err
		}
	}
	err = s.addParticipants(ctx, &parcel)
	return parcel, err
}

func (p *Parcel) readEvent(r Reader) (err error) {
	if p.Webhook, err = r.Webhook(p.Delivery.WebhookID); err != nil {
		return err
	}
	if p.Event, err = r.Event(p.Delivery.EventSequence); err != nil {
		return err
	}
	if uuid := p.Event.VerificationUUID; uuid != "" {
		p.Verification, err = r.PhoneVerification(uuid)
	}
	return err
}

// addParticipants adds those whom the request, the event and the delivery itself name.
func (s *Service) addParticipants(ctx context.Context, p *Parcel) (err error) {
	if p.Delivery.RequestUUID == "" {
		p.Application, err = s.application(ctx, p.Delivery.AppID)
	} else if p.Request, err = s.asItStands(ctx, p.Request); err == nil {
		p.RequestRecord, err = s.record(ctx, p.Request)
	}
	if authyID := p.Event.AuthyID; err == nil && authyID != 0 {
		p.User, err = s.user(ctx, p.Event.AppID, authyID)
	}
	for _, id := range []int64{p.Event.DeviceID, p.Delivery.DeviceID} {
		if err == nil && id != 0 {
			p.Device, err = s.device(ctx, id)
		}
	}
	return err
}

func obsoletePush(p Parcel) string {
	switch {
	case p.Device.Removed():
		return "not sent: the device was removed"
	case p.Request.Status != StatusPending:
		return "not sent: the approval request was " + string(p.Request.Status) + " already"
	default:
		return ""
	}
}

func obsoleteEvent(p Parcel) string {
	if p.Webhook.Removed() {
		return "not sent: the webhook was deleted"
	}
	return ""
}
