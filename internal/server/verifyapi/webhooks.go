package verifyapi

import (
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/verifywire"
)

const webhookParameters = "FriendlyName EventTypes WebhookUrl Status Version"

type webhook struct {
	SID           string               `json:"sid"`
	ServiceSID    string               `json:"service_sid"`
	AccountSID    string               `json:"account_sid"`
	FriendlyName  string               `json:"friendly_name"`
	EventTypes    []onetouch.EventType `json:"event_types"`
	Status        string               `json:"status"`
	Version       string               `json:"version"`
	WebhookURL    string               `json:"webhook_url"`
	WebhookMethod string               `json:"webhook_method"`
	DateCreated   any                  `json:"date_created"`
	DateUpdated   any                  `json:"date_updated"`
	URL           string               `json:"url"`
}

func (c *call) webhookOf(w onetouch.Webhook) any {
	status := "enabled"
	if w.Disabled {
		status = "disabled"
	}
	return webhook{
		SID: w.ID, ServiceSID: c.serviceSID(), AccountSID: c.account.SID, FriendlyName: w.Name, EventTypes: w.Events,
		Status: status, Version: w.Version, WebhookURL: w.URL, WebhookMethod: "POST",
		DateCreated: verifywire.Date(w.CreatedAt), DateUpdated: verifywire.Date(w.UpdatedAt),
		URL: c.url("Services", c.serviceSID(), "Webhooks", w.ID),
	}
}

func (c *call) webhookSettings() onetouch.VerifyWebhookSettings {
	return onetouch.VerifyWebhookSettings{
		FriendlyName: c.form.Get("FriendlyName"), URL: c.form.Get("WebhookUrl"), Events: c.form["EventTypes"],
		Status: c.form.Get("Status"), Version: c.form.Get("Version"),
	}
}

func createWebhook(c *call) (answer, error) {
	made, err := c.service.CreateVerifyWebhook(c.Context(), c.app.ID, c.webhookSettings())
	if err != nil {
		return answer{}, err
	}
	return created(c.webhookOf(made)), nil
}

func listWebhooks(c *call) (answer, error) {
	webhooks, err := c.service.VerifyWebhooks(c.Context(), c.app.ID)
	if err != nil {
		return answer{}, err
	}
	return page(c, short("webhooks", webhooks, func(w onetouch.Webhook) string { return w.ID }, c.webhookOf))
}

func fetchWebhook(c *call) (answer, error) {
	found, err := c.service.VerifyWebhook(c.Context(), c.app.ID, c.PathValue("sid"))
	if err != nil {
		return answer{}, err
	}
	return ok(c.webhookOf(found)), nil
}

func updateWebhook(c *call) (answer, error) {
	updated, err := c.service.UpdateVerifyWebhook(c.Context(), c.app.ID, c.PathValue("sid"), c.webhookSettings())
	if err != nil {
		return answer{}, err
	}
	return ok(c.webhookOf(updated)), nil
}

func deleteWebhook(c *call) (answer, error) {
	return gone(), c.service.DeleteVerifyWebhook(c.Context(), c.app.ID, c.PathValue("sid"))
}
