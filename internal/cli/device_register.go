package cli

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/device"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

type deviceRegisterOptions struct {
	tools
	authyID   int64
	name      string
	platform  string
	algorithm evidence.Algorithm
	qr        bool
	policy    policyFlags
	factor    factorFlags
}

// deviceRegisterFlags says which flags the parameters of a registration are.
func deviceRegisterFlags() parameterFlags {
	return parameterFlags{
		"device.name": "name", "device.platform": "platform", "FriendlyName": "name", "FactorFriendlyName": "name",
		"Identity": "identity",
	}
}

// NewCmdDeviceRegister returns the command that registers a simulated phone.
func NewCmdDeviceRegister(f *Factory) *cobra.Command {
	o := &deviceRegisterOptions{tools: f.tools(), algorithm: evidence.ES256}
	cmd := &cobra.Command{
		Use:   "register --user ID",
		Short: "Register a simulated phone for a user",
		Long: "Register a simulated phone for a user: the backend asks for a registration token, the phone makes its own\n" +
			"key and trades the token for an access token. Key and access token stay in the workspace's folder.\n\n" +
			"With --api verify the phone is a push factor of Twilio's Verify API: the backend asks for an access token, with\n" +
			"which the phone creates a factor and verifies it. From then on it is used as any other phone is. --identity names\n" +
			"an entity in place of --user, which is added if there is none; --access-token is one that your own backend has got.\n\n" +
			"With --when and --auto the phone answers by itself ('onetouch device policy' tells how).\n\n" +
			"With --qr no phone is simulated: the registration token is printed for an app to scan, and as text.",
		Example: "onetouch device register --user 1000 --name \"Ada's Pixel\"\n" +
			"onetouch device register --user 1000 --auto 'approve after 3s'\n" +
			"onetouch device register --user 1000 --api verify\n" +
			"onetouch device register --user 1000 --qr",
		Args: noArguments,
		RunE: runOn(o, deviceRegisterRun),
	}
	flags := cmd.Flags()
	addUserFlag(f, cmd, &o.authyID, "Authy `ID` of the user")
	flags.StringVar(&o.name, "name", "", "`NAME` of the phone (default \"Simulated phone\")")
	flags.StringVar(&o.platform, "platform", "android", "`PLATFORM` of the phone: android, ios, iphone, ipad, …")
	addWordFlag(cmd, &o.algorithm, "alg", evidence.Algorithms(),
		"`ALGORITHM` of the phone's signatures: ES256 or RS256")
	flags.BoolVar(&o.qr, "qr", false, "print the registration token as a QR code instead, for an app to scan")
	addFactorFlags(cmd, &o.factor)
	addPolicyFlags(cmd, &o.policy)
	o.answer = addAnswerFlags(cmd, listedDevice{}, "the device ID, or with --qr the token")
	refuseWithQR(cmd, &o.qr, "when", "auto", "name", "platform", "alg", "api", "identity", "access-token", "unverified",
		"json", "jq", "template")
	completes(cmd, "platform", completeWords(onetouch.Platforms()...))
	return cmd
}

func (o *deviceRegisterOptions) check() error {
	if err := o.factor.check(o); err != nil {
		return err
	}
	if !utf8.ValidString(o.name) {
		return usageError("--name is not valid UTF-8")
	}
	if o.authyID == 0 && o.factor.identity == "" {
		return usageError("--user is missing: say whose phone it is ('onetouch user list' shows the users)")
	}
	_, err := o.policy.parse()
	return err
}

func deviceRegisterRun(ctx context.Context, o *deviceRegisterOptions, c *Connection) error {
	if o.qr {
		return c.printRegistration(ctx, o)
	}
	if err := c.refuseElsewhere(); err != nil {
		return err
	}
	registered, err := c.register(ctx, o)
	if err != nil {
		return deviceRegisterFlags().orWrong(err)
	}
	listed, err := c.device(ctx, registered.ID())
	if err != nil {
		return err
	}
	return o.show(ctx, shown{
		data: listed, ids: []string{idOfDevice(listed)},
		people: output.Lines{sentenceOfRegistered(listed, registered)},
		hint:   hintAfterRegistration(registered),
	})
}

func sentenceOfRegistered(d listedDevice, registered *device.Device) string {
	text := fmt.Sprintf("Device %d (%s, %s) is registered for user %d", d.ID, output.Sanitise(d.Name), d.Platform, d.AuthyID)
	if registered.API() == device.Verify {
		factor := registered.Credentials().Factor
		text += fmt.Sprintf(": factor %s of entity %s", factor.SID, factor.Identity)
		if factor.Unverified {
			text += ", not verified"
		}
	}
	return text + "."
}

func hintAfterRegistration(d *device.Device) string {
	if d.Credentials().Factor.Unverified {
		return fmt.Sprintf("Before it can be asked it has to be verified: onetouch device verify %d", d.ID())
	}
	return fmt.Sprintf("Next, ask the user something: onetouch request send --user %d --message \"Log in?\"", d.AuthyID())
}

// register plays the registration through, and keeps the phone.
func (c *Connection) register(ctx context.Context, o *deviceRegisterOptions) (*device.Device, error) {
	register := c.registerDevice
	if o.factor.api == verifyAPI {
		register = c.registerFactor
	}
	registered, err := register(ctx, o)
	if err != nil {
		return nil, err
	}
	kept := registered.Credentials()
	kept.Policy = o.policy.kept()
	if err := c.Devices.Save(kept); err != nil {
		// A device whose key is lost could never answer.
		return nil, errors.Join(fmt.Errorf("keeping the key of the device: %w", err), registered.Unregister(ctx))
	}
	if o.policy.given() {
		err = c.policyChanged(ctx, registered.UUID(), registered.ID())
	}
	return registered, err
}

// registerDevice is for the Authy API: backend, then phone.
func (c *Connection) registerDevice(ctx context.Context, o *deviceRegisterOptions) (*device.Device, error) {
	token, err := c.Backend.StartRegistration(ctx, o.authyID)
	if err != nil {
		return nil, orUnknownUser(err, o.authyID)
	}
	return device.Register(ctx, device.Registration{
		Server: c.URL, HTTPClient: c.HTTP, Token: token,
		Name: o.name, Platform: o.platform, Algorithm: o.algorithm,
	})
}
