package device_test

import (
	"context"
	"errors"
	"testing"

	"github.com/onetouchkit/onetouch/pkg/device"
)

var errEnough = errors.New("heard enough")

// hear returns the next pushes of a device, after which it stops listening.
func hear(t testing.TB, d *device.Device, count int, options ...device.StreamOption) []device.Push {
	t.Helper()
	var heard []device.Push
	err := d.Pushes(shortContext(t), func(_ context.Context, push device.Push) error {
		heard = append(heard, push)
		if len(heard) == count {
			return errEnough
		}
		return nil
	}, options...)
	if !errors.Is(err, errEnough) {
		t.Fatalf("heard %d of %d pushes: %v", len(heard), count, err)
	}
	return heard
}

func hearOne(t testing.TB, d *device.Device) device.Push {
	t.Helper()
	return hear(t, d, 1)[0]
}
