package store

import (
	"errors"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

func readClockSetting(r *row) onetouch.ClockSetting {
	return onetouch.ClockSetting{FrozenAt: r.time(), Ahead: time.Duration(r.number()) * time.Microsecond}
}

func (r reader) ClockSetting() (onetouch.ClockSetting, error) {
	setting, err := one(r.connection, readClockSetting, "SELECT frozen_at, ahead FROM clock WHERE id = 1")
	if errors.Is(err, onetouch.ErrNotFound) {
		return onetouch.ClockSetting{}, nil
	}
	return setting, err
}

func (t transaction) SetClockSetting(s onetouch.ClockSetting) error {
	return t.execOne(`INSERT INTO clock (id, frozen_at, ahead) VALUES (1, ?, ?)
		ON CONFLICT (id) DO UPDATE SET frozen_at = excluded.frozen_at, ahead = excluded.ahead`,
		micros(s.FrozenAt), s.Ahead.Microseconds())
}
