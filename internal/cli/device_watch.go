package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/details"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// watchedRequest is a request that came to a watched device, and what was answered.
type watchedRequest struct {
	UUID     string       `json:"uuid"`
	Status   string       `json:"status"`
	Message  string       `json:"message"`
	Details  details.List `json:"details"`
	AuthyID  int64        `json:"authy_id"`
	AppName  string       `json:"app_name"`
	DeviceID int64        `json:"device_id"`
}

type deviceWatchOptions struct {
	tools
	id   int64
	auto string
}

// Words for --auto.
const (
	autoApprove = "approve"
	autoDeny    = "deny"
)

// autoStatus is what a word of --auto answers; "" for no word.
func autoStatus(word string) (onetouch.Status, error) {
	answers := map[string]onetouch.Status{
		"": "", autoApprove: onetouch.StatusApproved, autoDeny: onetouch.StatusDenied,
	}
	status, known := answers[word]
	if !known {
		return "", usageError("--auto %q is not known: approve or deny", word)
	}
	return status, nil
}

// NewCmdDeviceWatch returns the command that lets simulated phones answer.
func NewCmdDeviceWatch(f *Factory, runF func(context.Context, *deviceWatchOptions) error) *cobra.Command {
	o := &deviceWatchOptions{tools: f.tools()}
	cmd := &cobra.Command{
		Use:   "watch [ID]",
		Short: "Hear of requests as they come and answer them, until interrupted",
		Long: "Hear of requests as they come and answer them, until interrupted. Without an ID all phones of this workspace\n" +
			"that are registered with the application are watched. Without --auto you are asked.",
		Example:           "onetouch device watch --auto approve",
		Args:              takeOptionalID(&o.id, aDeviceID),
		ValidArgsFunction: f.completeFirst(deviceIDs),
		RunE:              runWith(o, deviceWatchRun, runF),
	}
	cmd.Flags().StringVar(&o.auto, "auto", "", "`ANSWER` every request at once: approve or deny")
	o.answer = addAnswerFlags(cmd, watchedRequest{}, "the UUIDs, as they are answered")
	completes(cmd, "auto", completeWords(autoApprove, autoDeny))
	return cmd
}

func deviceWatchRun(ctx context.Context, o *deviceWatchOptions) error {
	status, err := autoStatus(o.auto)
	if err != nil {
		return err
	}
	if status == "" && !o.streams.CanPrompt() {
		return usageError("there is no terminal to ask you on: answer with --auto approve or --auto deny")
	}
	c, err := o.connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	phones, err := c.watchable(ctx, o.id)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w := &watch{
		deviceWatchOptions: o, status: status, heard: make(chan heardRequest), ended: make(chan error, len(phones)),
	}
	w.listen(ctx, phones)
	return w.answerAll(ctx, len(phones))
}

// watchable opens the devices to watch. They hear of every request that is still pending, also of those heard before.
func (c *Connection) watchable(ctx context.Context, chosen int64) ([]*device.Device, error) {
	listed, err := c.devices(ctx, 0)
	if err != nil {
		return nil, err
	}
	if chosen == 0 {
		listed = ofApplication(c, listed, appOfDevice)
	}
	var phones []*device.Device
	for _, one := range listed {
		if !one.Local || chosen != 0 && one.ID != chosen {
			continue
		}
		phone, err := c.open(one.ID)
		if err != nil {
			return nil, err
		}
		phones = append(phones, phone)
	}
	if len(phones) == 0 && chosen != 0 {
		return nil, failedWith(ExitNotFound, "device %d is not simulated in this workspace: 'onetouch device list' shows "+
			"those there are", chosen)
	}
	if len(phones) == 0 {
		return nil, failedWith(ExitNotFound, "no device is simulated in this workspace: register one with "+
			"'onetouch device register --user ID'")
	}
	return phones, nil
}

// heardRequest is a push that a phone has heard.
type heardRequest struct {
	phone *device.Device
	uuid  string
}

// watch answers what several phones hear, one request after the other.
type watch struct {
	*deviceWatchOptions
	status onetouch.Status // "": ask
	heard  chan heardRequest
	ended  chan error    // why a phone hears no more
	lines  <-chan string // what a person types; nil until somebody is asked
}

// listen lets the phones hear.
func (w *watch) listen(ctx context.Context, phones []*device.Device) {
	for _, phone := range phones {
		hear := func(ctx context.Context, push device.Push) error {
			select {
			case w.heard <- heardRequest{phone: phone, uuid: push.ApprovalRequestUUID}:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		connected := device.OnConnect(func() {
			say(w.streams, "Device %d of user %d is listening.", phone.ID(), phone.AuthyID())
		})
		lost := device.OnRetry(func(err error, wait time.Duration) {
			say(w.streams, "Device %d: %v; trying again in %s.", phone.ID(), err, wait.Round(time.Millisecond))
		})
		go func() { w.ended <- phone.Pushes(ctx, hear, connected, lost) }()
	}
}

// answerAll goes on until ctx ends, something fails, or every phone was removed.
func (w *watch) answerAll(ctx context.Context, phones int) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-w.ended:
			if phones--; phones == 0 || !errors.Is(err, device.ErrRemoved) {
				return err
			}
			say(w.streams, "No longer listening: %v.", err)
		case heard := <-w.heard:
			if err := w.answerOne(ctx, heard); err != nil && !errors.Is(err, device.ErrAccessToken) {
				return err // a phone that was removed has its own way to say so
			}
		}
	}
}

// answerOne answers a request that is still pending. Of several phones of one user the first to hear does.
func (w *watch) answerOne(ctx context.Context, heard heardRequest) error {
	request, err := heard.phone.ApprovalRequest(ctx, heard.uuid)
	if err != nil || request.Status != device.StatusPending {
		return err
	}
	status := w.status
	if status == "" {
		if status, err = w.ask(ctx, heard.phone, request); err != nil {
			return err
		}
	}
	switch status {
	case onetouch.StatusApproved:
		err = heard.phone.Approve(ctx, request)
	case onetouch.StatusDenied:
		err = heard.phone.Deny(ctx, request, "")
	default: // whoever was asked gave no answer
		return nil
	}
	if errors.Is(err, device.ErrNotPending) || errors.Is(err, device.ErrExpired) {
		say(w.streams, "Too late for %s: %v", heard.uuid, err)
		return nil
	}
	if err != nil {
		return err
	}
	return w.print(ctx, heard.phone, request)
}

// print writes a request down once it is answered.
func (w *watch) print(ctx context.Context, phone *device.Device, request *device.ApprovalRequest) error {
	record := watchedRequest{
		UUID: request.UUID, Status: string(request.Status), Message: request.Message, Details: request.Details,
		AuthyID: request.AuthyID, AppName: request.AppName, DeviceID: phone.ID(),
	}
	return w.answer.write(ctx, w.streams, record, func() error {
		status := w.streams.OutRenderer().NewStyle()
		if colour := statusColour(record.Status); colour != nil {
			status = status.Foreground(colour)
		}
		return writeLines(w.streams, fmt.Sprintf("%s %s by device %d: %s",
			record.UUID, status.Render(record.Status), record.DeviceID, quoted(record.Message)))
	}, record.UUID)
}
