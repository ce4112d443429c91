package store

import (
	"slices"
	"strings"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// history is how a kind of record is read and removed. The columns are number, UUID, beginning, three times of which the last
// one counts, and whether the record is open.
type history struct {
	columns, from, key string
	// remove are the statements that remove records by their numbers, the last of which says how many there were.
	remove []removal
}

// removal is a statement before a list of numbers.
type removal struct {
	statement string
	end       string
	count     func(*onetouch.Removed) *int // nil: what it removes is not counted
}

func historyOf(kind onetouch.HistoryKind) history {
	switch kind {
	case onetouch.HistoryRequests:
		return requestHistory()
	case onetouch.HistoryDeliveries:
		return deliveryHistory()
	case onetouch.HistoryEvents:
		return eventHistory()
	case onetouch.HistoryPasswords:
		return plainHistory("one_time_passwords", "'', created_at, created_at, expires_at, used_at",
			func(r *onetouch.Removed) *int { return &r.Passwords })
	case onetouch.HistoryVerifications:
		return plainHistory("phone_verifications", "uuid, created_at, created_at, expires_at, verified_at",
			func(r *onetouch.Removed) *int { return &r.Verifications })
	case onetouch.HistoryActivities:
		return plainHistory("activities", "'', created_at, created_at, 0, 0",
			func(r *onetouch.Removed) *int { return &r.Activities })
	default:
		panic("a kind of history that has no table")
	}
}

// plainHistory is of a table that nothing refers to.
func plainHistory(table, columns string, count func(*onetouch.Removed) *int) history {
	return history{
		columns: "id, " + columns + ", 0", from: table, key: "id",
		remove: []removal{{"DELETE FROM " + table + " WHERE id IN ", "", count}},
	}
}

func requestHistory() history {
	return history{
		columns: `r.number, r.uuid, r.created_at, r.updated_at, r.processed_at,
			COALESCE((SELECT MAX(e.at) FROM events e WHERE e.request_number = r.number), 0),
			r.status = 'pending' OR EXISTS (SELECT 1 FROM deliveries d WHERE d.request_number = r.number AND ` + scheduled + `)`,
		from: "approval_requests r", key: "r.number",
		remove: slices.Concat(
			ofDeliveries("(SELECT id FROM deliveries WHERE request_number IN ", ")"),
			[]removal{
				{"DELETE FROM deliveries WHERE request_number IN ", "", countDeliveries},
				{"DELETE FROM events WHERE request_number IN ", "", countEvents},
				{"DELETE FROM approval_requests WHERE number IN ", "", func(r *onetouch.Removed) *int { return &r.Requests }},
			}),
	}
}

// deliveryHistory has those that are about a request go with it, and those that were sent again after the later one.
func deliveryHistory() history {
	return history{
		columns: `d.id, '', d.created_at, d.created_at, d.finished_at, 0, d.request_number IS NOT NULL OR (` + scheduled + `)
			OR EXISTS (SELECT 1 FROM delivery_contents c WHERE c.replay_of = d.id)`,
		from: "deliveries d", key: "d.id",
		remove: append(ofDeliveries("", ""), removal{"DELETE FROM deliveries WHERE id IN ", "", countDeliveries}),
	}
}

// eventHistory has those that are about a request go with it, and those that a webhook is told of after that.
func eventHistory() history {
	return history{
		columns: `e.sequence, '', e.at, e.at, 0, 0, e.request_number IS NOT NULL
			OR EXISTS (SELECT 1 FROM deliveries d WHERE d.event_sequence = e.sequence)`,
		from: "events e", key: "e.sequence",
		remove: []removal{{"DELETE FROM events WHERE sequence IN ", "", countEvents}},
	}
}

// ofDeliveries removes what belongs to deliveries, whose numbers are between before and after.
func ofDeliveries(before, after string) []removal {
	return []removal{
		{"DELETE FROM messages WHERE id IN " + before, after, nil},
		{"DELETE FROM attempts WHERE delivery_id IN " + before, after, nil},
		{"DELETE FROM delivery_contents WHERE delivery_id IN " + before, after, nil},
	}
}

func countDeliveries(r *onetouch.Removed) *int { return &r.Deliveries }

func countEvents(r *onetouch.Removed) *int { return &r.Events }

func readPast(r *row) onetouch.Past {
	p := onetouch.Past{Number: r.number(), UUID: r.text(), Began: r.time()}
	for range 3 {
		if at := r.time(); at.After(p.Latest) {
			p.Latest = at
		}
	}
	p.Open = r.boolean()
	return p
}

// History walks along the numbers, whatever stands between them.
func (r reader) History(kind onetouch.HistoryKind, f onetouch.HistoryFilter) ([]onetouch.Past, error) {
	of := historyOf(kind)
	query, args := "SELECT "+of.columns+" FROM "+of.from+" WHERE "+of.key, []any{f.After, limit(f.Limit)}
	if len(f.Numbers) > 0 {
		var numbers string
		numbers, args = numberList(f.Numbers)
		query += " IN " + numbers + " ORDER BY " + of.key
	} else {
		query += " > ? ORDER BY " + of.key + " LIMIT ?"
	}
	return list(r.connection, readPast, query, args...)
}

func (t transaction) RemoveHistory(kind onetouch.HistoryKind, numbers []int64) (onetouch.Removed, error) {
	var removed onetouch.Removed
	if len(numbers) == 0 {
		return removed, nil
	}
	if kind == onetouch.HistoryRequests || kind == onetouch.HistoryDeliveries {
		if err := t.keepDeliveryNumbers(0); err != nil {
			return removed, err
		}
	}
	listed, args := numberList(numbers)
	for _, one := range historyOf(kind).remove {
		changed, err := t.exec(one.statement+listed+one.end, args...)
		if err != nil {
			return removed, err
		}
		if one.count != nil {
			*one.count(&removed) += changed
		}
	}
	return removed, nil
}

// numberList is a list of parameters. It has one of few lengths, so that a query has few texts; no record has the number 0.
func numberList(numbers []int64) (text string, args []any) {
	const step = 20
	length := (len(numbers) + step - 1) / step * step
	args = make([]any, length)
	for i := range args {
		args[i] = int64(0)
		if i < len(numbers) {
			args[i] = numbers[i]
		}
	}
	return "(?" + strings.Repeat(", ?", length-1) + ")", args
}
