package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

// shownUser is a user with their devices.
type shownUser struct {
	controlapi.User
	Devices []controlapi.Device `json:"devices"`
}

type userShowOptions struct {
	tools
	authyID int64
}

// NewCmdUserShow returns the command that shows one user.
func NewCmdUserShow(f *Factory, runF func(context.Context, *userShowOptions) error) *cobra.Command {
	o := &userShowOptions{tools: f.tools()}
	cmd := &cobra.Command{
		Use:               "show ID",
		Short:             "Show a user and their devices",
		Args:              takeID(&o.authyID, anAuthyID),
		ValidArgsFunction: f.completeFirst(userIDs),
		RunE:              runWith(o, userShowRun, runF),
	}
	o.answer = addAnswerFlags(cmd, shownUser{}, "the Authy ID")
	return cmd
}

func userShowRun(ctx context.Context, o *userShowOptions) error {
	c, err := o.connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	user, err := c.user(ctx, o.authyID)
	if err != nil {
		return err
	}
	devices, err := c.Control.Devices(ctx, o.authyID)
	if err != nil {
		return err
	}
	shown := shownUser{User: user, Devices: devices}
	return o.answer.write(ctx, o.streams, shown, func() error {
		return recordOfUser(o.streams, shown).Write(o.streams)
	}, idText(user.AuthyID))
}

func recordOfUser(s *output.Streams, user shownUser) *output.Record {
	record := &output.Record{}
	record.Add("Authy ID", idText(user.AuthyID))
	record.Add("E-mail", user.Email)
	record.Add("Phone", phoneOf(user.User))
	record.Add("Added", moment(s, user.CreatedAt))
	record.Add("Confirmed", yesNo(user.Confirmed))
	record.Add("Banned", yesNo(user.Suspended))
	for _, device := range user.Devices {
		record.Add("Device", strings.Join([]string{idText(device.ID), device.Name, device.Platform}, ", "))
	}
	return record
}
