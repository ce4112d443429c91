package phone

import (
	"context"
	"fmt"

	"github.com/onetouchkit/onetouch/internal/policy"
	"github.com/onetouchkit/onetouch/pkg/approval"
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

// LeftOf are the requests that a policy, set now, leaves to a person: those that are pending.
func LeftOf(ctx context.Context, d *device.Device) (device.Left, error) {
	pending := device.Query{Statuses: []approval.Status{approval.Pending}, Limit: 1}
	newest, err := d.ApprovalRequests(ctx, pending)
	if err != nil || len(newest) == 0 {
		return device.Left{}, err
	}
	left := device.Left{Until: newest[0].CreationDate.Unix()}
	pending.Since, pending.Until, pending.Limit = newest[0].CreationDate, newest[0].CreationDate, 0
	ofThatSecond, err := d.ApprovalRequests(ctx, pending)
	for _, request := range ofThatSecond {
		left.UUIDs = append(left.UUIDs, request.UUID)
	}
	return left, err
}
