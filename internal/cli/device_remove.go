package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/pkg/authy"
)

type deviceRemoveOptions struct {
	tools
	id int64
}

// NewCmdDeviceRemove returns the command that removes a device.
func NewCmdDeviceRemove(f *Factory) *cobra.Command {
	o := &deviceRemoveOptions{tools: f.tools()}
	cmd := &cobra.Command{
		Use:               "remove ID",
		Aliases:           []string{"delete", "rm"},
		Short:             "Remove a device; it can answer no more",
		Args:              takeID(&o.id, aDeviceID),
		ValidArgsFunction: f.completeFirst(deviceIDs),
		RunE:              runOn(o, deviceRemoveRun),
	}
	o.answer = addAnswerFlags(cmd, listedDevice{}, "the device ID")
	return cmd
}

func deviceRemoveRun(ctx context.Context, o *deviceRemoveOptions, c *Connection) error {
	removed, err := c.device(ctx, o.id)
	if err != nil {
		return err
	}
	err = c.Backend.DeleteDevice(ctx, o.id)
	if errors.Is(err, authy.ErrDeviceNotFound) {
		return unknownDevice(o.id)
	}
	if err != nil {
		return err
	}
	if removed.Local {
		if err := c.forget(o.id); err != nil {
			return err
		}
	}
	return o.show(ctx, shown{
		data: removed, ids: []string{idOfDevice(removed)},
		people: sentence("Device %d of user %d was removed.", removed.ID, removed.AuthyID),
	})
}
