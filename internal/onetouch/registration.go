package onetouch

import (
	"context"
	"time"
)

// Registration lets one device register for one user: the backend asks for its token, the app hands it to the SDK, the SDK
// trades it for an access token. It is single use.
type Registration struct {
	TokenDigest []byte // see [SecretDigest]
	AppID       string
	AuthyID     int64
	CreatedAt   time.Time
	ExpiresAt   time.Time
	UsedAt      time.Time // zero while unused
	DeviceID    int64     // the device it became; 0 while unused
	SID         string    // of an access token of the Verify API; empty in Authy's
	DeviceName  string    // what the device is to be called, by an access token
}

// DefaultRegistrationLife is how long a registration token can be used.
const DefaultRegistrationLife = 10 * time.Minute

func (r Registration) usable(now time.Time) error {
	if !r.UsedAt.IsZero() {
		return refuse(CodeRegistrationUsed, "Registration token was used before. Ask the backend for a new one.")
	}
	if !now.Before(r.ExpiresAt) {
		return refuse(CodeRegistrationExpired, "Registration token expired at %s. Ask the backend for a new one.",
			r.ExpiresAt.Format(time.RFC3339))
	}
	return nil
}

// StartRegistration returns a new registration token for the user. The token is kept as a digest only.
func (s *Service) StartRegistration(ctx context.Context, appID string, authyID int64) (token string, err error) {
	token, _, err = s.startRegistration(ctx, appID, authyID, s.registrationLife)
	return token, err
}

func (s *Service) startRegistration(
	ctx context.Context, appID string, authyID int64, life time.Duration,
) (token string, started Registration, err error) {
	token = s.secret()
	err = s.change(ctx, func(c *change) error {
		if _, err := usableUser(c, appID, authyID); err != nil {
			return err
		}
		started = Registration{
			TokenDigest: SecretDigest(token), AppID: appID, AuthyID: authyID, CreatedAt: c.now, ExpiresAt: c.now.Add(life),
		}
		if err := c.InsertRegistration(started); err != nil {
			return err
		}
		return c.happened(Event{Type: EventRegistrationStart, AppID: appID, AuthyID: authyID})
	})
	return token, started, err
}

// RegisteredDevice is what a device learns when it has registered.
type RegisteredDevice struct {
	Device
	AccessToken string // shown this once
	AppName     string
}

// CompleteRegistration trades a registration token for a device with an access token.
func (s *Service) CompleteRegistration(ctx context.Context, n NewDevice) (RegisteredDevice, error) {
	if n.RegistrationToken == "" {
		return RegisteredDevice{}, InvalidParameter("registration_token", "Parameter is required")
	}
	device, err := n.device()
	if err != nil {
		return RegisteredDevice{}, err
	}
	result := RegisteredDevice{AccessToken: s.secret()}
	device.UUID, device.TOTPSecret = s.uuid(), s.bytes(totpSecretSize)
	device.AccessTokenDigest = SecretDigest(result.AccessToken)
	err = s.change(ctx, func(c *change) error {
		registration, user, err := c.usableRegistration(n.RegistrationToken)
		if err != nil {
			return err
		}
		app, err := c.Application(registration.AppID)
		if err != nil {
			return err
		}
		device.AppID, device.AuthyID, device.RegisteredAt = app.ID, registration.AuthyID, c.now
		device.VerifiedAt, device.UpdatedAt = c.now, c.now
		if err := c.InsertDevice(&device); err != nil {
			return err
		}
		registration.UsedAt, registration.DeviceID = c.now, device.ID
		if err := c.UpdateRegistration(registration); err != nil {
			return err
		}
		if !user.Confirmed() { // the backend vouched for them, and now they have an app
			user.ConfirmedAt = c.now
			if err := c.UpdateUser(user); err != nil {
				return err
			}
		}
		result.Device, result.AppName = device, app.Name
		return c.happened(Event{
			Type: EventDeviceRegistered, AppID: app.ID, AuthyID: device.AuthyID, DeviceID: device.ID,
		})
	})
	return result, err
}

func (c *change) usableRegistration(token string) (Registration, User, error) {
	unknown := refuse(CodeRegistrationNotFound, "Registration token is unknown.")
	registration, err := c.Registration(SecretDigest(token))
	if err != nil {
		return Registration{}, User{}, orRefuse(err, unknown)
	}
	if registration.SID != "" { // an access token of the Verify API is for nothing else
		return Registration{}, User{}, unknown
	}
	if err := registration.usable(c.now); err != nil {
		return Registration{}, User{}, err
	}
	user, err := usableUser(c, registration.AppID, registration.AuthyID)
	if err != nil {
		return Registration{}, User{}, err
	}
	return registration, user, nil
}

// RegistrationState says what became of the newest registration of a user.
type RegistrationState string

// States of a registration. No source names the service's own.
const (
	RegistrationPending   RegistrationState = "pending"
	RegistrationCompleted RegistrationState = "completed"
	RegistrationOver      RegistrationState = "expired"
)

// State is where the registration stands at the given time.
func (r Registration) State(now time.Time) RegistrationState {
	switch {
	case !r.UsedAt.IsZero():
		return RegistrationCompleted
	case now.Before(r.ExpiresAt):
		return RegistrationPending
	default:
		return RegistrationOver
	}
}

// LatestRegistration returns the newest registration of the user.
func (s *Service) LatestRegistration(ctx context.Context, appID string, authyID int64) (Registration, error) {
	return view(ctx, s, func(r Reader) (Registration, error) {
		if _, err := activeUser(r, appID, authyID); err != nil {
			return Registration{}, err
		}
		registration, err := r.LatestRegistration(appID, authyID)
		return registration, orRefuse(err, refuse(CodeRegistrationNotFound, "Registration request not found."))
	})
}
