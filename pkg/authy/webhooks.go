package authy

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/onetouchkit/onetouch/pkg/callback"
)

// WithAccessKey lets the client call the dashboard API, which manages webhooks. The access key is sent; the API signing key
// signs what is sent and stays here.
func WithAccessKey(accessKey, apiSigningKey string) Option {
	return func(c *Client) { c.accessKey, c.signingKey = accessKey, apiSigningKey }
}

// NewWebhook asks for a message to a URL whenever one of the events happens.
type NewWebhook struct {
	Name   string
	URL    string
	Events []string // such as user_added, one_touch_request_responded
}

// Webhook is a URL that is told of events. Each message is a JWT that is signed by the signing key (HS256).
type Webhook struct {
	ID         string // WH_ and a UUID
	Name       string
	URL        string
	SigningKey string
	Events     []string
	AccountSID string
	ServiceID  string
	CreatedAt  time.Time // zero when the service does not say
}

// Format prints the webhook without its signing key, whatever the verb.
func (w Webhook) Format(out fmt.State, _ rune) {
	_, _ = fmt.Fprintf(out, "authy.Webhook(%s %s)", w.ID, w.URL)
}

// webhooksPath is a collection; one webhook is below it.
const webhooksPath = "/dashboard/json/application/webhooks"

// CreateWebhook adds a webhook to the application. It fails with [ErrWebhookInvalid] when its URL or events are wrong, and
// with [ErrAccessKey] or [ErrSignature] when the keys of [WithAccessKey] are.
func (c *Client) CreateWebhook(ctx context.Context, n NewWebhook) (Webhook, error) {
	var parameters form
	parameters.add("name", n.Name)
	parameters.add("url", n.URL)
	for _, event := range n.Events {
		parameters.add("events[]", event)
	}
	var answer createdWebhook
	err := c.askSigned(ctx, "POST", webhooksPath, parameters, &answer)
	return answer.Webhook.webhook(), err
}

// Webhooks lists the webhooks of the application. It fails as [Client.CreateWebhook] does.
func (c *Client) Webhooks(ctx context.Context) ([]Webhook, error) {
	var answer listedWebhooks
	if err := c.askSigned(ctx, "GET", webhooksPath, nil, &answer); err != nil {
		return nil, err
	}
	webhooks := make([]Webhook, len(answer.Webhooks))
	for i, w := range answer.Webhooks {
		webhooks[i] = w.webhook()
	}
	return webhooks, nil
}

// DeleteWebhook ends a webhook. It fails with [ErrWebhookNotFound] when the application has no such webhook.
func (c *Client) DeleteWebhook(ctx context.Context, id string) error {
	if id == "" {
		return fmt.Errorf("%w: it has no ID", ErrWebhookNotFound)
	}
	return c.askSigned(ctx, "DELETE", webhooksPath+"/"+url.PathEscape(id), nil, &done{})
}

// askSigned makes a call of the dashboard API. The signature covers the URL and all parameters; the nonce is the time.
func (c *Client) askSigned(ctx context.Context, method, path string, parameters form, result answer) error {
	if c.accessKey == "" || c.signingKey == "" {
		return fmt.Errorf("%w: the client was made without one, see WithAccessKey", ErrAccessKey)
	}
	parameters.add("app_api_key", c.apiKey)
	parameters.add("access_key", c.accessKey)
	nonce := strconv.FormatInt(time.Now().UnixNano(), 10)
	signature, err := callback.SignQuery(c.signingKey, nonce, method, c.base+path, string(parameters))
	if err != nil {
		return fmt.Errorf("signing a call of the dashboard API: %w", err)
	}
	return c.askWith(ctx, method, path, parameters, result, map[string]string{
		callback.SignatureHeader: signature, callback.NonceHeader: nonce,
	})
}

type createdWebhook struct {
	Webhook wireWebhook `json:"webhook"`
}

func (w *createdWebhook) whole() bool { return w.Webhook.ID != "" && w.Webhook.SigningKey != "" }

type listedWebhooks struct {
	Webhooks []wireWebhook `json:"webhooks"`
}

func (w *listedWebhooks) whole() bool { return w.Webhooks != nil }

type wireWebhook struct {
	ID           string   `json:"id"`
	Name         string   `json:"name"`
	URL          string   `json:"url"`
	SigningKey   string   `json:"signing_key"`
	Events       []string `json:"events"`
	AccountSID   string   `json:"account_sid"`
	ServiceID    text     `json:"service_id"`
	CreationDate moment   `json:"creation_date"`
}

func (w wireWebhook) webhook() Webhook {
	return Webhook{
		ID: w.ID, Name: w.Name, URL: w.URL, SigningKey: w.SigningKey, Events: w.Events, AccountSID: w.AccountSID,
		ServiceID: string(w.ServiceID), CreatedAt: w.CreationDate.Time,
	}
}
