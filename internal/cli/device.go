package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/verifywire"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// NewCmdDevice returns the commands about devices.
func NewCmdDevice(f *Factory) *cobra.Command {
	return newGroup("device", "Register, list and remove simulated phones, and let them answer",
		NewCmdDeviceRegister(f), NewCmdDevicePair(f), NewCmdDeviceVerify(f), NewCmdDeviceList(f), NewCmdDeviceShow(f),
		NewCmdDeviceRemove(f), NewCmdDeviceWatch(f), NewCmdDevicePolicy(f), NewCmdDeviceTOTP(f))
}

// listedDevice is a device as the server knows it.
type listedDevice struct {
	controlapi.Device
	FactorSID string     `json:"factor_sid"` // by which the Verify API knows it, whichever API it speaks
	Local     bool       `json:"local"`      // its key is in this workspace, so commands can answer with it
	Policy    *ownPolicy `json:"policy"`     // how it answers by itself; nil: not at all
}

// isFactor reports whether the device speaks the Verify API.
func (d listedDevice) isFactor() bool { return d.API == device.Verify.String() }

// devices lists the registered devices of a user (0: of all) and says which of them are simulated here.
func (c *Connection) devices(ctx context.Context, authyID int64) ([]listedDevice, error) {
	registered, err := c.Control.Devices(ctx, authyID)
	if err != nil {
		return nil, err
	}
	credentials, err := c.Devices.List()
	if err != nil {
		c.cannotUse(err)
	}
	here := map[string]device.Credentials{}
	for _, one := range credentials {
		here[one.DeviceUUID] = one
	}
	devices := make([]listedDevice, len(registered))
	for i, one := range registered {
		devices[i] = listed(one, here[one.UUID])
	}
	return devices, nil
}

func appOfDevice(d listedDevice) string { return d.AppID }

// device returns one registered device.
func (c *Connection) device(ctx context.Context, id int64) (listedDevice, error) {
	registered, err := c.Control.Device(ctx, id)
	if onetouch.CodeOf(err) == onetouch.CodeDeviceNotFound {
		return listedDevice{}, unknownDevice(id)
	}
	if err != nil {
		return listedDevice{}, err
	}
	kept, err := c.Devices.Load(id)
	if err != nil && !errors.Is(err, device.ErrNotFound) {
		c.cannotUse(err)
	}
	return listed(registered, kept), nil
}

// listed says whether the device is the one whose key is kept here. Numbers start again with every new database; UUIDs do
// not.
func listed(d controlapi.Device, kept device.Credentials) listedDevice {
	if kept.DeviceUUID != d.UUID {
		return listedDevice{Device: d, FactorSID: factorSID(d)}
	}
	return listedDevice{Device: d, FactorSID: factorSID(d), Local: true, Policy: policyOf(kept)}
}

func factorSID(d controlapi.Device) string {
	return verifywire.FactorSID(onetouch.Device{UUID: d.UUID})
}

// cannotUse tells people that the key of a device is broken. The others can be used.
func (c *Connection) cannotUse(err error) {
	c.warn("One device cannot be used: %v", err)
	c.unusable = true
}

func unknownDevice(id int64) error {
	return failedWith(ExitNotFound, "there is no device %d: 'onetouch device list' shows those there are", id)
}

// localDevices are the registered devices of a user (0: of all) that commands can answer with, oldest first.
func (c *Connection) localDevices(ctx context.Context, authyID int64) ([]*device.Device, error) {
	listed, err := c.devices(ctx, authyID)
	if err != nil {
		return nil, err
	}
	var local []*device.Device
	for _, one := range listed {
		if !one.Local {
			continue
		}
		opened, err := c.open(one.ID)
		if err != nil {
			return nil, err
		}
		local = append(local, opened)
	}
	return local, nil
}

// open takes the role of a device that is simulated here.
func (c *Connection) open(id int64) (*device.Device, error) {
	credentials, err := c.Devices.Load(id)
	if err != nil {
		return nil, err
	}
	return device.Open(credentials, c.URL, c.HTTP)
}

// answering returns the device to answer a request with: the one that was chosen, the only one that is asked, or the first of
// the user's here.
func (c *Connection) answering(ctx context.Context, request controlapi.ApprovalRequest, chosen int64) (*device.Device, error) {
	authyID, asked := request.AuthyID, orZero(request.AskedDeviceID)
	local, err := c.localDevices(ctx, authyID)
	if err != nil {
		return nil, err
	}
	for _, one := range local {
		if wanted := cmp.Or(chosen, asked); wanted == 0 || one.ID() == wanted {
			return one, nil
		}
	}
	if err := c.unverified(cmp.Or(chosen, asked)); err != nil {
		return nil, err
	}
	_, err = c.Control.User(ctx, "", authyID)
	if onetouch.CodeOf(err) == onetouch.CodeUserNotFound {
		return nil, failedWith(ExitNotFound, "user %d was removed: nobody can answer", authyID)
	}
	if err != nil {
		return nil, err
	}
	if chosen != 0 {
		return nil, failedWith(ExitNotFound, "device %d is no device of user %d in this workspace: "+
			"'onetouch device list --user %d' shows those there are", chosen, authyID, authyID)
	}
	if asked != 0 {
		return nil, failedWith(ExitNotFound, "device %d alone is asked, by a challenge, and it is not simulated in this workspace",
			asked)
	}
	if c.unusable { // and it was said what to do about it
		return nil, failedWith(ExitNotFound, "user %d has no other device in this workspace to answer with", authyID)
	}
	return nil, failedWith(ExitNotFound, "user %d has no device in this workspace to answer with: register one with "+
		"'onetouch device register --user %d'", authyID, authyID)
}

// unverified says so of a phone of this workspace that is a factor and not verified.
func (c *Connection) unverified(id int64) error {
	kept, err := c.Devices.Load(id)
	if err != nil || !kept.Factor.Unverified {
		return nil //nolint:nilerr // what is wrong with the file is for those to say who need it
	}
	return failedWith(ExitFailed, "device %d is a factor that is not verified, so it cannot answer: "+
		"'onetouch device verify %d' verifies it", id, id)
}

// forget removes the key of a device that can answer no more.
func (c *Connection) forget(id int64) error {
	if err := c.Devices.Remove(id); err != nil && !errors.Is(err, device.ErrNotFound) {
		return fmt.Errorf("removing the key of device %d: %w", id, err)
	}
	return nil
}
