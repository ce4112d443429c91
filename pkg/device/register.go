package device

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// Registration says who registers, and where. Printing or logging it does not show the token.
type Registration struct {
	Server     string       // base URL, such as http://127.0.0.1:8181
	HTTPClient *http.Client // nil: one that waits 30 s for an answer
	Token      string       // the registration token that the backend has asked for; single use
	Name       string       // 1 to 100 characters; "": the server names the device
	// Platform is android (also for ""), android_tablet, ios, iphone, ipad, desktop or authy_chrome.
	Platform   string
	AppVersion string
	Algorithm  evidence.Algorithm // of the device's signatures; "": ES256
	Push       PushTarget         // a zero type is [PushStream]
}

// String names the device that wants to register.
func (r Registration) String() string {
	return fmt.Sprintf("registration of %q at %s", r.Name, r.Server)
}

// Format is [Registration.String] for every verb, %#v included.
func (r Registration) Format(state fmt.State, _ rune) { _, _ = state.Write([]byte(r.String())) }

// LogValue names the device that wants to register.
func (r Registration) LogValue() slog.Value { return slog.StringValue(r.String()) }

type registrationCall struct {
	Token  string `json:"registration_token"`
	Device struct {
		Name       string `json:"name,omitempty"`
		Platform   string `json:"platform,omitempty"`
		AppVersion string `json:"app_version,omitempty"`
	} `json:"device"`
	PublicKey *evidence.PublicKey `json:"public_key"`
	Proof     string              `json:"proof"`
	Push      PushTarget          `json:"push"`
}

type registrationAnswer struct {
	DeviceID    int64  `json:"device_id"`
	DeviceUUID  string `json:"device_uuid"`
	Name        string `json:"name"`
	Platform    string `json:"platform"`
	AccessToken string `json:"access_token"`
	AuthyID     int64  `json:"authy_id"`
	App         struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"app"`
	TOTP TOTP `json:"totp"`
}

// Register makes a key pair and registers a device with it. The device exists from then on: save its
// [Device.Credentials], or it is lost. Refusals of the token are [ErrRegistrationNotFound], [ErrRegistrationUsed] and
// [ErrRegistrationExpired].
func Register(ctx context.Context, r Registration) (*Device, error) {
	if r.Algorithm == "" {
		r.Algorithm = evidence.ES256
	}
	if r.Push.Type == "" {
		r.Push.Type = PushStream
	}
	api, err := newClient(r.Server, r.HTTPClient)
	if err != nil {
		return nil, err
	}
	key, err := evidence.GenerateKey(r.Algorithm)
	if err != nil {
		return nil, err
	}
	var answer registrationAnswer
	call, err := r.call(key)
	if err == nil {
		err = api.call(ctx, http.MethodPost, "/registrations", call, &answer)
	}
	if err != nil {
		return nil, err
	}
	credentials, err := answer.credentials(key)
	if err != nil {
		return nil, err
	}
	return Open(credentials, r.Server, r.HTTPClient)
}

func (r Registration) call(key *evidence.PrivateKey) (registrationCall, error) {
	for _, t := range []struct{ name, text string }{
		{"registration token", r.Token}, {"name", r.Name}, {"platform", r.Platform}, {"app version", r.AppVersion},
	} {
		if err := checkText(t.name, t.text); err != nil {
			return registrationCall{}, err
		}
	}
	call := registrationCall{Token: r.Token, PublicKey: key.Public(), Push: r.Push}
	call.Device.Name, call.Device.Platform, call.Device.AppVersion = r.Name, r.Platform, r.AppVersion
	var err error
	call.Proof, err = evidence.SignProof(key, r.Token)
	return call, err
}

func (a registrationAnswer) credentials(key *evidence.PrivateKey) (Credentials, error) {
	jwk, err := key.JWK()
	if err != nil {
		return Credentials{}, fmt.Errorf("writing the device's private key: %w", err)
	}
	return Credentials{
		DeviceID: a.DeviceID, DeviceUUID: a.DeviceUUID, AuthyID: a.AuthyID, AppID: a.App.ID, AppName: a.App.Name,
		Name: a.Name, Platform: a.Platform, AccessToken: a.AccessToken, PrivateKey: json.RawMessage(jwk), TOTP: a.TOTP,
	}, nil
}
