package cli

import (
	"context"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
)

type deviceListOptions struct {
	tools
	authyID int64
}

// NewCmdDeviceList returns the command that lists devices.
func NewCmdDeviceList(f *Factory) *cobra.Command {
	o := &deviceListOptions{tools: f.tools()}
	cmd := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List the devices registered with the application, oldest first",
		Args:    noArguments,
		RunE:    runOn(o, deviceListRun),
	}
	addUserFlag(f, cmd, &o.authyID, "only devices of the user with this Authy `ID`")
	o.answer = addAnswerFlags(cmd, listedDevice{}, "the device IDs")
	return cmd
}

func deviceListRun(ctx context.Context, o *deviceListOptions, c *Connection) error {
	if o.authyID != 0 {
		if _, err := c.user(ctx, o.authyID); err != nil {
			return err
		}
	}
	devices, err := c.devices(ctx, o.authyID)
	if err != nil {
		return err
	}
	devices = ofApplication(c, devices, appOfDevice)
	listed := listOfDevices(o.streams, c.Server.Now)
	if slices.ContainsFunc(devices, listedDevice.isFactor) { // with phones of one API there is nothing to tell
		listed.columns = slices.Insert(listed.columns, columnAfterPlatform,
			output.Short("API", func(d listedDevice) string { return d.API }))
	}
	return showList(ctx, o.display, devices, listed)
}

// columnAfterPlatform is where the API of a device stands.
const columnAfterPlatform = 4

func listOfDevices(s *output.Streams, now time.Time) list[listedDevice] {
	return list[listedDevice]{
		id: idOfDevice,
		columns: []output.ColumnOf[listedDevice]{
			output.Whole("Device", idOfDevice),
			output.Whole("User", func(d listedDevice) string { return idText(d.AuthyID) }),
			output.Short("Name", func(d listedDevice) string { return d.Name }),
			output.Short("Platform", func(d listedDevice) string { return d.Platform }),
			output.Short("Push", func(d listedDevice) string { return d.Push }),
			output.Short("Key", placeOfKey),
			ageColumn(s, now, func(d listedDevice) time.Time { return d.RegisteredAt }),
			output.Short("Policy", func(d listedDevice) string { return summaryOfPolicy(d.Policy) }),
		},
		none: "No devices yet. Register one: onetouch device register --user ID",
	}
}

func idOfDevice(d listedDevice) string { return idText(d.ID) }

func placeOfKey(d listedDevice) string {
	if d.Local {
		return "here"
	}
	return "elsewhere"
}
