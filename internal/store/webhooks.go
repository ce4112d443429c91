package store

import (
	"fmt"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

const selectWebhooks = "SELECT id, app_id, name, url, signing_key, created_at, removed_at, api, disabled, version, " +
	"updated_at, events FROM webhooks"

func readWebhook(r *row) onetouch.Webhook {
	w := onetouch.Webhook{
		ID: r.text(), AppID: r.text(), Name: r.text(), URL: r.text(), SigningKey: r.text(), CreatedAt: r.time(),
		RemovedAt: r.time(), API: onetouch.API(r.text()), Disabled: r.boolean(), Version: r.text(), UpdatedAt: r.time(),
	}
	r.json(&w.Events)
	return w
}

func (r reader) Webhook(id string) (onetouch.Webhook, error) {
	return one(r.connection, readWebhook, selectWebhooks+" WHERE id = ?", id)
}

func (r reader) Webhooks(appID string) ([]onetouch.Webhook, error) {
	return list(r.connection, readWebhook, selectWebhooks+" WHERE app_id = ? AND removed_at = 0 ORDER BY created_at, id",
		appID)
}

func (t transaction) InsertWebhook(w onetouch.Webhook) error {
	events, err := jsonText(w.Events)
	if err != nil {
		return fmt.Errorf("writing webhook %s: %w", w.ID, err)
	}
	return t.execOne(`INSERT INTO webhooks (id, app_id, name, url, signing_key, events, created_at, removed_at, api, disabled,
		version, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		w.ID, w.AppID, w.Name, w.URL, w.SigningKey, events, micros(w.CreatedAt), micros(w.RemovedAt),
		string(w.API), w.Disabled, w.Version, micros(w.UpdatedAt))
}

func (t transaction) UpdateWebhook(w onetouch.Webhook) error {
	events, err := jsonText(w.Events)
	if err != nil {
		return fmt.Errorf("writing webhook %s: %w", w.ID, err)
	}
	return t.execOne(`UPDATE webhooks SET name = ?, url = ?, events = ?, disabled = ?, version = ?, updated_at = ?,
		removed_at = ? WHERE id = ?`,
		w.Name, w.URL, events, w.Disabled, w.Version, micros(w.UpdatedAt), micros(w.RemovedAt), w.ID)
}
