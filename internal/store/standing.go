package store

import (
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// Standing counts requests and deliveries by the indexes of those that wait, however long the history is; of all applications if
// none is named.
func (r reader) Standing(appID string, now time.Time) (onetouch.Standing, error) {
	read := func(r *row) onetouch.Standing {
		return onetouch.Standing{
			Users: int(r.number()), Devices: int(r.number()), Requests: int(r.number()), Owed: int(r.number()),
		}
	}
	query := `SELECT
		(SELECT COUNT(*) FROM users WHERE removed_at = 0` + ofApp("app_id", appID) + `),
		(SELECT COUNT(*) FROM devices WHERE removed_at = 0 AND factor_type = ''` + ofApp("app_id", appID) + `),
		(SELECT COUNT(*) FROM approval_requests WHERE ` + isOpen + ofApp("app_id", appID) + `),
		(SELECT COUNT(*) FROM deliveries d WHERE ` + scheduled + ` AND d.receiver > ''` + ofApp("d.app_id", appID) + `)`
	if appID == "" {
		return one(r.connection, read, query, micros(now))
	}
	return one(r.connection, read, query, appID, appID, micros(now), appID, appID)
}

// ofApp is the condition of an application, unless it is all of them.
func ofApp(name, appID string) string {
	if appID == "" {
		return ""
	}
	return " AND " + name + " = ?"
}
