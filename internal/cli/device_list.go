package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
)

type deviceListOptions struct {
	tools
	authyID int64
}

// NewCmdDeviceList returns the command that lists devices.
func NewCmdDeviceList(f *Factory, runF func(context.Context, *deviceListOptions) error) *cobra.Command {
	o := &deviceListOptions{tools: f.tools()}
	cmd := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List the devices registered with the application, oldest first",
		Args:    noArguments,
		RunE:    runWith(o, deviceListRun, runF),
	}
	cmd.Flags().Var(idFlag{&o.authyID, anAuthyID}, "user", "only devices of the user with this Authy `ID`")
	o.answer = addAnswerFlags(cmd, listedDevice{}, "the device IDs")
	completes(cmd, "user", f.completeFlag(userIDs))
	return cmd
}

func deviceListRun(ctx context.Context, o *deviceListOptions) error {
	c, err := o.connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
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
	var ids []string
	for _, one := range devices {
		ids = append(ids, idText(one.ID))
	}
	return o.answer.write(ctx, o.streams, devices, func() error {
		if len(devices) == 0 {
			hint(o.streams, "No devices yet. Register one: onetouch device register --user ID")
		}
		return tableOfDevices(o.streams, devices, c.Server.Now).Write(o.streams)
	}, ids...)
}

func tableOfDevices(s *output.Streams, devices []listedDevice, now time.Time) *output.Table {
	table := output.NewTable(
		output.Column{Title: "Device", Whole: true},
		output.Column{Title: "User", Whole: true},
		output.Column{Title: "Name"},
		output.Column{Title: "Platform"},
		output.Column{Title: "Push"},
		output.Column{Title: "Key"},
		output.Column{Title: "Age", Whole: true},
		output.Column{Title: "Policy"},
	)
	for _, one := range devices {
		table.AddRow(idText(one.ID), idText(one.AuthyID), one.Name, one.Platform, one.Push, placeOfKey(one),
			age(s, now, one.RegisteredAt), summaryOfPolicy(one.Policy))
	}
	return table
}

func placeOfKey(d listedDevice) string {
	if d.Local {
		return "here"
	}
	return "elsewhere"
}
