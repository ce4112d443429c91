package onetouch

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// FactorConfig is what a device of the Verify API says of itself as a push factor. A device of Authy's has none.
type FactorConfig struct {
	AppID      string `json:"app_id,omitempty"` // of the app in its store, such as com.example.bank
	SDKVersion string `json:"sdk_version,omitempty"`
	Platform   string `json:"platform,omitempty"` // fcm, apn or none
	Metadata   string `json:"metadata,omitempty"` // a JSON object; empty: none
}

// Verified reports whether the device has shown that it holds its key. Before that it is asked nothing. A device of Authy's
// shows it when it registers.
func (d Device) Verified() bool { return !d.VerifiedAt.IsZero() }

// NewFactor is what makes a device of a user through the Verify API.
type NewFactor struct {
	FriendlyName string
	PublicKey    []byte // DER of the SubjectPublicKeyInfo of a P-256 key
	Alg          string // ES256
	Token        string // of the platform: see [PushTarget]
	FactorConfig
}

// Bounds. Source: the documentation of the factors of Twilio's Verify API. Of tokens it asks for 32 characters at least.
const (
	maxFriendlyName     = 64
	maxAppIDOfFactor    = 100
	maxFactorMetadata   = 1024
	minTokenOfPlatform  = 32
	maxTokenOfPlatform  = 255
	platformNone        = "none"
	defaultPlatformName = "fcm"
)

func (n NewFactor) device() (Device, error) {
	for _, text := range []struct {
		name, value string
		least, most int
	}{
		{"FriendlyName", n.FriendlyName, 1, maxFriendlyName}, {"Config.AppId", n.AppID, 1, maxAppIDOfFactor},
		{"Config.SdkVersion", n.SDKVersion, 1, maxAppVersion}, {"Metadata", n.Metadata, 0, maxFactorMetadata},
	} {
		if err := validLine(text.name, text.value, text.least, text.most); err != nil {
			return Device{}, err
		}
	}
	if n.Alg != string(evidence.ES256) {
		return Device{}, InvalidParameter("Binding.Alg", "must be ES256")
	}
	key, err := evidence.ParsePublicKeyDER(n.PublicKey)
	if err != nil || key.Algorithm() != evidence.ES256 {
		return Device{}, InvalidParameter("Binding.PublicKey", "must be the base64 of the DER of a P-256 public key (PKIX)")
	}
	d := Device{
		API: APIVerify, Name: n.FriendlyName, AppVersion: n.SDKVersion, Factor: n.FactorConfig, KeyID: key.ID(),
	}
	if err := d.setPlatform(n.Platform, n.Token); err != nil {
		return Device{}, err
	}
	d.PublicKey, err = key.MarshalJSON()
	return d, err
}

// setPlatform says where the device wants its pushes. No push goes to Apple or Google from here: a device hears them on its
// event stream, or at the URL that it gives as its token.
func (d *Device) setPlatform(platform, token string) error {
	operatingSystem := map[string]string{"apn": "ios", "fcm": "android", platformNone: "android"}[platform]
	if operatingSystem == "" {
		return InvalidParameter("Config.NotificationPlatform", "must be apn, fcm or none")
	}
	d.Factor.Platform, d.Platform = platform, operatingSystem
	d.Push = PushTarget{Type: PushStream, Token: token}
	if platform == platformNone {
		d.Push.Type = PushNone
		return validText("Config.NotificationToken", token, 0, maxTokenOfPlatform)
	}
	if strings.HasPrefix(token, "http://") || strings.HasPrefix(token, "https://") {
		d.Push.Type, d.Push.URL = PushWebhook, token
		return validHTTPURL("Config.NotificationToken", token, "http://127.0.0.1:3000/push")
	}
	if len(token) < minTokenOfPlatform {
		return InvalidParameter("Config.NotificationToken", fmt.Sprintf("has %d characters, must have %d to %d",
			len(token), minTokenOfPlatform, maxTokenOfPlatform))
	}
	return validLine("Config.NotificationToken", token, 1, maxTokenOfPlatform)
}

// CreateFactor gives a user a device, which has still to show that it has its key. accessToken is what the device came with;
// it is empty when a backend calls. A user who is not there yet is added.
func (s *Service) CreateFactor(ctx context.Context, appID, identity, accessToken string, n NewFactor) (Device, error) {
	if err := validIdentity(identity); err != nil {
		return Device{}, err
	}
	device, err := n.device()
	if err != nil {
		return Device{}, err
	}
	device.UUID, device.TOTPSecret = s.uuid(), s.bytes(totpSecretSize)
	device.AccessTokenDigest = SecretDigest(s.secret()) // its JWTs take the place of one
	err = s.change(ctx, func(c *change) error {
		var registration Registration
		if accessToken != "" {
			if registration, err = usableAccessToken(c, accessToken, appID, identity, c.now); err != nil {
				return err
			}
		}
		user, _, err := s.entity(c, appID, identity)
		if err == nil && user.Suspended() {
			err = errUserSuspended
		}
		if err != nil {
			return err
		}
		device.AppID, device.AuthyID, device.RegisteredAt, device.UpdatedAt = appID, user.AuthyID, c.now, c.now
		if err := c.InsertDevice(&device); err != nil {
			return err
		}
		if accessToken != "" {
			registration.UsedAt, registration.DeviceID = c.now, device.ID
			if err := c.UpdateRegistration(registration); err != nil {
				return err
			}
		}
		return c.happened(Event{Type: EventFactorCreated, AppID: appID, AuthyID: user.AuthyID, DeviceID: device.ID})
	})
	return device, err
}

