package onetouch

import (
	"context"
	"encoding/hex"
	"slices"
	"strings"
)

// What webhooks of the Verify API can be told. Source: the documentation of Twilio's Verify webhooks.
const (
	AllVerifyEvents   EventType = "*"
	FactorCreated     EventType = "factor.created"
	FactorVerified    EventType = "factor.verified"
	FactorDeleted     EventType = "factor.deleted"
	ChallengeApproved EventType = "challenge.approved"
	ChallengeDenied   EventType = "challenge.denied"
)

// VerifyEvents lists them all.
func VerifyEvents() []EventType {
	return []EventType{AllVerifyEvents, FactorDeleted, FactorCreated, FactorVerified, ChallengeApproved, ChallengeDenied}
}

// Verify is what the Verify API calls the event; "" when it tells nobody of it.
func (e Event) Verify() EventType {
	switch {
	case e.Type == EventFactorCreated:
		return FactorCreated
	case e.Type == EventDeviceRegistered, e.Type == EventFactorVerified:
		return FactorVerified
	case e.Type == EventDeviceRemoved:
		return FactorDeleted
	case e.Type == EventRequestResponded && e.Note == string(StatusApproved):
		return ChallengeApproved
	case e.Type == EventRequestResponded && e.Note == string(StatusDenied):
		return ChallengeDenied
	default:
		return ""
	}
}

// VerifyWebhookSettings are what a backend says of a webhook of the Verify API.
type VerifyWebhookSettings struct {
	FriendlyName string
	URL          string
	Events       []string
	Status       string // enabled or disabled
	Version      string // v1 or v2
}

func (w *Webhook) applyVerify(n VerifyWebhookSettings) error {
	setNonZero(&w.Name, n.FriendlyName)
	setNonZero(&w.URL, n.URL)
	setNonZero(&w.Version, n.Version)
	if err := validLine("FriendlyName", w.Name, 1, maxWebhookName); err != nil {
		return err
	}
	if err := validHTTPURL("WebhookUrl", w.URL, "http://127.0.0.1:3000/webhook"); err != nil {
		return err
	}
	switch n.Status {
	case "":
	case "enabled", "disabled":
		w.Disabled = n.Status == "disabled"
	default:
		return InvalidParameter("Status", "must be enabled or disabled")
	}
	if w.Version != "v1" && w.Version != "v2" {
		return InvalidParameter("Version", "must be v1 or v2")
	}
	if len(n.Events) > 0 {
		w.Events = nil
	}
	for _, name := range n.Events {
		if !slices.Contains(VerifyEvents(), EventType(name)) {
			var known []string
			for _, event := range VerifyEvents() {
				known = append(known, string(event))
			}
			return InvalidParameter("EventTypes", "must be some of "+strings.Join(known, ", "))
		}
		if !slices.Contains(w.Events, EventType(name)) {
			w.Events = append(w.Events, EventType(name))
		}
	}
	if len(w.Events) == 0 {
		return InvalidParameter("EventTypes", "Parameter is required")
	}
	return nil
}

// CreateVerifyWebhook adds a webhook of the Verify API to the application.
func (s *Service) CreateVerifyWebhook(ctx context.Context, appID string, n VerifyWebhookSettings) (Webhook, error) {
	webhook := Webhook{AppID: appID, API: APIVerify, Version: "v2"}
	if err := webhook.applyVerify(n); err != nil {
		return Webhook{}, err
	}
	webhook.ID, webhook.SigningKey = "YW"+hex.EncodeToString(s.bytes(16)), s.secret()
	err := s.change(ctx, func(c *change) error {
		others, err := c.Webhooks(appID)
		if err != nil {
			return err
		}
		if len(others) >= maxWebhooks {
			return refuse(CodeWebhookInvalid, "Webhook could not be created: the service has %d already", maxWebhooks)
		}
		webhook.CreatedAt, webhook.UpdatedAt = c.now, c.now
		if err := c.InsertWebhook(webhook); err != nil {
			return err
		}
		return c.happened(Event{Type: EventWebhookCreated, AppID: appID, Note: webhook.ID})
	})
	return webhook, err
}

// VerifyWebhooks lists the webhooks of the Verify API of an application, oldest first.
func (s *Service) VerifyWebhooks(ctx context.Context, appID string) ([]Webhook, error) {
	return view(ctx, s, func(r Reader) ([]Webhook, error) { return webhooksOf(r, appID, APIVerify) })
}

// webhooksOf are an application's webhooks of one API.
func webhooksOf(r Reader, appID string, api API) ([]Webhook, error) {
	webhooks, err := r.Webhooks(appID)
	return slices.DeleteFunc(webhooks, func(w Webhook) bool { return w.API != api }), err
}

// VerifyWebhook is a webhook of the Verify API of an application.
func (s *Service) VerifyWebhook(ctx context.Context, appID, id string) (Webhook, error) {
	return view(ctx, s, func(r Reader) (Webhook, error) { return webhookOf(r, appID, id, APIVerify) })
}

func webhookOf(r Reader, appID, id string, api API) (Webhook, error) {
	unknown := refuse(CodeWebhookNotFound, "Webhook not found: %s", id)
	webhook, err := r.Webhook(id)
	if err != nil {
		return Webhook{}, orRefuse(err, unknown)
	}
	if webhook.AppID != appID || webhook.API != api || webhook.Removed() {
		return Webhook{}, unknown
	}
	return webhook, nil
}

// UpdateVerifyWebhook changes a webhook. Empty fields stay as they are.
func (s *Service) UpdateVerifyWebhook(ctx context.Context, appID, id string, n VerifyWebhookSettings) (Webhook, error) {
	var webhook Webhook
	err := s.change(ctx, func(c *change) (err error) {
		if webhook, err = webhookOf(c, appID, id, APIVerify); err != nil {
			return err
		}
		if err := webhook.applyVerify(n); err != nil {
			return err
		}
		webhook.UpdatedAt = c.now
		return c.UpdateWebhook(webhook)
	})
	return webhook, err
}

// DeleteVerifyWebhook ends a webhook of the Verify API. What it is owed already is given up.
func (s *Service) DeleteVerifyWebhook(ctx context.Context, appID, id string) error {
	return s.deleteWebhook(ctx, appID, id, APIVerify)
}
