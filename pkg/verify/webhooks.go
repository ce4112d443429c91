package verify

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// Events that a webhook can be told of. Source: twilio-go, model of the webhook.
const (
	EventFactorCreated     = "factor.created"
	EventFactorVerified    = "factor.verified"
	EventFactorDeleted     = "factor.deleted"
	EventChallengeApproved = "challenge.approved"
	EventChallengeDenied   = "challenge.denied"
)

// Webhook is a URL that is told of events.
type Webhook struct {
	SID          string    `json:"sid"` // YW and 32 hexadecimal digits
	ServiceSID   string    `json:"service_sid"`
	AccountSID   string    `json:"account_sid"`
	FriendlyName string    `json:"friendly_name"`
	EventTypes   []string  `json:"event_types"`
	Status       string    `json:"status"` // enabled or disabled
	Version      string    `json:"version"`
	WebhookURL   string    `json:"webhook_url"`
	DateCreated  time.Time `json:"date_created"`
	DateUpdated  time.Time `json:"date_updated"`
	URL          string    `json:"url"`
}

func (w *Webhook) whole() bool { return w.SID != "" }

// NewWebhook says who is to be told of what.
type NewWebhook struct {
	FriendlyName string
	EventTypes   []string
	WebhookURL   string
}

// CreateWebhook has a URL told of events.
func (c *Client) CreateWebhook(ctx context.Context, serviceSID string, n NewWebhook) (Webhook, error) {
	parameters := url.Values{
		"FriendlyName": {n.FriendlyName}, "EventTypes": n.EventTypes, "WebhookUrl": {n.WebhookURL}, "Version": {"v2"},
	}
	var made Webhook
	err := c.ask(ctx, http.MethodPost, path("Services", serviceSID, "Webhooks"), parameters, &made)
	return made, err
}

// Webhooks lists the webhooks of a service.
func (c *Client) Webhooks(ctx context.Context, serviceSID string) ([]Webhook, error) {
	return listed[Webhook](ctx, c, path("Services", serviceSID, "Webhooks"), "webhooks", nil)
}

// DeleteWebhook ends a webhook.
func (c *Client) DeleteWebhook(ctx context.Context, serviceSID, sid string) error {
	return c.ask(ctx, http.MethodDelete, path("Services", serviceSID, "Webhooks", sid), nil, nil)
}
