package onetouch

import "context"

// Removed reports whether the application was deleted.
func (a Application) Removed() bool { return !a.RemovedAt.IsZero() }

// RemoveApplication deletes an application with its users and devices. What has happened in it stays in the log. The first
// one, for which the commands of this server speak, stays.
func (s *Service) RemoveApplication(ctx context.Context, id string) error {
	return s.change(ctx, func(c *change) error {
		apps, err := c.Applications()
		if err != nil {
			return err
		}
		app, err := applicationCalled(c, id)
		if err != nil {
			return err
		}
		if apps[0].ID == app.ID {
			return refuse(CodeApplicationNeeded, "Application %s stays: it is the first, for which the commands of this server speak.",
				app.Name)
		}
		users, err := c.Users(UserFilter{AppID: app.ID})
		if err != nil {
			return err
		}
		for _, user := range users {
			if err := c.removeUser(user); err != nil {
				return err
			}
		}
		webhooks, err := c.Webhooks(app.ID)
		if err != nil {
			return err
		}
		for _, webhook := range webhooks {
			webhook.RemovedAt = c.now
			if err := c.UpdateWebhook(webhook); err != nil {
				return err
			}
		}
		app.APIKey, app.AlternativeAPIKey = "removed:"+app.ID, "" // whoever has them is nobody any more
		app.RemovedAt, app.UpdatedAt = c.now, c.now
		if err := c.UpdateApplication(app); err != nil {
			return err
		}
		return c.happened(Event{Type: EventApplicationRemoved, AppID: app.ID, Note: app.Name})
	})
}
