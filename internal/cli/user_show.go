package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/onetouch"
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
	qr      bool
}

// NewCmdUserShow returns the command that shows one user.
func NewCmdUserShow(f *Factory) *cobra.Command {
	o := &userShowOptions{tools: f.tools()}
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "Show a user and their devices",
		Long: "Show a user and their devices. With --qr the secret of the user's authenticator app is printed for the app to\n" +
			"scan; a user gets one by 'onetouch user secret'.",
		Args:              takeID(&o.authyID, anAuthyID),
		ValidArgsFunction: f.completeFirst(userIDs),
		RunE:              runOn(o, userShowRun),
	}
	cmd.Flags().BoolVar(&o.qr, "qr", false, "print the secret of the authenticator app as a QR code instead")
	o.answer = addAnswerFlags(cmd, shownUser{}, "the Authy ID")
	refuseWithQR(cmd, &o.qr, "quiet", "json", "jq", "template")
	return cmd
}

func userShowRun(ctx context.Context, o *userShowOptions, c *Connection) error {
	user, err := c.user(ctx, o.authyID)
	if err != nil {
		return err
	}
	if o.qr {
		return c.printAuthenticator(ctx, o)
	}
	devices, err := c.Control.Devices(ctx, o.authyID)
	if err != nil {
		return err
	}
	found := shownUser{User: user, Devices: devices}
	return o.show(ctx, shown{data: found, ids: []string{idOfUser(user)}, people: recordOfUser(o.streams, found)})
}

// printAuthenticator shows the secret that is there; to look makes none.
func (c *Connection) printAuthenticator(ctx context.Context, o *userShowOptions) error {
	authenticator, err := c.Control.Authenticator(ctx, o.authyID)
	if onetouch.CodeOf(err) == onetouch.CodeAuthenticatorNotFound {
		return failedWith(ExitNotFound, "user %d has no authenticator app: 'onetouch user secret %d --qr' makes a secret "+
			"for one", o.authyID, o.authyID)
	}
	if err != nil {
		return err
	}
	return writeQR(o.streams, authenticator.URI)
}

func recordOfUser(s *output.Streams, user shownUser) *output.Record {
	record := &output.Record{}
	record.Add("Authy ID", idText(user.AuthyID))
	record.Add("Identity", user.Identity)
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
