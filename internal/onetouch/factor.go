package onetouch

import (
	"context"
	"errors"
	"fmt"
	"reflect"
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
	// TOTP is how the codes are made of a TOTP factor, which has nothing of the above but metadata.
	TOTP TOTPConfig `json:"totp,omitzero"`
}

// FactorType is what a user proves themselves with.
type FactorType string

const (
	// FactorPush is a device, which signs answers.
	FactorPush FactorType = ""
	// FactorTOTP is an authenticator app. It holds a secret and no key, so it is no device to anybody but the Verify API: lists
	// leave it out, it gets no pushes, and it answers by codes alone.
	FactorTOTP FactorType = "totp"
)

// Verified reports whether the device has shown that it holds its key. Before that it is asked nothing. A device of Authy's
// shows it when it registers.
func (d Device) Verified() bool { return !d.VerifiedAt.IsZero() }

// NewFactor is what makes a device of a user through the Verify API.
type NewFactor struct {
	Type         FactorType
	FriendlyName string
	Secret       []byte // of a TOTP factor; none: one is made
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
	if n.Type == FactorTOTP {
		return n.authenticator()
	}
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
	if accessToken != "" && n.Type != FactorPush {
		return Device{}, InvalidParameter("FactorType", "must be push: an access token makes no other factor")
	}
	device.UUID = s.uuid()
	if device.TOTPSecret == nil {
		device.TOTPSecret = s.bytes(totpSecretSize)
	}
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

// FactorChange is what is to be another of a device. Empty fields stay as they are.
type FactorChange struct {
	FriendlyName, SDKVersion, Platform, Token string
	TOTP                                      TOTPConfig   // of a TOTP factor, whole
	Proof                                     *FactorProof // nil: none
}

// FactorProof is by what a factor shows that it holds its key or its secret, which verifies it.
type FactorProof struct {
	Text      string
	Signature []byte // of a device: ECDSA in DER, over the text
	Code      string // of a TOTP factor
}

// UpdateFactor changes a factor, and verifies one that shows what it holds: all of it, or nothing. The wrong code of a TOTP
// factor is no error: the factor is returned as it was.
func (s *Service) UpdateFactor(ctx context.Context, device Device, n FactorChange) (Device, error) {
	if err := s.validChange(ctx, device, n); err != nil {
		return Device{}, err
	}
	var updated Device
	err := s.changeOrRefuse(ctx, func(c *change) (*Error, error) {
		before, err := activeDevice(c, device.AppID, device.ID)
		if err != nil {
			return nil, orRefuse(err, errFactorNotFound)
		}
		updated = before
		if n.Proof != nil && device.FactorType == FactorTOTP {
			if right, refusal, err := c.useCode(before, n.Proof.Code); !right || err != nil {
				return refusal, err
			}
		}
		if err := updated.apply(n); err != nil {
			return nil, err
		}
		return nil, c.updateFactor(before, &updated, n.Proof != nil)
	})
	if err != nil {
		return Device{}, asItsFactor(err)
	}
	return updated, nil
}

// asItsFactor words a refusal for a backend that calls a device a factor.
func asItsFactor(err error) error {
	if CodeOf(err) == CodeDeviceNotFound {
		return errFactorNotFound
	}
	return err
}

// validChange checks what needs no transaction.
func (s *Service) validChange(ctx context.Context, device Device, n FactorChange) error {
	if err := validLine("FriendlyName", n.FriendlyName, 0, maxFriendlyName); err != nil {
		return err
	}
	if device.FactorType == FactorTOTP {
		return validTOTPChange(device, n)
	}
	if n.TOTP != (TOTPConfig{}) {
		return InvalidParameter("Config", "has what only a totp factor has (Alg, TimeStep, Skew, CodeLength)")
	}
	if err := validLine("Config.SdkVersion", n.SDKVersion, 0, maxAppVersion); err != nil || n.Proof == nil {
		return err
	}
	key, err := s.publicKey(ctx, device)
	if err != nil {
		return err
	}
	if !key.VerifyText(n.Proof.Text, n.Proof.Signature) {
		return refuse(CodeSignatureInvalid, "AuthPayload is not the signature of the factor's SID by the factor's key")
	}
	return nil
}

func (d *Device) apply(n FactorChange) error {
	setNonZero(&d.Name, n.FriendlyName)
	setNonZero(&d.AppVersion, n.SDKVersion)
	setNonZero(&d.Factor.SDKVersion, n.SDKVersion)
	setNonZero(&d.Factor.TOTP, n.TOTP)
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
}

// updateFactor writes a changed factor, which has shown what it holds if proved says so.
func (c *change) updateFactor(before Device, updated *Device, proved bool) error {
	verifies := proved && !before.Verified()
	if verifies {
		updated.VerifiedAt = c.now
	} else if reflect.DeepEqual(*updated, before) {
		return nil
	}
	updated.UpdatedAt = c.now
	c.wake(TopicDevice(updated.UUID))
	if err := c.UpdateDevice(*updated); err != nil || !verifies {
		return err
	}
	user, err := c.User(updated.AppID, updated.AuthyID)
	if err != nil {
		return err
	}
	if !user.Confirmed() {
		user.ConfirmedAt = c.now
		if err := c.UpdateUser(user); err != nil {
			return err
		}
	}
	verified := EventDeviceRegistered
	if updated.FactorType == FactorTOTP {
		verified = EventFactorVerified
	}
	return c.happened(Event{Type: verified, AppID: updated.AppID, AuthyID: updated.AuthyID, DeviceID: updated.ID})
}

// RemoveFactor takes a device away from its user.
func (s *Service) RemoveFactor(ctx context.Context, device Device) error {
	return asItsFactor(s.RemoveDevice(ctx, device.AppID, device.ID))
}

// leewayOfTokens is how far a device's clock may be from the server's when it authenticates. What Twilio allows is not on
// record.
const (
	leewayOfTokens  = time.Minute
	longestTokenAge = time.Hour
)

// signsIn reports whether the device authenticates by its key.
func (d Device) signsIn() bool {
	return !d.Removed() && d.API == APIVerify && d.FactorType == FactorPush
}

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
	if errors.Is(err, ErrNotFound) || err == nil && !device.signsIn() {
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
