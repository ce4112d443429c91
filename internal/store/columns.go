package store

import (
	"encoding/json"
	"math"
	"time"
)

// micros is a time as it is stored. The zero time is 0.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// moment is the time that micros stored.
func moment(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}

// jsonText and readJSON ask a value that knows its own JSON, as details do, without encoding/json between: that would check
// once more what comes and goes.
func jsonText(value any) (string, error) {
	if own, ok := value.(json.Marshaler); ok {
		text, err := own.MarshalJSON()
		return string(text), err
	}
	text, err := json.Marshal(value)
	return string(text), err
}

func readJSON(text []byte, value any) error {
	if own, ok := value.(json.Unmarshaler); ok {
		return own.UnmarshalJSON(text)
	}
	return json.Unmarshal(text, value)
}

// limit is what LIMIT takes: no limit is a number that no list reaches.
func limit(n int) int64 {
	if n <= 0 {
		return math.MaxInt64
	}
	return int64(n)
}

// ownUsers are those of an application, by whom what is theirs is found.
const ownUsers = "(SELECT authy_id AS owner FROM users WHERE app_id = ?) AS own"

// recentRows is among how many of the last rows is looked first for those of an application.
const recentRows = 2000

// filter gathers the conditions of a list and their arguments. They are and-ed.
type filter struct {
	conditions string
	args       []any
}

func (f *filter) where(condition string, args ...any) {
	if f.conditions == "" {
		f.conditions = " WHERE " + condition
	} else {
		f.conditions += " AND " + condition
	}
	f.args = append(f.args, args...)
}

// column is a column of text, of which an index is to be used or not: that of something else is better, as the planners cannot
// know.
func column(name string, indexed bool) string {
	if indexed {
		return name
	}
	return name + " || ''"
}

func (f *filter) and(args ...any) []any { return append(f.args, args...) }
