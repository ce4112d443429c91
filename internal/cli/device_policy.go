package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/phone"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// ownPolicy is how a phone answers by itself.
type ownPolicy struct {
	When []string `json:"when"`
	Auto string   `json:"auto"` // "": a person is asked
}

// policyOf is the policy of a device's own; nil for none.
func policyOf(kept device.Credentials) *ownPolicy {
	if kept.Policy.IsZero() {
		return nil
	}
	return &ownPolicy{When: append([]string{}, kept.Policy.When...), Auto: kept.Policy.Auto}
}

// shownPolicy is the policy of one phone; without rules and final action it answers nothing.
type shownPolicy struct {
	ID int64 `json:"id"` // of the device
	ownPolicy
}

type devicePolicyOptions struct {
	tools
	id     int64
	policy policyFlags
	clear  bool
}

// NewCmdDevicePolicy returns the command about the policy of a phone.
func NewCmdDevicePolicy(f *Factory) *cobra.Command {
	o := &devicePolicyOptions{tools: f.tools()}
	cmd := &cobra.Command{
		Use:   "policy ID",
		Short: "Show, set or clear how a simulated phone answers by itself",
		Long: "Show how a simulated phone answers by itself or, with --when and --auto, set it in place of what it was. The\n" +
			"workspace's server runs every phone with a policy; without a server, commands that wait for an answer do. It\n" +
			"answers what is asked from now on: what is pending already is left to you. A person whom a rule asks is you, too,\n" +
			"in 'onetouch tui' or with 'onetouch request approve'.\n\n" + aboutPolicies,
		Example: "onetouch device policy 2000000 --auto 'approve after 3s'\n" +
			"onetouch device policy 2000000 --when 'details[\"Amount\"] > 10000 = deny' --auto approve\n" +
			"onetouch device policy 2000000 --clear",
		Args:              takeID(&o.id, aDeviceID),
		ValidArgsFunction: f.completeFirst(deviceIDs),
		RunE:              runOn(o, devicePolicyRun),
	}
	addPolicyFlags(cmd, &o.policy)
	cmd.Flags().BoolVar(&o.clear, "clear", false, "let the phone answer nothing by itself any more")
	o.answer = addAnswerFlags(cmd, shownPolicy{}, "the device ID")
	return cmd
}

func (o *devicePolicyOptions) check() error {
	if o.clear && o.policy.given() {
		return usageError("--clear cannot be combined with --when or --auto")
	}
	_, err := o.policy.parse()
	return err
}

func devicePolicyRun(ctx context.Context, o *devicePolicyOptions, c *Connection) error {
	listed, err := c.device(ctx, o.id)
	if err != nil {
		return err
	}
	if !listed.Local {
		return failedWith(ExitNotFound, "device %d is not simulated in this workspace, so nothing here can answer for it", o.id)
	}
	if o.clear || o.policy.given() {
		if err := c.setPolicy(ctx, listed, o.policy); err != nil {
			return err
		}
	}
	return o.showPolicy(ctx, c)
}

// setPolicy keeps the policy with the keys of the device, and has it followed.
func (c *Connection) setPolicy(ctx context.Context, d listedDevice, p policyFlags) error {
	set := p.kept()
	if p.given() {
		if err := c.unverified(d.ID); err != nil {
			return err
		}
		opened, err := c.open(d.ID)
		if err != nil {
			return err
		}
		if set.Left, err = phone.LeftOf(ctx, opened); err != nil {
			return fmt.Errorf("looking what is undecided on device %d: %w", d.ID, err)
		}
	}
	err := c.Devices.Update(d.ID, func(kept *device.Credentials) { kept.Policy = set })
	if err != nil {
		return fmt.Errorf("keeping the policy of device %d: %w", d.ID, err)
	}
	return c.policyChanged(ctx, d.UUID, d.ID)
}

func (o *devicePolicyOptions) showPolicy(ctx context.Context, c *Connection) error {
	kept, err := c.Devices.Load(o.id)
	if errors.Is(err, device.ErrNotFound) {
		return unknownDevice(o.id)
	}
	if err != nil {
		return err
	}
	own := policyOf(kept)
	answer := shown{ids: []string{idText(o.id)}}
	if own == nil {
		answer.data = shownPolicy{ID: o.id, ownPolicy: ownPolicy{When: []string{}}}
		answer.people = sentence("Device %d answers nothing by itself.", o.id)
		return o.show(ctx, answer)
	}
	record := &output.Record{}
	addPolicy(record, own)
	answer.data, answer.people = shownPolicy{ID: o.id, ownPolicy: *own}, record
	if c.InProcess {
		answer.hint = "It answers while 'onetouch serve' runs, or while a command waits for the answer."
	}
	return o.show(ctx, answer)
}

// addPolicy adds a policy to what is shown of a device.
func addPolicy(record *output.Record, p *ownPolicy) {
	if p == nil {
		return
	}
	for _, rule := range p.When {
		record.Add("When", rule)
	}
	record.Add("Auto", p.Auto)
}

// summaryOfPolicy is a policy in a cell of a table.
func summaryOfPolicy(p *ownPolicy) string {
	if p == nil {
		return ""
	}
	var parts []string
	switch n := len(p.When); n {
	case 0:
	case 1:
		parts = append(parts, "1 rule")
	default:
		parts = append(parts, fmt.Sprintf("%d rules", n))
	}
	if p.Auto != "" {
		parts = append(parts, p.Auto)
	}
	return strings.Join(parts, ", ")
}
