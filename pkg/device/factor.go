package device

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"

	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// NewFactor says who becomes a push factor of the Verify API, and where: the payload of the SDK's createFactor. Printing or
// logging it does not show the token.
type NewFactor struct {
	Server      string       // base URL, such as http://127.0.0.1:8181
	HTTPClient  *http.Client // nil: one that waits 30 s for an answer
	ServiceSID  string       // VA and 32 hexadecimal digits
	Identity    string       // of the entity, which is added with its first factor
	AccessToken string       // that the backend has asked for; it is for one factor of this identity
	Name        string       // friendly name of 1 to 64 characters; "": Simulated phone
	// Platform is android (also for ""), android_tablet, ios, iphone or ipad: what pushes go by FCM or APNs for.
	Platform   string
	AppID      string // of the app in its store; "": one that is made up
	SDKVersion string // "": one that is made up
	// Push is where the device hears of challenges; a zero type is [PushStream]. The token of a stream has 32 to 255 characters:
	// in place of a shorter one, which no backend can push by, one is made up.
	Push PushTarget
}

// String names the factor that is to be.
func (n NewFactor) String() string {
	return fmt.Sprintf("factor %q of %s, to be created at %s", n.Name, n.Identity, n.Server)
}

// Format is [NewFactor.String] for every verb, %#v included.
func (n NewFactor) Format(state fmt.State, _ rune) { _, _ = state.Write([]byte(n.String())) }

// LogValue names the factor that is to be.
func (n NewFactor) LogValue() slog.Value { return slog.StringValue(n.String()) }

// What an app says of itself when nobody says otherwise.
const (
	defaultName       = "Simulated phone"
	defaultAppID      = "com.onetouchkit.simulated"
	defaultSDKVersion = "1.0.0"
)

// RegisterFactor makes a device a push factor of the Verify API, with a key pair of its own, and verifies it: what an app does
// with createFactor and verifyFactor of Twilio's SDK. Save its [Device.Credentials], or it is lost. A refusal of the access
// token is [ErrAccessToken]. If it cannot be verified, the factor is deleted again.
func RegisterFactor(ctx context.Context, n NewFactor) (*Device, error) {
	d, err := CreateFactor(ctx, n)
	if err != nil {
		return nil, err
	}
	if err := d.VerifyFactor(ctx); err != nil {
		_ = d.Unregister(context.WithoutCancel(ctx)) // nobody can be asked by it
		return nil, fmt.Errorf("verifying factor %s: %w", d.credentials.Factor.SID, err)
	}
	return d, nil
}

// CreateFactor is [RegisterFactor] without the verification: the SDK's createFactor. Until [Device.VerifyFactor] no challenge
// can be put to the factor.
func CreateFactor(ctx context.Context, n NewFactor) (*Device, error) {
	api, err := newClient(n.Server, n.HTTPClient)
	if err != nil {
		return nil, err
	}
	key, err := evidence.GenerateKey(evidence.ES256)
	if err != nil {
		return nil, err
	}
	form, err := n.form(key)
	if err != nil {
		return nil, err
	}
	api.authorise = func(r *http.Request) error {
		r.SetBasicAuth(factorUser, n.AccessToken)
		return nil
	}
	var made factorAnswer
	if err := api.form(ctx, http.MethodPost, factorsPath(n.ServiceSID, n.Identity), form, &made); err != nil {
		return nil, err
	}
	return made.device(ctx, n, key)
}

func (n NewFactor) form(key *evidence.PrivateKey) (url.Values, error) {
	for _, one := range []struct {
		value     *string
		otherwise string
	}{{&n.Name, defaultName}, {&n.AppID, defaultAppID}, {&n.SDKVersion, defaultSDKVersion}} {
		if *one.value == "" {
			*one.value = one.otherwise
		}
		if err := checkText("what the factor says of itself", *one.value); err != nil {
			return nil, err
		}
	}
	platform, err := notificationPlatform(n.Platform)
	if err != nil {
		return nil, err
	}
	der, err := key.Public().DER()
	if err != nil {
		return nil, err
	}
	config := n.Push.config(platform)
	config["SdkVersion"], config["AppId"] = n.SDKVersion, n.AppID
	binding := map[string]string{"PublicKey": base64.StdEncoding.EncodeToString(der), "Alg": string(evidence.ES256)}
	return url.Values{
		"FriendlyName": {n.Name}, "FactorType": {"push"}, "Binding": {objectOf(binding)}, "Config": {objectOf(config)},
	}, nil
}

