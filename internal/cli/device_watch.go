package cli

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/phone"
	"github.com/onetouchkit/onetouch/internal/policy"
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
	id         int64
	policy     policyFlags
	chosen     *policy.Policy // what the flags say
	pushListen string         // address of the push endpoint; "": the service pushes
}

// NewCmdDeviceWatch returns the command that lets simulated phones answer.
func NewCmdDeviceWatch(f *Factory) *cobra.Command {
	o := &deviceWatchOptions{tools: f.tools()}
	cmd := &cobra.Command{
		Use:   "watch [ID]",
		Short: "Hear of requests as they come and answer them, until interrupted",
		Long: "Hear of requests as they come and answer them, until interrupted. Without an ID all phones of this workspace\n" +
			"that are registered with the application are watched; it ends with the last of them that is removed, and does not\n" +
			"hear of phones that are registered later. A phone answers by --when and --auto or, without them, by\n" +
			"its own policy ('onetouch device policy'). What is left to nobody you are asked. While a phone is watched, no\n" +
			"server answers for it by its policy.\n\n" + aboutPolicies + "\n\n" +
			"With --push-listen the phones hear of a request only when their backend pushes it (serve --push backend): to the\n" +
			"printed URL with the printed push token, as to FCM or APNs. 'onetouch device show ID --json push_url,push_token'\n" +
			"has both, too. docs/device-api.md has the shapes.",
		Example: "onetouch device watch --auto approve\n" +
			"onetouch device watch --when 'details[\"Amount\"] > 10000 = deny after 2s' --auto approve",
		Args:              takeOptionalID(&o.id, aDeviceID),
		ValidArgsFunction: f.completeFirst(deviceIDs),
		RunE:              runOn(o, deviceWatchRun),
	}
	addPolicyFlags(cmd, &o.policy)
	cmd.Flags().StringVar(&o.pushListen, "push-listen", "", "hear the pushes of the backend at this `ADDRESS`, such as "+
		anyLoopbackPort+"; without a host on this machine only")
	o.answer = addAnswerFlags(cmd, watchedRequest{}, "the UUIDs, as they are answered")
	return cmd
}

func (o *deviceWatchOptions) check() (err error) {
	if o.chosen, err = o.policy.parse(); err != nil {
		return err
	}
	if who := o.chosen.Asks(); who != "" && !o.streams.CanPrompt() {
		return usageError("%s asks, and there is no terminal to ask you on", who)
	}
	return checkPushListen(o.pushListen)
}

func deviceWatchRun(ctx context.Context, o *deviceWatchOptions, c *Connection) error {
	devices, err := c.watchable(ctx, o.id)
	if err != nil {
		return err
	}
	w := &watch{deviceWatchOptions: o, connection: c}
	phones, err := w.phones(devices)
	if err != nil {
		return err
	}
	release, err := c.take(devices)
	defer release()
	if err != nil {
		return err
	}
	stop, err := w.hearPushes(ctx, c, devices)
	if err != nil {
		return err
	}
	defer stop()
	return w.run(ctx, phones)
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
	var devices []*device.Device
	for _, one := range listed {
		if !one.Local || chosen != 0 && one.ID != chosen {
			continue
		}
		opened, err := c.open(one.ID)
		if err != nil {
			return nil, err
		}
		devices = append(devices, opened)
	}
	if len(devices) == 0 && chosen == 0 && c.unusable { // and it was said what to do about it
		return nil, failedWith(ExitNotFound, "no other device is simulated in this workspace")
	}
	if len(devices) == 0 && chosen != 0 {
		if err := c.unverified(chosen); err != nil {
			return nil, err
		}
		return nil, failedWith(ExitNotFound, "device %d is not simulated in this workspace: 'onetouch device list' shows "+
			"those there are", chosen)
	}
	if len(devices) == 0 {
		return nil, failedWith(ExitNotFound, "no device is simulated in this workspace: register one with "+
			"'onetouch device register --user ID'")
	}
	return devices, nil
}

