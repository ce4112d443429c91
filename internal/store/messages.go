package store

import (
	"cmp"
	"slices"
	"strings"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// Messages merges two lists: texts, calls and e-mails, and the pushes among the deliveries. Each walks from its newest
// entry.
func (r reader) Messages(f onetouch.MessageFilter) ([]onetouch.Message, error) {
	var messages []onetouch.Message
	if f.Channel != onetouch.ChannelPush {
		told, err := r.told(f)
		if err != nil {
			return nil, err
		}
		messages = told
	}
	if f.To == "" && (f.Channel == "" || f.Channel == onetouch.ChannelPush) { // a push goes to neither phone nor address
		pushed, err := r.pushed(f)
		if err != nil {
			return nil, err
		}
		messages = append(messages, pushed...)
	}
	slices.SortFunc(messages, func(a, b onetouch.Message) int { return cmp.Compare(b.ID, a.ID) })
	if f.Limit > 0 && len(messages) > f.Limit {
		messages = messages[:f.Limit]
	}
	return messages, nil
}

// recipientFilter is the part of a filter that an index answers: to one phone number or address, or of one user.
func recipientFilter(table, to string, authyID int64) filter {
	var where filter
	switch {
	case to != "":
		where.where(table+".recipient = ?", to)
		if authyID != 0 {
			where.where("+"+table+".authy_id = ?", authyID)
		}
	case authyID != 0:
		where.where(table+".authy_id = ?", authyID)
	}
	return where
}

// since ends the walk, which begins at the newest row, at the first that is older. older chooses the rows of the walk in
// the table, which it calls o.
func (f *filter) since(alias, table string, older filter, time int64) {
	older.where("o.created_at < ?", time)
	f.where(alias+".id > COALESCE((SELECT o.id FROM "+table+" o"+older.conditions+" ORDER BY o.id DESC LIMIT 1), 0)",
		older.args...)
	f.where(alias+".created_at >= ?", time)
}

func (r reader) told(f onetouch.MessageFilter) ([]onetouch.Message, error) {
	where := recipientFilter("m", f.To, f.AuthyID)
	if f.AppID != "" {
		where.where(column("m.app_id", f.To == "" && f.AuthyID == 0)+" = ?", f.AppID)
	}
	if f.Channel != "" {
		where.where("m.channel = ?", string(f.Channel))
	}
	if f.After != 0 {
		where.where("m.id > ?", f.After)
	}
	if !f.Since.IsZero() {
		where.since("m", "messages", recipientFilter("o", f.To, f.AuthyID), micros(f.Since))
	}
	read := func(r *row) onetouch.Message {
		return onetouch.Message{
			ID: r.number(), AppID: r.text(), AuthyID: r.number(), Channel: onetouch.Channel(r.text()), To: r.text(),
			Body: r.text(), Code: r.text(), Locale: r.text(), VerificationUUID: r.text(), CreatedAt: r.time(),
		}
	}
	return list(r.connection, read,
		`SELECT m.id, m.app_id, m.authy_id, m.channel, m.recipient, m.body, m.code, m.locale, m.verification_uuid,
			m.created_at FROM messages m`+where.conditions+" ORDER BY m.id DESC LIMIT ?", where.and(limit(f.Limit))...)
}

// pushed lists pushes: those of a user as one list for each of their devices, those of an application among the last ones, or
// else by its users.
func (r reader) pushed(f onetouch.MessageFilter) ([]onetouch.Message, error) {
	if f.AuthyID == 0 && f.AppID != "" && f.Limit > 0 && f.Since.IsZero() { // a time ends the walk
		newest, err := r.newestDelivery()
		if err != nil {
			return nil, err
		}
		recent := f
		recent.After = max(f.After, newest-recentRows)
		found, err := r.pushedTo("deliveries d", []filter{{}}, recent)
		if err != nil || len(found) == f.Limit || recent.After == f.After {
			return found, err
		}
		own := filter{args: []any{f.AppID}}
		own.where("o.authy_id = owner AND d.device_id = o.id")
		return r.pushedTo(ownUsers+" CROSS JOIN devices o CROSS JOIN deliveries d", []filter{own}, f)
	}
	branches := []filter{{}}
	if f.AuthyID != 0 {
		devices, err := list(r.connection, scalar, "SELECT id FROM devices WHERE authy_id = ?", f.AuthyID)
		if err != nil || len(devices) == 0 {
			return nil, err
		}
		branches = branches[:0]
		for _, device := range devices {
			var branch filter
			branch.where("d.device_id = ?", device)
			branches = append(branches, branch)
		}
	}
	return r.pushedTo("deliveries d", branches, f)
}

// pushedTo merges the pushes of branches.
func (r reader) pushedTo(from string, branches []filter, f onetouch.MessageFilter) ([]onetouch.Message, error) {
	var texts []string
	var args []any
	for _, branch := range branches {
		branch.pushes(f)
		texts = append(texts, "SELECT * FROM (SELECT d.id FROM "+from+branch.conditions+" ORDER BY d.id DESC LIMIT ?) AS page")
		args = append(args, branch.and(limit(f.Limit))...)
	}
	read := func(r *row) onetouch.Message {
		return onetouch.Message{
			Channel: onetouch.ChannelPush, ID: r.number(), AppID: r.text(), AuthyID: r.number(), To: r.text(), Body: r.text(),
			DeviceID: r.number(), RequestUUID: r.text(), CreatedAt: r.time(),
		}
	}
	return list(r.connection, read,
		`SELECT d.id, d.app_id, r.authy_id, v.uuid, r.message, d.device_id, r.uuid, d.created_at
			FROM (`+strings.Join(texts, " UNION ALL ")+`) AS page CROSS JOIN deliveries d CROSS JOIN approval_requests r
			CROSS JOIN devices v WHERE d.id = page.id AND r.number = d.request_number AND v.id = d.device_id`, args...)
}

// pushes narrows a branch to what the filter asks for.
func (f *filter) pushes(m onetouch.MessageFilter) {
	older := filter{conditions: strings.ReplaceAll(f.conditions, "d.", "o."), args: slices.Clone(f.args)}
	f.where("d.kind = 'push'")
	if m.AppID != "" {
		f.where("d.app_id = ?", m.AppID)
	}
	if m.After != 0 {
		f.where("d.id > ?", m.After)
	}
	if !m.Since.IsZero() {
		if older.conditions != "" {
			older.where("o.kind = 'push'")
		}
		f.since("d", "deliveries", older, micros(m.Since))
	}
}

func (r reader) CountMessages(c onetouch.MessageCount) (int, error) {
	where := recipientFilter("m", c.To, c.AuthyID)
	where.where(column("m.app_id", false)+" = ?", c.AppID)
	where.where("m.code <> ''")
	where.since("m", "messages", recipientFilter("o", c.To, c.AuthyID), micros(c.Since))
	number, err := one(r.connection, scalar, "SELECT COUNT(*) FROM messages m"+where.conditions, where.args...)
	return int(number), err
}

func (t transaction) InsertMessage(m onetouch.Message) error {
	return t.execOne(`INSERT INTO messages (id, app_id, authy_id, channel, recipient, body, code, locale, verification_uuid,
		created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		m.ID, m.AppID, m.AuthyID, string(m.Channel), m.To, m.Body, m.Code, m.Locale, m.VerificationUUID, micros(m.CreatedAt))
}
