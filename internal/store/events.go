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

const eventColumns = `SELECT e.sequence, e.at, e.type, e.app_id, e.authy_id, e.device_id, COALESCE(r.uuid, ''),
	e.delivery_id, e.verification_uuid, e.note`

// ofRequest brings the approval request that an event is about.
const ofRequest = " LEFT JOIN approval_requests r ON r.number = e.request_number"

const selectEvents = eventColumns + " FROM events e" + ofRequest

func (r reader) Event(sequence int64) (onetouch.Event, error) {
	return one(r.connection, readEvent, selectEvents+" WHERE e.sequence = ?", sequence)
}

// Conditions of the indexes of what is rare among events.
const (
	isOfNoRequest = "e.request_number IS NULL AND e.authy_id > 0"
	isRareType    = `e.type NOT IN ('one_touch_request_created', 'one_touch_request_responded', 'push_sent', 'callback_sent')`
)

// Events merges one list for each index that leads to what the filter chooses. The last ones of a user or application are looked
// for among the last of all first.
func (r reader) Events(f onetouch.EventFilter) ([]onetouch.Event, error) {
	isOfSome := f.AuthyID != 0 || f.AppID != "" && !areRareTypes(f.Types)
	if !isOfSome || f.RequestUUID != "" || !f.Latest || f.Limit <= 0 || f.After > 0 {
		return r.eventsAlong(waysToEvents(f), f)
	}
	last, err := r.LastEvent()
	if err != nil {
		return nil, err
	}
	recent := f
	recent.After = max(0, last-recentRows)
	found, err := r.eventsAlong([]wayToEvents{{from: "events e"}}, recent)
	if err != nil || len(found) == f.Limit || recent.After == 0 {
		return found, err
	}
	ways := waysToEvents(f)
	if f.AuthyID == 0 {
		ways = waysToEventsOf(f.AppID)
	}
	return r.eventsAlong(ways, f)
}

func (r reader) eventsAlong(ways []wayToEvents, f onetouch.EventFilter) ([]onetouch.Event, error) {
	order := "sequence"
	if f.Latest {
		order += " DESC"
	}
	var query string
	var args []any
	if len(ways) == 1 {
		narrowed := ways[0].narrowed(f)
		query, args = selectEvents+narrowed.conditions+" ORDER BY e."+order+" LIMIT ?", narrowed.args
	} else {
		query, args = mergedEvents(f, ways, order)
	}
	events, err := list(r.connection, readEvent, query, append(args, limit(f.Limit))...)
	if f.Latest {
		slices.Reverse(events)
	}
	return events, err
}

// mergedEvents takes a page of each way, and of these the page.
func mergedEvents(f onetouch.EventFilter, ways []wayToEvents, order string) (query string, args []any) {
	var branches []string
	for _, way := range ways {
		narrowed := way.narrowed(f)
		branches = append(branches,
			"SELECT * FROM (SELECT e.sequence FROM "+way.from+narrowed.conditions+" ORDER BY e."+order+" LIMIT ?) AS page")
		args = append(args, narrowed.and(limit(f.Limit))...)
	}
	// CROSS JOIN: the page is looked up in the table, never the table in the page.
	return eventColumns + " FROM (" + strings.Join(branches, " UNION ALL ") + ") AS page CROSS JOIN events e" +
		ofRequest + " WHERE e.sequence = page.sequence ORDER BY page." + order + " LIMIT ?", args
}

// wayToEvents leads to events along an index.
type wayToEvents struct {
	from      string
	condition string
	args      []any
	byUser    bool // whether the condition has chosen the user, and likewise for the application
	byApp     bool
}

// waysToEvents lead to all events that a filter chooses. What comes after a number is few, so that those who follow walk along
// the log; so does who wants types that nearly all events have.
func waysToEvents(f onetouch.EventFilter) []wayToEvents {
	const events = "events e"
	switch {
	case f.RequestUUID != "":
		return []wayToEvents{{
			from: events, condition: "e.request_number = (SELECT number FROM approval_requests WHERE uuid = ?)",
			args: []any{f.RequestUUID},
		}}
	case f.After > 0:
		return []wayToEvents{{from: events}}
	case f.AuthyID != 0:
		return []wayToEvents{
			{
				from:      "approval_requests q CROSS JOIN events e",
				condition: "q.authy_id = ? AND e.request_number = q.number", args: []any{f.AuthyID},
			},
			{from: events, condition: isOfNoRequest + " AND e.authy_id = ?", args: []any{f.AuthyID}, byUser: true},
		}
	case areRareTypes(f.Types):
		return []wayToEvents{{from: events, condition: isRareType}}
	default:
		return []wayToEvents{{from: events}}
	}
}

// waysToEventsOf lead to all events of an application, and to those that are of none, but of the whole server.
func waysToEventsOf(appID string) []wayToEvents {
	return []wayToEvents{
		{
			from:      ownUsers + " CROSS JOIN approval_requests q CROSS JOIN events e",
			condition: "q.authy_id = owner AND e.request_number = q.number", args: []any{appID},
		},
		{from: "events e", condition: "e.request_number IS NULL AND e.app_id = ?", args: []any{appID}, byApp: true},
		{from: "events e", condition: "e.request_number IS NULL AND e.app_id = ''", byApp: true},
	}
}

func areRareTypes(types []onetouch.EventType) bool {
	usual := []onetouch.EventType{
		onetouch.EventRequestCreated, onetouch.EventRequestResponded, onetouch.EventPushSent, onetouch.EventCallbackSent,
	}
	return len(types) > 0 && !slices.ContainsFunc(types, func(t onetouch.EventType) bool { return slices.Contains(usual, t) })
}

// narrowed is all that a filter says, of events along the way.
func (w wayToEvents) narrowed(f onetouch.EventFilter) filter {
	var where filter
	if w.condition != "" {
		where.where(w.condition, w.args...)
	}
	where.where("e.sequence > ?", f.After)
	if f.AppID != "" && !w.byApp {
		where.where(column("e.app_id", false)+" IN (?, '')", f.AppID)
	}
	if f.AuthyID != 0 && !w.byUser {
		where.where("+e.authy_id = ?", f.AuthyID)
	}
	if len(f.Types) > 0 {
		types := make([]any, len(f.Types))
		for i, one := range f.Types {
			types[i] = string(one)
		}
		where.where("e.type IN (?"+strings.Repeat(", ?", len(types)-1)+")", types...)
	}
	return where
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
