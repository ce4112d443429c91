package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
)

type deviceShowOptions struct {
	tools
	id int64
}

// NewCmdDeviceShow returns the command that shows one device.
func NewCmdDeviceShow(f *Factory) *cobra.Command {
	o := &deviceShowOptions{tools: f.tools()}
	cmd := &cobra.Command{
		Use:               "show ID",
		Short:             "Show a device",
		Args:              takeID(&o.id, aDeviceID),
		ValidArgsFunction: f.completeFirst(deviceIDs),
		RunE:              runOn(o, deviceShowRun),
	}
	o.answer = addAnswerFlags(cmd, listedDevice{}, "the device ID")
	return cmd
}

func deviceShowRun(ctx context.Context, o *deviceShowOptions, c *Connection) error {
	found, err := c.device(ctx, o.id)
	if err != nil {
		return err
	}
	return o.show(ctx, shown{data: found, ids: []string{idOfDevice(found)}, people: recordOfDevice(o.streams, found)})
}

func recordOfDevice(s *output.Streams, d listedDevice) *output.Record {
	record := &output.Record{}
	record.Add("Device", idText(d.ID))
	record.Add("UUID", d.UUID)
	record.Add("User", idText(d.AuthyID))
	record.Add("Name", d.Name)
	record.Add("Platform", d.Platform)
	record.Add("API", d.API)
	record.Add("Factor", d.FactorSID)
	record.Add("Push", d.Push)
	record.Add("Push token", d.PushToken)
	record.Add("Push URL", redacted(d.PushURL))
	record.Add("Key", placeOfKey(d))
	record.Add("Key ID", d.KeyID)
	record.Add("Registered", moment(s, d.RegisteredAt))
	addPolicy(record, d.Policy)
	return record
}
