package store

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

func readEvent(r *row) onetouch.Event {
	return onetouch.Event{
		Sequence: r.number(), At: r.time(), Type: onetouch.EventType(r.text()), AppID: r.text(), AuthyID: r.number(),
		DeviceID: r.number(), RequestUUID: r.text(), DeliveryID: r.number(), VerificationUUID: r.text(), Note: r.text(),
	}
}

const selectEvents = `SELECT e.sequence, e.at, e.type, e.app_id, e.authy_id, e.device_id, COALESCE(r.uuid, ''),
	e.delivery_id, e.verification_uuid, e.note
	FROM events e LEFT JOIN approval_requests r ON r.number = e.request_number`

func (r reader) Event(sequence int64) (onetouch.Event, error) {
	return one(r.connection, readEvent, selectEvents+" WHERE e.sequence = ?", sequence)
}

func (r reader) Events(f onetouch.EventFilter) ([]onetouch.Event, error) {
	var where filter
	where.where("e.sequence > ?", f.After)
	if f.AppID != "" {
		where.where("e.app_id IN (?, '')", f.AppID) // and what is of the whole server
	}
	if f.AuthyID != 0 {
		where.where("e.authy_id = ?", f.AuthyID)
	}
	if f.RequestUUID != "" {
		where.where("e.request_number = (SELECT number FROM approval_requests WHERE uuid = ?)", f.RequestUUID)
	}
	if len(f.Types) > 0 {
		types := make([]any, len(f.Types))
		for i, one := range f.Types {
			types[i] = string(one)
		}
		where.where("e.type IN (?"+strings.Repeat(", ?", len(types)-1)+")", types...)
	}
	order := " ORDER BY e.sequence LIMIT ?"
	if f.Latest {
		order = " ORDER BY e.sequence DESC LIMIT ?"
	}
	events, err := list(r.connection, readEvent, selectEvents+where.conditions+order, where.and(limit(f.Limit))...)
	if f.Latest {
		slices.Reverse(events)
	}
	return events, err
}

func (r reader) LastEvent() (int64, error) {
	return one(r.connection, scalar, `SELECT COALESCE(MAX(sequence), 0) FROM events`)
}

const insertEvent = `INSERT INTO events (at, type, app_id, authy_id, device_id, delivery_id, verification_uuid, note,
	request_number) `

func (t transaction) InsertEvent(e *onetouch.Event) (err error) {
	args := [...]any{
		micros(e.At), string(e.Type), e.AppID, e.AuthyID, e.DeviceID, e.DeliveryID, e.VerificationUUID, e.Note, e.RequestUUID,
	}
	if e.RequestUUID == "" {
		e.Sequence, err = t.insert("sequence", insertEvent+`VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)`, args[:len(args)-1]...)
		return err
	}
	e.Sequence, err = t.insert("sequence", insertEvent+`SELECT ?, ?, ?, ?, ?, ?, ?, ?, number FROM approval_requests WHERE uuid = ?`,
		args[:]...)
	if err != nil {
		err = fmt.Errorf("event %s of approval request %s: %w", e.Type, e.RequestUUID, err)
	}
	return err
}