var errFactorNotFound = refuse(CodeDeviceNotFound, "Factor not found")

// Factor is a device of the user, verified or not.
func (s *Service) Factor(ctx context.Context, user User, uuid string) (Device, error) {
	device, err := s.deviceByUUID(ctx, uuid)
	if err != nil {
		return Device{}, orRefuse(err, errFactorNotFound)
	}
	if device.AppID != user.AppID || device.AuthyID != user.AuthyID || device.Removed() {
		return Device{}, errFactorNotFound
	}
	return device, nil
}

func (s *Service) deviceByUUID(ctx context.Context, uuid string) (Device, error) {
	return remembered(ctx, s, keyDeviceByUUID(uuid), func(r Reader) (Device, error) { return r.DeviceByUUID(uuid) })
}

// VerifyFactor takes a signature by which a device shows that it has its key: ECDSA in DER, over a text.
func (s *Service) VerifyFactor(ctx context.Context, device Device, text string, signature []byte) (Device, error) {
	key, err := s.publicKey(ctx, device)
	if err != nil {
		return Device{}, err
	}
	if !key.VerifyText(text, signature) {
		return Device{}, refuse(CodeSignatureInvalid, "AuthPayload is not the signature of the factor's SID by the factor's key")
	}
	if device.Verified() {
		return device, nil
	}
	var verified Device
	err = s.change(ctx, func(c *change) error {
		if verified, err = activeDevice(c, device.AppID, device.ID); err != nil {
			return orRefuse(err, errFactorNotFound)
		}
		verified.VerifiedAt, verified.UpdatedAt = c.now, c.now
		if err := c.UpdateDevice(verified); err != nil {
			return err
		}
		user, err := c.User(device.AppID, device.AuthyID)
		if err != nil {
			return err
		}
		if !user.Confirmed() {
			user.ConfirmedAt = c.now
			if err := c.UpdateUser(user); err != nil {
				return err
			}
		}
		return c.happened(Event{
			Type: EventDeviceRegistered, AppID: device.AppID, AuthyID: device.AuthyID, DeviceID: device.ID,
		})
	})
	return verified, err
}

// FactorChange is what is to be another of a device. Empty fields stay as they are.
type FactorChange struct{ FriendlyName, SDKVersion, Platform, Token string }

// UpdateFactor changes a device.
func (s *Service) UpdateFactor(ctx context.Context, device Device, n FactorChange) (Device, error) {
	if err := validLine("FriendlyName", n.FriendlyName, 0, maxFriendlyName); err != nil {
		return Device{}, err
	}
	if err := validLine("Config.SdkVersion", n.SDKVersion, 0, maxAppVersion); err != nil {
		return Device{}, err
	}
	return s.updateDevice(ctx, device, func(d *Device) error {
		setNonZero(&d.Name, n.FriendlyName)
		setNonZero(&d.AppVersion, n.SDKVersion)
		setNonZero(&d.Factor.SDKVersion, n.SDKVersion)
		if n.Platform == "" && n.Token == "" {
			return nil
		}
		platform, token := d.Factor.Platform, d.Push.Token
		setNonZero(&platform, n.Platform)
		setNonZero(&token, n.Token)
		if platform == "" {
			platform = defaultPlatformName
		}
		return d.setPlatform(platform, token)
	})
}

// RemoveFactor takes a device away from its user.
func (s *Service) RemoveFactor(ctx context.Context, device Device) error {
	err := s.RemoveDevice(ctx, device.AppID, device.ID)
	if CodeOf(err) == CodeDeviceNotFound {
		return errFactorNotFound
	}
	return err
}

// leewayOfTokens is how far a device's clock may be from the server's when it authenticates. What Twilio allows is not on
// record.
const (
	leewayOfTokens  = time.Minute
	longestTokenAge = time.Hour
)

// AuthenticateFactor returns the device that has signed a JWT for the account. The device is named by its UUID, which the
// adapter reads in the token's header.
func (s *Service) AuthenticateFactor(ctx context.Context, uuid, token string) (Device, error) {
	refused := func(reason string) (Device, error) {
		return Device{}, refuse(CodeCredentialsInvalid, "Authenticate: %s", reason)
	}
	account, err := s.Account(ctx)
	if err != nil {
		return Device{}, err
	}
	device, err := s.deviceByUUID(ctx, uuid)
	if errors.Is(err, ErrNotFound) || err == nil && (device.Removed() || device.API != APIVerify) {
		return refused("the token is of no factor")
	}
	if err != nil {
		return Device{}, err
	}
	key, err := s.publicKey(ctx, device)
	if err != nil {
		return Device{}, err
	}
	claims, err := evidence.OpenToken(token, key)
	if err != nil {
		return refused("the token is not signed by the factor's key")
	}
	now := s.clock.Now()
	from, until := time.Unix(claims.NotBefore, 0), time.Unix(claims.Expires, 0)
	switch {
	case claims.Subject != account.SID:
		return refused("the token's sub is not the account")
	case claims.Expires == 0 || until.Sub(from) > longestTokenAge:
		return refused("the token's nbf and exp must be an hour apart at most")
	case now.Before(from.Add(-leewayOfTokens)):
		return refused("the token's time has not come yet")
	case !now.Before(until.Add(leewayOfTokens)):
		return refused("the token's time is over")
	}
	return device, nil
}
