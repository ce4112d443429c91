package store

import (
	"fmt"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

func readActivity(r *row) onetouch.Activity {
	a := onetouch.Activity{
		ID: r.number(), AppID: r.text(), AuthyID: r.number(), Type: onetouch.ActivityType(r.text()), UserIP: r.text(),
		CreatedAt: r.time(),
	}
	r.json(&a.Data)
	return a
}

func (r reader) Activities(f onetouch.ActivityFilter) ([]onetouch.Activity, error) {
	var where filter
	if f.AuthyID != 0 {
		where.where("authy_id = ?", f.AuthyID)
	}
	if f.AppID != "" {
		where.where(column("app_id", f.AuthyID == 0)+" = ?", f.AppID)
	}
	return list(r.connection, readActivity,
		"SELECT id, app_id, authy_id, type, user_ip, created_at, data FROM activities"+where.conditions+
			" ORDER BY id DESC LIMIT ?", where.and(limit(f.Limit))...)
}

func (t transaction) InsertActivity(a *onetouch.Activity) error {
	data, err := jsonText(a.Data)
	if err != nil {
		return fmt.Errorf("writing an activity of user %d: %w", a.AuthyID, err)
	}
	a.ID, err = t.insert("id",
		`INSERT INTO activities (app_id, authy_id, type, data, user_ip, created_at) VALUES (?, ?, ?, ?, ?, ?)`,
		a.AppID, a.AuthyID, string(a.Type), data, a.UserIP, micros(a.CreatedAt))
	return err
}
