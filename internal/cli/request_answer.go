package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// requestAnswerOptions are those of approve and deny.
type requestAnswerOptions struct {
	tools
	status   onetouch.Status // approved or denied
	uuid     string
	deviceID int64
	reason   string
}

// addAnsweringFlags adds what approve and deny have in common.
func addAnsweringFlags(f *Factory, cmd *cobra.Command, o *requestAnswerOptions) {
	cmd.Args = takeUUID(&o.uuid)
	cmd.ValidArgsFunction = f.completeFirst(pendingUUIDs)
	cmd.Flags().Var(idFlag{&o.deviceID, aDeviceID}, "device",
		"`ID` of the phone to answer with (default the user's first one in this workspace)")
	o.answer = addAnswerFlags(cmd, controlapi.ApprovalRequest{}, "the UUID")
	completes(cmd, "device", f.completeFlag(deviceIDs))
}

func requestAnswerRun(ctx context.Context, o *requestAnswerOptions, c *Connection) error {
	request, err := c.request(ctx, o.uuid)
	if err != nil {
		return err
	}
	phone, err := c.answering(ctx, request, o.deviceID)
	if err != nil {
		return err
	}
	if err := answerWith(ctx, phone, o.uuid, o.status, o.reason); err != nil {
		return orWrongFlag(notAnswered(err, phone))
	}
	if request, err = c.request(ctx, o.uuid); err != nil {
		return err
	}
	return o.showOutcome(ctx, request)
}

// answerWith does what a person does with a phone: fetch the request, look, sign the answer.
func answerWith(ctx context.Context, phone *device.Device, uuid string, status onetouch.Status, reason string) error {
	request, err := phone.ApprovalRequest(ctx, uuid)
	if err != nil {
		return err
	}
	return phone.Answer(ctx, request, status, reason)
}

// notAnswered adds what can be done about it.
func notAnswered(err error, phone *device.Device) error {
	if errors.Is(err, device.ErrNoCounterpart) { // of all that a person says with a phone, it is the reason alone
		return usageError("--reason cannot be given with device %d: %w", phone.ID(), err)
	}
	if errors.Is(err, device.ErrAccessToken) {
		return fmt.Errorf("device %d was removed, register another with 'onetouch device register --user %d': %w",
			phone.ID(), phone.AuthyID(), err)
	}
	return err
}
