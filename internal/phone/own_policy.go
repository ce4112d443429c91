package phone

import (
	"fmt"

	"github.com/onetouchkit/onetouch/internal/policy"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// PolicyOf is the policy that a device has of its own; nil for none.
func PolicyOf(c device.Credentials) (*policy.Policy, error) {
	if c.Policy.IsZero() {
		return nil, nil
	}
	own, err := policy.Parse(c.Policy.When, c.Policy.Auto)
	if err != nil {
		return nil, fmt.Errorf("the policy of device %d: %w", c.DeviceID, err)
	}
	return own, nil
}
