package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// shownCode is the one-time code that a phone shows.
type shownCode struct {
	DeviceID    int64  `json:"device_id"`
	AuthyID     int64  `json:"authy_id"`
	AppName     string `json:"app_name"`
	Code        string `json:"code"`
	Digits      int    `json:"digits"`
	SecondsLeft int    `json:"seconds_left"` // until the phone shows the next one; the last second counts
	Period      int    `json:"period"`       // seconds
}

type deviceTOTPOptions struct {
	tools
	id int64
}

// NewCmdDeviceTOTP returns the command that shows the one-time code of a phone.
func NewCmdDeviceTOTP(f *Factory) *cobra.Command {
	o := &deviceTOTPOptions{tools: f.tools()}
	cmd := &cobra.Command{
		Use:   "totp [ID]",
		Short: "Show the one-time code that a simulated phone shows now",
		Long: "Show the one-time code that a simulated phone shows now, by the server's clock, and how long it shows it. An ID is\n" +
			"needed when several phones are simulated here. A backend checks the code ('onetouch token verify'); each is good\n" +
			"once, and for half a minute longer than it is shown.",
		Example:           "onetouch token verify --user 1000 $(onetouch device totp -q)",
		Args:              takeOptionalID(&o.id, aDeviceID),
		ValidArgsFunction: f.completeFirst(deviceIDs),
		RunE:              runOn(o, deviceTOTPRun),
	}
	o.answer = addAnswerFlags(cmd, shownCode{}, "the code")
	return cmd
}

func deviceTOTPRun(ctx context.Context, o *deviceTOTPOptions, c *Connection) error {
	phones, err := c.watchable(ctx, o.id)
	if err != nil {
		return err
	}
	phones, err = withCodes(phones)
	if err != nil {
		return err
	}
	if len(phones) > 1 {
		return usageError("several phones are simulated here, say which one: %s", strings.Join(idsOfPhones(phones), ", "))
	}
	code, err := phones[0].CurrentCode(ctx)
	if err != nil {
		return err
	}
	result := shownCodeOf(phones[0], code)
	return o.show(ctx, shown{data: result, ids: []string{result.Code}, people: recordOfCode(result)})
}

// withCodes leaves out factors of the Verify API, which have no codes.
func withCodes(phones []*device.Device) ([]*device.Device, error) {
	isFactor := func(d *device.Device) bool { return d.API() == device.Verify }
	with := slices.DeleteFunc(slices.Clone(phones), isFactor)
	if len(with) == 0 {
		return nil, failedWith(ExitFailed, "device %s: a factor of the Verify API has no one-time codes",
			strings.Join(idsOfPhones(phones), ", "))
	}
	return with, nil
}

func idsOfPhones(phones []*device.Device) []string {
	ids := make([]string, len(phones))
	for i, phone := range phones {
		ids[i] = idText(phone.ID())
	}
	return ids
}

func shownCodeOf(phone *device.Device, code device.OneTimeCode) shownCode {
	return shownCode{
		DeviceID: phone.ID(), AuthyID: phone.AuthyID(), AppName: phone.AppName(), Code: code.Code, Digits: len(code.Code),
		SecondsLeft: int((code.Remaining + time.Second - 1) / time.Second), Period: int(code.Period / time.Second),
	}
}

func recordOfCode(code shownCode) *output.Record {
	record := &output.Record{}
	record.Add("Code", code.Code)
	record.Add("Seconds left", fmt.Sprintf("%d of %d", code.SecondsLeft, code.Period))
	record.Add("Device", idText(code.DeviceID))
	record.Add("User", idText(code.AuthyID))
	record.Add("Application", code.AppName)
	return record
}
