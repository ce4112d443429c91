package store

import (
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// Standing counts requests and deliveries by the indexes of those that wait, however long the history is.
func (r reader) Standing(appID string, now time.Time) (onetouch.Standing, error) {
	read := func(r *row) onetouch.Standing {
		return onetouch.Standing{
			Users: int(r.number()), Devices: int(r.number()), Requests: int(r.number()), Owed: int(r.number()),
		}
	}
	return one(r.connection, read, `SELECT
		(SELECT COUNT(*) FROM users WHERE app_id = ? AND removed_at = 0),
		(SELECT COUNT(*) FROM devices WHERE app_id = ? AND removed_at = 0 AND factor_type = ''),
		(SELECT COUNT(*) FROM approval_requests
			WHERE status = 'pending' AND (expires_at = 0 OR expires_at > ?) AND app_id = ?),
		(SELECT COUNT(*) FROM deliveries d WHERE `+scheduled+` AND d.app_id = ?)`,
		appID, appID, micros(now), appID, appID)
}