// notificationPlatform is the push service of a platform.
func notificationPlatform(platform string) (string, error) {
	switch platform {
	case "", "android", "android_tablet":
		return "fcm", nil
	case "ios", "iphone", "ipad":
		return "apn", nil
	default:
		return "", &withoutError{Verify, fmt.Sprintf("the platform %q: it has android, android_tablet, ios, iphone and ipad", platform)}
	}
}

// leastToken is how many characters a push token has at least. Source: the documentation of the factors of Twilio's Verify API.
const leastToken = 32

// config is the part of a factor's configuration that says where pushes go.
func (t PushTarget) config(platform string) map[string]string {
	token := t.Token
	switch t.Type {
	case PushNone:
		platform = "none"
	case PushWebhook:
		token = t.URL
	default:
		if len(token) < leastToken {
			token = rand.Text() + rand.Text()
		}
	}
	config := map[string]string{"NotificationPlatform": platform}
	if token != "" {
		config["NotificationToken"] = token
	}
	return config
}

// objectOf is the JSON of texts.
func objectOf(texts map[string]string) string {
	text, _ := json.Marshal(texts) // texts can be written
	return string(text)
}

// factorAnswer is a factor on the wire.
type factorAnswer struct {
	SID          string `json:"sid"`
	AccountSID   string `json:"account_sid"`
	ServiceSID   string `json:"service_sid"`
	Identity     string `json:"identity"`
	FriendlyName string `json:"friendly_name"`
	Status       string `json:"status"`
	Config       struct {
		CredentialSID string `json:"credential_sid"`
	} `json:"config"`
}

// device is the factor that was made just now. Its numbers the server of a simulated phone tells.
func (a factorAnswer) device(ctx context.Context, n NewFactor, key *evidence.PrivateKey) (*Device, error) {
	jwk, err := key.JWK()
	if err != nil {
		return nil, fmt.Errorf("writing the factor's private key: %w", err)
	}
	c := Credentials{
		API: Verify, DeviceUUID: uuidOf(factorPrefix, a.SID), Name: a.FriendlyName, PrivateKey: jwk,
		Factor: Factor{
			SID: a.SID, AccountSID: a.AccountSID, ServiceSID: a.ServiceSID, Identity: a.Identity,
			CredentialSID: a.Config.CredentialSID, Unverified: a.Status != "verified",
		},
	}
	if missing := c.missing(); missing != "device_id" {
		return nil, fmt.Errorf("%s answered with a factor whose %s is missing", n.Server, missing)
	}
	api, err := newClient(n.Server, n.HTTPClient)
	if err != nil {
		return nil, err
	}
	f := openFactor(c, api, key, &clock{})
	var own registrationAnswer
	if err := f.api.call(ctx, http.MethodGet, "/device", nil, &own); err != nil {
		_ = f.unregister(context.WithoutCancel(ctx)) // of no use without its number
		return nil, fmt.Errorf("asking %s for the number of factor %s: %w", n.Server, a.SID, err)
	}
	c.DeviceID, c.AuthyID, c.AppID, c.AppName, c.Platform = own.DeviceID, own.AuthyID, own.App.ID, own.App.Name, own.Platform
	return Open(c, n.Server, n.HTTPClient)
}

// VerifyFactor shows that the factor has its key: the SDK's verifyFactor. A device of Authy's has shown it when it registered:
// there it is [ErrNoCounterpart].
func (d *Device) VerifyFactor(ctx context.Context) error {
	f, is := d.speaks.(*factor)
	if !is {
		return d.without("the verification of a factor")
	}
	if err := f.verify(ctx); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.credentials.Factor.Unverified = false
	return nil
}
