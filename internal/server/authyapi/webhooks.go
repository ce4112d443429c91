package authyapi

import (
	"slices"

	"github.com/onetouchkit/onetouch/internal/authywire"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/route"
)

// Keys of the dashboard API: they are parameters, and the API signing key signs the whole call.
const (
	applicationKeyParameter = "app_api_key"
	accessKeyParameter      = "access_key"
)

func webhookEndpoints() []Endpoint {
	const path = "/dashboard/{format}/application/webhooks"
	keys := []Parameter{
		text(applicationKeyParameter, "the application's API key"), text(accessKeyParameter, "the application's access key"),
	}
	return []Endpoint{
		{
			Method: "POST", Path: path, Access: route.Manager, Does: "adds a webhook: a URL that is told of events",
			Parameters: slices.Concat(keys, with(onetouch.CodeWebhookInvalid,
				text("name", "what it is called"), text("url", "where events are posted"),
				parameter(Texts, "events", "names of events, such as user_added"),
			)),
			Source: "AuthyWebhook.Net, vendor documentation", handle: (*API).createWebhook,
		},
		{
			Method: "GET", Path: path, Access: route.Manager, Does: "lists the webhooks, oldest first", Parameters: keys,
			Source: "AuthyWebhook.Net", Ours: "the message", handle: (*API).listWebhooks,
		},
		{
			Method: "DELETE", Path: path + "/{id}", Access: route.Manager, Does: "ends a webhook", Parameters: keys,
			Source: "AuthyWebhook.Net", handle: (*API).deleteWebhook,
		},
		{
			Method: "DELETE", Path: path, Access: route.Manager, Does: "ends a webhook",
			Parameters: slices.Concat(keys, []Parameter{required(text("webhook_id", "which one"))}),
			Source:     "one client of the dashboard API", handle: (*API).deleteNamedWebhook,
		},
	}
}

// createWebhook: POST application/webhooks.
func (a *API) createWebhook(c *call) (authywire.Object, error) {
	events, err := c.texts("events")
	if err != nil {
		return nil, err
	}
	n := onetouch.NewWebhook{Name: c.text("name"), URL: c.text("url"), Events: events}
	webhook, err := a.service.CreateWebhook(c.Context(), c.app.ID, n)
	if err != nil {
		return nil, err
	}
	return authywire.Object{
		{Name: "webhook", Value: webhookOf(c.app, webhook)},
		{Name: "message", Value: "Webhook created"},
	}, nil
}

// Source of the members: the models of AuthyWebhook.Net.
func webhookOf(app onetouch.Application, w onetouch.Webhook) authywire.Object {
	events := authywire.Array{}
	for _, event := range w.Events {
		events = append(events, string(event))
	}
	return authywire.Object{
		{Name: "id", Value: w.ID},
		{Name: "name", Value: w.Name},
		{Name: "account_sid", Value: authywire.AccountSID(app)},
		{Name: "service_id", Value: app.ID},
		{Name: "url", Value: w.URL},
		{Name: "signing_key", Value: w.SigningKey},
		{Name: "events", Value: events},
		{Name: "creation_date", Value: wireTime(w.CreatedAt)},
	}
}

// listWebhooks: GET application/webhooks.
func (a *API) listWebhooks(c *call) (authywire.Object, error) {
	webhooks, err := a.service.Webhooks(c.Context(), c.app.ID)
	if err != nil {
		return nil, err
	}
	list := authywire.Array{}
	for _, webhook := range webhooks {
		list = append(list, webhookOf(c.app, webhook))
	}
	return authywire.Object{{Name: "webhooks", Value: list}, {Name: "message", Value: "Webhooks"}}, nil
}

// deleteWebhook: DELETE application/webhooks/{id}.
func (a *API) deleteWebhook(c *call) (authywire.Object, error) {
	return a.endWebhook(c, c.PathValue("id"))
}

// deleteNamedWebhook: DELETE application/webhooks.
func (a *API) deleteNamedWebhook(c *call) (authywire.Object, error) {
	return a.endWebhook(c, c.text("webhook_id"))
}

func (a *API) endWebhook(c *call, id string) (authywire.Object, error) {
	if err := a.service.DeleteWebhook(c.Context(), c.app.ID, id); err != nil {
		return nil, err
	}
	return said("Webhook deleted"), nil
}