// take has nobody else let the devices answer by their policies, until they are released.
func (c *Connection) take(devices []*device.Device) (release func(), err error) {
	var releases []func()
	release = func() {
		for _, one := range releases {
			one()
		}
	}
	for _, d := range devices {
		one, err := c.Watches.Take(d.ID())
		if err != nil {
			return release, err
		}
		releases = append(releases, one)
	}
	return release, nil
}

// watch shows what several phones do, and asks for what they do not know.
type watch struct {
	*deviceWatchOptions
	connection *Connection
	receivers  map[int64]*device.PushReceiver // of each device, when the backend pushes
	printing   sync.Mutex                     // phones answer at once, and are shown one after the other
	lines      <-chan string                  // what a person types; nil until somebody is asked
}

// phones makes the devices react: by the chosen policy, or by the one that each of them has.
func (w *watch) phones(devices []*device.Device) ([]*phone.Phone, error) {
	var person *phone.Person
	if w.streams.CanPrompt() {
		person = phone.NewPerson(w.ask)
	}
	var phones []*phone.Phone
	for _, d := range devices {
		p := &phone.Phone{
			Device: d, Policy: w.chosen, Pushes: w.stream(d), Person: person, Report: w.report,
			Warn: func(err error) { say(w.streams, "%s", output.Sanitise(fmt.Sprintf("Device %d: %v", d.ID(), err))) },
		}
		phones = append(phones, p)
		if w.policy.given() {
			continue
		}
		own, err := phone.PolicyOf(d.Credentials())
		if err != nil {
			return nil, err
		}
		if own == nil && person == nil {
			return nil, usageError("there is no terminal to ask you on: answer with --auto approve or --auto deny")
		}
		if own != nil {
			p.Policy, p.Left = own, d.Credentials().Policy.Left
		}
	}
	return phones, nil
}

// stream is where a device hears of requests: from the server itself, unless its backend pushes.
func (w *watch) stream(d *device.Device) phone.Source {
	connected := device.OnConnect(func() {
		say(w.streams, "Device %d of user %d is listening.", d.ID(), d.AuthyID())
	})
	lost := device.OnRetry(func(err error, wait time.Duration) {
		say(w.streams, "Device %d: %v; trying again in %s.", d.ID(), err, wait.Round(time.Millisecond))
	})
	return func(ctx context.Context, hear func(context.Context, device.Push) error) error {
		if receiver := w.receivers[d.ID()]; receiver != nil {
			return receiver.Pushes(ctx, hear, connected, lost)
		}
		return d.Pushes(ctx, hear, connected, lost)
	}
}

// run goes on until ctx ends, something fails, or every phone was removed.
func (w *watch) run(ctx context.Context, phones []*phone.Phone) error {
	ctx, cancel := context.WithCancel(ctx)
	var work sync.WaitGroup
	defer work.Wait()
	defer cancel()
	ended := make(chan error, len(phones))
	for _, p := range phones {
		work.Go(func() { ended <- p.Run(ctx) })
	}
	for left := len(phones) - 1; ; left-- {
		err := <-ended
		if left == 0 || !errors.Is(err, device.ErrRemoved) {
			return err
		}
		say(w.streams, "No longer listening: %v.", err)
	}
}

// report writes a request down once it is answered.
func (w *watch) report(ctx context.Context, outcome phone.Outcome) error {
	w.printing.Lock()
	defer w.printing.Unlock()
	request := outcome.Request
	if outcome.TooLate() {
		say(w.streams, "Too late for %s: %v", request.UUID, outcome.Err)
		return nil
	}
	if outcome.Err != nil {
		return outcome.Err
	}
	record := watchedRequest{
		UUID: request.UUID, Status: string(request.Status), Message: request.Message, Details: request.Details,
		AuthyID: request.AuthyID, AppName: request.AppName, DeviceID: outcome.Device.ID(),
	}
	status := w.streams.OutRenderer().NewStyle()
	if colour := statusColour(record.Status); colour != nil {
		status = status.Foreground(colour)
	}
	return w.show(ctx, shown{
		data: record, ids: []string{record.UUID},
		people: sentence("%s %s by device %d: %s",
			record.UUID, status.Render(record.Status), record.DeviceID, quoted(record.Message)),
	})
}
