package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/pkg/device"
)

type deviceVerifyOptions struct {
	tools
	id int64
}

// NewCmdDeviceVerify returns the command that verifies a factor.
func NewCmdDeviceVerify(f *Factory) *cobra.Command {
	o := &deviceVerifyOptions{tools: f.tools()}
	cmd := &cobra.Command{
		Use:   "verify ID",
		Short: "Verify a factor of the Verify API that was left unverified",
		Long: "Verify a factor of the Verify API that 'onetouch device register --api verify --unverified' has left unverified: the\n" +
			"phone shows that it has its key, by a signature over the factor's SID. Before that nobody can ask it.",
		Args:              takeID(&o.id, aDeviceID),
		ValidArgsFunction: f.completeFirst(unverifiedIDs),
		RunE:              runOn(o, deviceVerifyRun),
	}
	o.answer = addAnswerFlags(cmd, listedDevice{}, "the device ID")
	return cmd
}

// unverifiedIDs are the phones that a person may want to verify.
func unverifiedIDs(_ context.Context, c *Connection) ([]string, error) {
	kept, err := c.Devices.List()
	var ids []string
	for _, one := range kept {
		if one.Factor.Unverified {
			ids = append(ids, idText(one.DeviceID))
		}
	}
	return ids, err
}

func deviceVerifyRun(ctx context.Context, o *deviceVerifyOptions, c *Connection) error {
	opened, err := c.open(o.id)
	switch {
	case errors.Is(err, device.ErrNotFound):
		return failedWith(ExitNotFound, "device %d is not simulated in this workspace", o.id)
	case err != nil:
		return err
	case opened.API() != device.Verify:
		return failedWith(ExitFailed, "device %d has come through the Authy API, where a phone is verified when it registers", o.id)
	}
	if err := opened.VerifyFactor(ctx); err != nil {
		return notAnswered(err, opened)
	}
	err = c.Devices.Update(o.id, func(kept *device.Credentials) { kept.Factor.Unverified = false })
	if err != nil {
		return fmt.Errorf("keeping that device %d is verified: %w", o.id, err)
	}
	verified, err := c.device(ctx, o.id)
	if err != nil {
		return err
	}
	return o.show(ctx, shown{
		data: verified, ids: []string{idOfDevice(verified)},
		people: sentence("Device %d is verified: factor %s.", verified.ID, verified.FactorSID),
		hint:   hintAfterRegistration(opened),
	})
}
