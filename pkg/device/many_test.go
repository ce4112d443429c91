package device_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/onetouchkit/onetouch/pkg/device"
)

// Two hundred requests wait for one device: it hears of each once, lists them all, and answers each.
func TestManyPendingRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.newDevice()
	const count = 200
	for i := range count {
		w.ask(fmt.Sprint(i))
	}
	lists, err := d.ApprovalRequestLists(t.Context(), device.Query{})
	if err != nil || len(lists.Pending) != count {
		t.Fatalf("%d are pending, %v", len(lists.Pending), err)
	}
	answered := map[string]bool{}
	err = d.Pushes(shortContext(t), func(ctx context.Context, push device.Push) error {
		if answered[push.ApprovalRequestUUID] {
			t.Errorf("heard twice of %s", push.Alert)
		}
		request, err := d.ApprovalRequest(ctx, push.ApprovalRequestUUID)
		if err == nil {
			err = d.Approve(ctx, request)
		}
		if err != nil {
			return err
		}
		if answered[push.ApprovalRequestUUID] = true; len(answered) == count {
			return errEnough
		}
		return nil
	})
	if len(answered) != count {
		t.Errorf("answered %d of %d: %v", len(answered), count, err)
	}
	lists, err = d.ApprovalRequestLists(t.Context(), device.Query{})
	if err != nil || len(lists.Pending) != 0 || len(lists.Approved) != count {
		t.Errorf("%d are pending, %d approved, %v", len(lists.Pending), len(lists.Approved), err)
	}
}
