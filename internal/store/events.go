package store

import (
	"fmt"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

func readEvent(r row) (onetouch.Event, error) {
	var e onetouch.Event
	err := r.Scan(&e.Sequence, timeColumn{&e.At}, &e.Type, &e.AppID, &e.AuthyID, &e.DeviceID, &e.RequestUUID,
		&e.DeliveryID, &e.Note)
	return e, err
}

func (r reader) Events(f onetouch.EventFilter) ([]onetouch.Event, error) {
	var where filter
	where.where("e.sequence > ?", f.After)
	if f.RequestUUID != "" {
		where.where("e.request_number = (SELECT number FROM approval_requests WHERE uuid = ?)", f.RequestUUID)
	}
	return list(r.connection, readEvent,
		`SELECT e.sequence, e.at, e.type, e.app_id, e.authy_id, e.device_id, COALESCE(r.uuid, ''), e.delivery_id, e.note
			FROM events e LEFT JOIN approval_requests r ON r.number = e.request_number`+where.conditions+
			` ORDER BY e.sequence LIMIT ?`,
		where.and(limit(f.Limit))...)
}

func (r reader) LastEvent() (int64, error) {
	return one(r.connection, scalar[int64], `SELECT COALESCE(MAX(sequence), 0) FROM events`)
}

func (t transaction) InsertEvent(e *onetouch.Event) error {
	var known bool
	read := func(r row) (sequence int64, err error) {
		err = r.Scan(&sequence, &known)
		return sequence, err
	}
	sequence, err := one(t.connection, read,
		`INSERT INTO events (at, type, app_id, authy_id, device_id, request_number, delivery_id, note)
			VALUES (?, ?, ?, ?, ?, (SELECT number FROM approval_requests WHERE uuid = ?), ?, ?)
			RETURNING sequence, request_number IS NOT NULL`,
		micros(e.At), string(e.Type), e.AppID, e.AuthyID, e.DeviceID, e.RequestUUID, e.DeliveryID, e.Note)
	if err == nil && e.RequestUUID != "" && !known {
		err = fmt.Errorf("event %s of approval request %s: %w", e.Type, e.RequestUUID, onetouch.ErrNotFound)
	}
	e.Sequence = sequence
	return err
}
