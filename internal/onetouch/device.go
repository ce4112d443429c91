package onetouch

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// Device is an app installation that can answer for a user. The server holds its public key only.
type Device struct {
	ID                int64
	UUID              string
	AppID             string
	AuthyID           int64
	Name              string
	Platform          string
	AppVersion        string
	PublicKey         []byte // JWK
	KeyID             string // RFC 7638 thumbprint of PublicKey
	AccessTokenDigest []byte // see [SecretDigest]
	Push              PushTarget
	TOTPSecret        []byte // shared secret of the device's one-time codes
	RegisteredAt      time.Time
	RemovedAt         time.Time // zero while registered
	API               API       // through which it has come, and speaks
	FactorType        FactorType
	VerifiedAt        time.Time // see [Device.Verified]
	UpdatedAt         time.Time
	Factor            FactorConfig
}

// Removed reports whether the device lost its right to answer.
func (d Device) Removed() bool { return !d.RemovedAt.IsZero() }

// PushTarget is where a device wants its pushes.
type PushTarget struct {
	Type  PushType
	Token string // the platform's push token, kept for a backend that pushes by itself
	URL   string // of a webhook
}

// PushType is a way to reach a device.
type PushType string

// Ways to reach a device.
const (
	PushStream  PushType = "sse"     // the device holds an event stream open
	PushWebhook PushType = "webhook" // the service posts the push to the device's URL
	PushNone    PushType = "none"    // the backend pushes by itself
)

// Platforms are the device types that the user status reports, the default first. Source: recorded status answers.
func Platforms() []string {
	return []string{"android", "android_tablet", "ios", "iphone", "ipad", "desktop", "authy_chrome"}
}

const (
	maxDeviceName  = 100
	maxAppVersion  = 50
	maxPushToken   = 4096
	defaultDevice  = "Simulated phone"
	totpSecretSize = 20 // bytes; RFC 4226 recommends 160 bits
)

// One-time codes of a device. Source: the soft tokens of the native Authy app.
const (
	TOTPDigits    = 7
	TOTPPeriod    = 10 * time.Second
	TOTPAlgorithm = "SHA1"
)

// NewDevice is what a device says when it registers.
type NewDevice struct {
	RegistrationToken string
	Name              string
	Platform          string
	AppVersion        string
	PublicKey         []byte // JWK
	Proof             string // compact JWS over the registration token
	Push              PushTarget
}

// device checks everything but the registration token itself.
func (n NewDevice) device() (Device, error) {
	d := Device{Name: n.Name, Platform: n.Platform, AppVersion: n.AppVersion, Push: n.Push}
	if d.Name == "" {
		d.Name = defaultDevice
	}
	if d.Platform == "" {
		d.Platform = Platforms()[0]
	}
	if d.Push.Type == "" {
		d.Push.Type = PushStream
	}
	if err := validText("device.name", d.Name, 1, maxDeviceName); err != nil {
		return Device{}, err
	}
	if err := validText("device.app_version", d.AppVersion, 0, maxAppVersion); err != nil {
		return Device{}, err
	}
	if !slices.Contains(Platforms(), d.Platform) {
		return Device{}, InvalidParameter("device.platform", "must be one of "+strings.Join(Platforms(), ", "))
	}
	if err := d.Push.validate(); err != nil {
		return Device{}, err
	}
	key, err := evidence.ParsePublicKey(n.PublicKey)
	if err != nil {
		return Device{}, &Error{Code: CodePublicKeyInvalid, Err: err,
			Message: "Public key must be a JWK with a P-256 or a 2048 to 4096 bit RSA public key."}
	}
	if err := evidence.VerifyProof(n.Proof, key, n.RegistrationToken); err != nil {
		return Device{}, &Error{Code: CodeSignatureInvalid, Err: err,
			Message: "Proof is not a signature of the registration token by the public key."}
	}
	d.KeyID = key.ID()
	d.PublicKey, err = key.MarshalJSON()
	return d, err
}

func (p PushTarget) validate() error {
	if err := validText("push.token", p.Token, 0, maxPushToken); err != nil {
		return err
	}
	switch p.Type {
	case PushStream, PushNone:
		return validText("push.url", p.URL, 0, maxURL)
	case PushWebhook:
		return validHTTPURL("push.url", p.URL, "http://127.0.0.1:3000/push")
	default:
		return refuse(CodePushPlatformUnknown, "Push type is not known: must be sse, webhook or none.")
	}
}

