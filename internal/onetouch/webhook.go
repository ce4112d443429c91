package onetouch

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Webhook is a URL that is told of events of one application. Each event it wants is a [Delivery] of kind
// [DeliveryWebhook]: a POST of a JWT that is signed with the webhook's own key.
type Webhook struct {
	ID         string // "WH_" and a UUID
	AppID      string
	Name       string
	URL        string
	SigningKey string
	Events     []EventType
	CreatedAt  time.Time
	RemovedAt  time.Time // zero while it is there
	API        API       // whose it is: each has a form of its own
	Disabled   bool      // is told nothing; of the Verify API only, as is Version
	Version    string
	UpdatedAt  time.Time // likewise
}

// Removed reports whether the webhook was deleted.
func (w Webhook) Removed() bool { return !w.RemovedAt.IsZero() }

// NewWebhook is what a backend asks for.
type NewWebhook struct {
	Name   string
	URL    string
	Events []string
}

const (
	maxWebhookName = 200
	maxWebhooks    = 100 // of one application
)

// webhook checks what the backend wrote. Every refusal is that the webhook cannot be created (60098), as its code's name
// says; which words go with it is not on record.
func (n NewWebhook) webhook() (Webhook, error) {
	w := Webhook{Name: n.Name, URL: n.URL}
	err := validLine("name", n.Name, 1, maxWebhookName)
	if err == nil {
		err = validLine("url", n.URL, 1, maxURL)
	}
	if err == nil {
		err = validHTTPURL("url", n.URL, "http://127.0.0.1:3000/webhook")
	}
	if err == nil && len(n.Events) == 0 {
		err = InvalidParameter("events", "Parameter is required")
	}
	if err != nil {
		return Webhook{}, withCode(CodeWebhookInvalid, err)
	}
	for _, name := range n.Events {
		event := EventType(name)
		if !slices.Contains(WebhookEvents(), event) {
			return Webhook{}, InvalidParameter("events", strconv.Quote(name)+" is not an event of webhooks").With(CodeWebhookInvalid)
		}
		if !slices.Contains(w.Events, event) {
			w.Events = append(w.Events, event)
		}
	}
	return w, nil
}

// CreateWebhook adds a webhook to the application.
func (s *Service) CreateWebhook(ctx context.Context, appID string, n NewWebhook) (Webhook, error) {
	webhook, err := n.webhook()
	if err != nil {
		return Webhook{}, err
	}
	err = s.change(ctx, func(c *change) error {
		webhook, err = s.createWebhook(c, appID, webhook)
		return err
	})
	return webhook, err
}

// createWebhook adds a webhook that was checked.
func (s *Service) createWebhook(c *change, appID string, webhook Webhook) (Webhook, error) {
	others, err := c.Webhooks(appID)
	if err != nil {
		return webhook, err
	}
	if len(others) >= maxWebhooks {
		return webhook, refuse(CodeWebhookInvalid, "Webhook could not be created: the application has %d already.", maxWebhooks)
	}
	webhook.ID, webhook.AppID, webhook.SigningKey, webhook.CreatedAt = "WH_"+s.uuid(), appID, s.secret(), c.now
	if err := c.InsertWebhook(webhook); err != nil {
		return webhook, err
	}
	return webhook, c.happened(Event{Type: EventWebhookCreated, AppID: appID, Note: webhook.ID})
}

// Webhooks lists the webhooks of an application, oldest first.
func (s *Service) Webhooks(ctx context.Context, appID string) ([]Webhook, error) {
	return view(ctx, s, func(r Reader) ([]Webhook, error) { return webhooksOf(r, appID, APIAuthy) })
}

// DeleteWebhook ends a webhook of the application. What it is owed already is given up.
func (s *Service) DeleteWebhook(ctx context.Context, appID, id string) error {
	return s.deleteWebhook(ctx, appID, id, APIAuthy)
}

func (s *Service) deleteWebhook(ctx context.Context, appID, id string, api API) error {
	return s.change(ctx, func(c *change) error {
		webhook, err := webhookOf(c, appID, id, api)
		if err != nil {
			return err
		}
		webhook.RemovedAt = c.now
		if err := c.UpdateWebhook(webhook); err != nil {
			return err
		}
		return c.happened(Event{Type: EventWebhookDeleted, AppID: appID, Note: id})
	})
}

// oweWebhooks makes the event owed to the webhooks that want it. Most events are none that a webhook can want, and cost
// no look at the store.
func (c *change) oweWebhooks(e Event) error {
	if e.AppID == "" || e.Verify() == "" && !slices.Contains(WebhookEvents(), e.Type) {
		return nil
	}
	webhooks, err := c.Webhooks(e.AppID)
	if err != nil {
		return err
	}
	for _, webhook := range webhooks {
		if !webhook.wants(e) {
			continue
		}
		kind := DeliveryWebhook
		if webhook.API == APIVerify {
			kind = DeliveryVerifyEvent
		}
		err := c.owe(Delivery{
			AppID: e.AppID, Kind: kind, RequestUUID: e.RequestUUID, WebhookID: webhook.ID,
			EventSequence: e.Sequence, Method: MethodPost, URL: webhook.URL,
		}, Device{})
		if err != nil {
			return fmt.Errorf("owing event %d to webhook %s: %w", e.Sequence, webhook.ID, err)
		}
	}
	return nil
}

// wants reports whether the webhook is told of an event. Each API has names of its own for events.
func (w Webhook) wants(e Event) bool {
	if w.API == APIAuthy {
		return slices.Contains(w.Events, e.Type)
	}
	name := e.Verify()
	return name != "" && !w.Disabled && (slices.Contains(w.Events, name) || slices.Contains(w.Events, AllVerifyEvents))
}
