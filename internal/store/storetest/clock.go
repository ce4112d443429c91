package storetest

import (
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

func clockSetting(t *testing.T, w *world) {
	same(t, "setting before the first", view(t, w, onetouch.Reader.ClockSetting), onetouch.ClockSetting{})
	for _, setting := range []onetouch.ClockSetting{{FrozenAt: start()}, {Ahead: -time.Hour}, {Ahead: 36 * time.Hour}, {}} {
		w.update(t, func(tx onetouch.Transaction) error { return tx.SetClockSetting(setting) })
		same(t, "setting", view(t, w, onetouch.Reader.ClockSetting), setting)
	}
}
