package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/verifywire"
	"github.com/onetouchkit/onetouch/pkg/device"
	"github.com/onetouchkit/onetouch/pkg/verify"
)

// verifyAPI is the word for the Verify API in flags.
const verifyAPI = "verify"

// addAPIFlag gives cmd a flag that chooses between the APIs of the service.
func addAPIFlag(cmd *cobra.Command, api *string, usage string) {
	var known []string
	for _, one := range device.APIs() {
		known = append(known, one.String())
	}
	*api = device.Authy.String()
	addWordFlag(cmd, api, "api", known, usage)
}

// checkAPI refuses flags that the chosen API has nothing for.
func (o *requestSendOptions) checkAPI() error {
	switch {
	case o.api != verifyAPI && o.deviceID != 0:
		return usageError("--device is of use with --api verify only: a request of the Authy API asks every phone of the user")
	case o.api == verifyAPI && len(o.logos) > 0:
		return usageError("--logo cannot be combined with --api verify, which has no logos")
	case o.api == verifyAPI && o.secondsToExpire != nil && *o.secondsToExpire == 0:
		return usageError("--expires-in 0 cannot be combined with --api verify: a challenge expires within an hour")
	default:
		return nil
	}
}

// asked names whom the flags ask.
func (o *requestSendOptions) asked() string {
	if o.authyID == 0 {
		return fmt.Sprintf("device %d", o.deviceID)
	}
	return fmt.Sprintf("user %d", o.authyID)
}

// challenge asks one phone, through the Verify API.
func (c *Connection) challenge(ctx context.Context, o *requestSendOptions) (uuid string, err error) {
	asked, err := c.toChallenge(ctx, o)
	if err != nil {
		return "", err
	}
	user, err := c.Control.User(ctx, "", asked.AuthyID)
	if err != nil {
		return "", orUnknownUser(err, asked.AuthyID)
	}
	backend, err := c.verifyBackend(ctx)
	if err != nil {
		return "", err
	}
	n := verify.NewChallenge{
		FactorSID: asked.FactorSID, Message: o.message, Fields: o.question.Details, HiddenDetails: o.question.HiddenDetails,
	}
	if o.secondsToExpire != nil {
		n.ExpirationDate = c.Server.Now.Add(time.Duration(*o.secondsToExpire) * time.Second)
	}
	made, err := backend.CreateChallenge(ctx, verifywire.ServiceSID(asked.AppID), user.Identity, n)
	return verifywire.RequestUUID(made.SID), err
}

// toChallenge is the phone that was named, or the user's first.
func (c *Connection) toChallenge(ctx context.Context, o *requestSendOptions) (listedDevice, error) {
	if o.deviceID != 0 {
		named, err := c.device(ctx, o.deviceID)
		if err == nil && o.authyID != 0 && named.AuthyID != o.authyID {
			err = failedWith(ExitNotFound, "device %d is no device of user %d: 'onetouch device list --user %d' shows those there are",
				o.deviceID, o.authyID, o.authyID)
		}
		return named, err
	}
	if _, err := c.user(ctx, o.authyID); err != nil {
		return listedDevice{}, err
	}
	devices, err := c.devices(ctx, o.authyID)
	if err == nil && len(devices) == 0 {
		err = failedWith(ExitNotFound, "user %d has no phone to put a challenge to: register one with "+
			"'onetouch device register --user %d'", o.authyID, o.authyID)
	}
	if err != nil {
		return listedDevice{}, err
	}
	return devices[0], nil
}
