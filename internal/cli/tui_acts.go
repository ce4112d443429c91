package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/onetouchkit/onetouch/internal/tui"
	"github.com/onetouchkit/onetouch/pkg/authy"
	"github.com/onetouchkit/onetouch/pkg/device"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// tuiActs do for the terminal UI what commands do: as the backend of the application, and as the owner of the phones here.
type tuiActs struct{ c *Connection }

// Ask sends an approval request.
func (a tuiActs) Ask(ctx context.Context, n tui.NewRequest) (uuid string, err error) {
	question := authy.NewApprovalRequest{Message: n.Message, Details: n.Details, HiddenDetails: n.Hidden}
	if n.ExpiresIn != "" {
		if err := (expiryFlag{&question.SecondsToExpire}).Set(n.ExpiresIn); err != nil {
			return "", fmt.Errorf("expiry %q: %w", n.ExpiresIn, err)
		}
	}
	uuid, err = a.c.Backend.CreateApprovalRequest(ctx, n.AuthyID, question)
	if err != nil {
		return "", orUnknownUser(err, n.AuthyID)
	}
	return uuid, nil
}

// AddUser adds a user to the application.
func (a tuiActs) AddUser(ctx context.Context, n tui.NewUser) (authyID int64, err error) {
	return a.c.Backend.CreateUser(ctx, authy.NewUser{Email: n.Email, Cellphone: n.Phone, CountryCode: n.CountryCode})
}

// Register registers a phone that is simulated here.
func (a tuiActs) Register(ctx context.Context, authyID int64, name, platform string) (deviceID int64, err error) {
	registered, err := a.c.register(ctx, &deviceRegisterOptions{
		authyID: authyID, name: name, platform: strings.ToLower(platform), algorithm: evidence.ES256,
	})
	if err != nil {
		return 0, err
	}
	return registered.ID(), nil
}

// SetPolicy checks the rules before it keeps them.
func (a tuiActs) SetPolicy(ctx context.Context, deviceID int64, when []string, auto string) error {
	rules := policyFlags{when: when, auto: auto}
	if _, err := rules.parse(); err != nil {
		return asField(err)
	}
	listed, err := a.c.device(ctx, deviceID)
	if err != nil {
		return err
	}
	return a.c.setPolicy(ctx, listed, rules)
}

// asField says what is wrong with a policy by the field of the form, not by the flag that it is for commands.
func asField(err error) error {
	text := err.Error()
	for flag, field := range map[string]string{"--when": "When", "--auto": "Otherwise"} {
		if rest, is := strings.CutPrefix(text, flag); is {
			return errors.New(field + rest)
		}
	}
	return err
}

// devices are the phones of this machine.
func (a tuiActs) devices(ctx context.Context) ([]*device.Device, error) {
	return a.c.localDevices(ctx, 0)
}