// DeviceFilter chooses devices. Zero fields choose all.
type DeviceFilter struct {
	AppID       string
	AuthyID     int64
	WithRemoved bool
	// WithUnverified also chooses those of the Verify API that have not shown yet that they have their key.
	WithUnverified bool
	// WithTOTP also chooses what is no device but an authenticator app: see [FactorTOTP].
	WithTOTP bool
	After    int64 // ID: only those above it
	Limit    int
}

// Push tells a device that an approval request waits. It carries the message only: details are fetched.
type Push struct {
	ID          int64 // grows with time, for a given device too
	RequestUUID string
	Message     string
}

// errDeviceNotFound is worded by analogy with 60026; only the code 60092 is on record.
var errDeviceNotFound = refuse(CodeDeviceNotFound, "Device not found.")

var errAccessTokenInvalid = refuse(CodeAccessTokenInvalid, "Access token is unknown or its device was removed.")

// AuthenticateDevice returns the device that owns the access token.
func (s *Service) AuthenticateDevice(ctx context.Context, accessToken string) (Device, error) {
	digest := digestOf(accessToken)
	device, err := remembered(ctx, s, keyDeviceByAccessToken(digest), func(r Reader) (Device, error) {
		return r.DeviceByAccessToken(digest[:])
	})
	if err != nil {
		return Device{}, orRefuse(err, errAccessTokenInvalid)
	}
	if device.Removed() {
		return Device{}, errAccessTokenInvalid
	}
	return device, nil
}

// Devices lists devices, oldest first.
func (s *Service) Devices(ctx context.Context, f DeviceFilter) ([]Device, error) {
	return view(ctx, s, func(r Reader) ([]Device, error) { return r.Devices(f) })
}

// activeDevice is the application's device, unless removed.
func activeDevice(r Reader, appID string, id int64) (Device, error) {
	device, err := r.Device(id)
	if err != nil {
		return Device{}, orRefuse(err, errDeviceNotFound)
	}
	if device.AppID != appID || device.Removed() {
		return Device{}, errDeviceNotFound
	}
	return device, nil
}

// asItsDevice words a refusal for the device itself, whose access token held until a moment ago.
func asItsDevice(err error) error {
	if CodeOf(err) == CodeDeviceNotFound {
		return errAccessTokenInvalid
	}
	return err
}

// UnregisterDevice removes a device at its own wish.
func (s *Service) UnregisterDevice(ctx context.Context, device Device) error {
	return asItsDevice(s.RemoveDevice(ctx, device.AppID, device.ID))
}

// RemoveDevice revokes the device's access token at once and ends its stream.
func (s *Service) RemoveDevice(ctx context.Context, appID string, id int64) error {
	return s.change(ctx, func(c *change) error {
		device, err := activeDevice(c, appID, id)
		if err != nil {
			return err
		}
		return c.removeDevice(device)
	})
}

func (c *change) removeDevice(device Device) error {
	device.RemovedAt = c.now
	if err := c.UpdateDevice(device); err != nil {
		return err
	}
	c.wake(TopicDevice(device.UUID))
	return c.happened(Event{
		Type: EventDeviceRemoved, AppID: device.AppID, AuthyID: device.AuthyID, DeviceID: device.ID,
	})
}

// RenameDevice gives the device another name.
func (s *Service) RenameDevice(ctx context.Context, device Device, name string) (Device, error) {
	if err := validText("name", name, 1, maxDeviceName); err != nil {
		return Device{}, err
	}
	return s.updateDevice(ctx, device, func(d *Device) error { d.Name = name; return nil })
}

// SetPush changes where the device wants its pushes. Pushes that are owed already stay as they are.
func (s *Service) SetPush(ctx context.Context, device Device, target PushTarget) (Device, error) {
	if err := target.validate(); err != nil {
		return Device{}, err
	}
	return s.updateDevice(ctx, device, func(d *Device) error { d.Push = target; return nil })
}

func (s *Service) updateDevice(ctx context.Context, device Device, set func(*Device) error) (Device, error) {
	var updated Device
	err := s.change(ctx, func(c *change) (err error) {
		updated, err = activeDevice(c, device.AppID, device.ID)
		if err != nil {
			return err
		}
		if err := set(&updated); err != nil {
			return err
		}
		updated.UpdatedAt = c.now
		c.wake(TopicDevice(updated.UUID))
		return c.UpdateDevice(updated)
	})
	return updated, asItsDevice(err)
}
