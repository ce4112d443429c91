package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/verifywire"
	"github.com/onetouchkit/onetouch/pkg/device"
	"github.com/onetouchkit/onetouch/pkg/evidence"
	"github.com/onetouchkit/onetouch/pkg/verify"
)

// factorFlags say through which API a phone is registered and, of the Verify API, as what.
type factorFlags struct {
	api         string
	identity    string
	accessToken string
	unverified  bool
}

func addFactorFlags(cmd *cobra.Command, f *factorFlags) {
	addAPIFlag(cmd, &f.api, "`API` that the phone speaks: authy or verify")
	cmd.Flags().StringVar(&f.identity, "identity", "", "with --api verify, the `IDENTITY` of the entity, in place of --user")
	cmd.Flags().StringVar(&f.accessToken, "access-token", "", "with --api verify, an access `TOKEN` that a backend has asked for")
	cmd.Flags().BoolVar(&f.unverified, "unverified", false, "with --api verify, create the factor and leave it unverified, "+
		"as an app does that is closed too early")
}

func (f factorFlags) check(o *deviceRegisterOptions) error {
	switch isFactor := f.api == verifyAPI; {
	case !isFactor && (f.identity+f.accessToken != "" || f.unverified):
		return usageError("--identity, --access-token and --unverified are of use with --api verify only")
	case f.unverified && o.policy.given():
		return usageError("--unverified cannot be combined with --when or --auto: nobody can ask the phone")
	case isFactor && o.algorithm != evidence.ES256:
		return usageError("--alg %s cannot be combined with --api verify: a factor signs %s", o.algorithm, evidence.ES256)
	case f.identity != "" && o.authyID != 0:
		return usageError("--user and --identity both say whose phone it is: give one of them")
	default:
		return nil
	}
}

// verifyBackend takes the role of the backend in the Verify API.
func (c *Connection) verifyBackend(ctx context.Context) (*verify.Client, error) {
	account, err := c.Control.Account(ctx)
	if err != nil {
		return nil, err
	}
	return verify.New(account.SID, account.AuthToken, verify.WithBaseURL(c.URL), verify.WithHTTPClient(c.HTTP)), nil
}

func (c *Connection) serviceSID() string { return verifywire.ServiceSID(c.Application.ID) }

// registerFactor is for the Verify API: the backend's access token, then the phone.
func (c *Connection) registerFactor(ctx context.Context, o *deviceRegisterOptions) (*device.Device, error) {
	identity, token := o.factor.identity, o.factor.accessToken
	if identity == "" {
		user, err := c.user(ctx, o.authyID)
		if err != nil {
			return nil, err
		}
		identity = user.Identity
	}
	if token == "" {
		var err error
		if token, err = c.accessToken(ctx, identity); err != nil {
			return nil, err
		}
	}
	create := device.RegisterFactor
	if o.factor.unverified {
		create = device.CreateFactor
	}
	registered, err := create(ctx, device.NewFactor{
		Server: c.URL, HTTPClient: c.HTTP, ServiceSID: c.serviceSID(), Identity: identity, AccessToken: token,
		Name: o.name, Platform: o.platform,
	})
	if errors.Is(err, device.ErrNoCounterpart) {
		return nil, usageError("--platform %s: %w", o.platform, err)
	}
	return registered, err
}

// accessToken asks for an access token, as a backend does.
func (c *Connection) accessToken(ctx context.Context, identity string) (string, error) {
	backend, err := c.verifyBackend(ctx)
	if err != nil {
		return "", err
	}
	made, err := backend.CreateAccessToken(ctx, c.serviceSID(), verify.NewAccessToken{Identity: identity})
	return made.Token, err
}
