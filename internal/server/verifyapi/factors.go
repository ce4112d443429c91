package verifyapi

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/verifywire"
)

// factorParameters are those of backends, with dots, and those of devices, which send JSON objects.
const factorParameters = "FriendlyName FactorType Binding Binding.Alg Binding.PublicKey Binding.Secret Config Config.AppId " +
	"Config.NotificationPlatform Config.NotificationToken Config.SdkVersion Config.Alg Config.TimeStep Config.Skew " +
	"Config.CodeLength Metadata"

type factor struct {
	SID          string          `json:"sid"`
	AccountSID   string          `json:"account_sid"`
	ServiceSID   string          `json:"service_sid"`
	EntitySID    string          `json:"entity_sid"`
	Identity     string          `json:"identity"`
	Binding      any             `json:"binding,omitempty"` // of a factor that was made just now
	FriendlyName string          `json:"friendly_name"`
	FactorType   string          `json:"factor_type"`
	Status       string          `json:"status"`
	Config       any             `json:"config"`
	Metadata     json.RawMessage `json:"metadata"`
	DateCreated  any             `json:"date_created"`
	DateUpdated  any             `json:"date_updated"`
	URL          string          `json:"url"`
}

type binding struct {
	Alg       string `json:"alg"`
	PublicKey string `json:"public_key"`
}

// totpBinding is what the user's authenticator app is set up with.
type totpBinding struct {
	Secret string `json:"secret"`
	URI    string `json:"uri"`
}

type factorConfig struct {
	CredentialSID        string `json:"credential_sid"`
	AppID                string `json:"app_id"`
	NotificationPlatform string `json:"notification_platform"`
	NotificationToken    string `json:"notification_token"`
	SDKVersion           string `json:"sdk_version"`
}

func statusOf(d onetouch.Device) string {
	if d.Verified() {
		return "verified"
	}
	return "unverified"
}

// factorOf shows a device. One of Authy's has no store of apps that is known here.
func (c *call) factorOf(u onetouch.User, d onetouch.Device) factor {
	sid := verifywire.FactorSID(d)
	shown := factor{
		SID: sid, AccountSID: c.account.SID, ServiceSID: c.serviceSID(), EntitySID: verifywire.EntitySID(u),
		Identity: u.Identity, FriendlyName: d.Name, FactorType: verifywire.FactorType(d), Status: statusOf(d),
		Config: configOf(d), Metadata: json.RawMessage("null"),
		DateCreated: verifywire.Date(d.RegisteredAt), DateUpdated: verifywire.Date(d.UpdatedAt),
		URL: c.url("Services", c.serviceSID(), "Entities", u.Identity, "Factors", sid),
	}
	if d.Factor.Metadata != "" {
		shown.Metadata = json.RawMessage(d.Factor.Metadata)
	}
	return shown
}

func configOf(d onetouch.Device) any {
	if d.FactorType == onetouch.FactorTOTP {
		return d.Factor.TOTP
	}
	config := factorConfig{
		CredentialSID: verifywire.CredentialSID(d), AppID: d.Factor.AppID, NotificationPlatform: d.Factor.Platform,
		NotificationToken: d.Push.Token, SDKVersion: d.Factor.SDKVersion,
	}
	if config.NotificationPlatform == "" {
		config.NotificationPlatform, config.SDKVersion = "none", d.AppVersion
	}
	return config
}

// spread makes one form of the two: the members of a JSON object become parameters with dots.
func (c *call) spread(name string, members map[string]string) error {
	text := c.form.Get(name)
	if text == "" {
		return nil
	}
	list, err := texts(name, text)
	if err != nil {
		return err
	}
	for _, one := range list {
		parameter, known := members[one.Name]
		if !known {
			continue // what an SDK says beside that
		}
		if c.form.Has(parameter) && c.form.Get(parameter) != one.Value {
			return onetouch.InvalidParameter(parameter, "is given twice")
		}
		c.form.Set(parameter, one.Value)
	}
	return nil
}

func (c *call) spreadAll() error {
	if err := c.spread("Binding", map[string]string{"PublicKey": "Binding.PublicKey", "Alg": "Binding.Alg"}); err != nil {
		return err
	}
	return c.spread("Config", map[string]string{
		"AppId": "Config.AppId", "NotificationPlatform": "Config.NotificationPlatform",
		"NotificationToken": "Config.NotificationToken", "SdkVersion": "Config.SdkVersion",
	})
}

func createFactor(c *call) (answer, error) {
	if err := c.spreadAll(); err != nil {
		return answer{}, err
	}
	for _, name := range []string{"FactorType", "FriendlyName"} {
		if _, err := c.require(name); err != nil {
			return answer{}, err
		}
	}
	if _, err := texts("Metadata", c.form.Get("Metadata")); err != nil {
		return answer{}, err
	}
	n, err := c.newFactor()
	if err != nil {
		return answer{}, err
	}
	identity := c.PathValue("identity")
	device, err := c.service.CreateFactor(c.Context(), c.app.ID, identity, c.accessToken, n)
	if err != nil {
		return answer{}, err
	}
	user, err := c.service.Entity(c.Context(), c.app.ID, identity)
	if err != nil {
		return answer{}, err
	}
	shown := c.factorOf(user, device)
	shown.Binding = c.bindingOf(device)
	return created(shown), nil
}

// bindingOf is what is told of a factor once.
func (c *call) bindingOf(d onetouch.Device) any {
	if d.FactorType == onetouch.FactorTOTP {
		secret, uri := d.TOTPSetup(c.app)
		return totpBinding{Secret: secret, URI: uri}
	}
	return binding{Alg: c.form.Get("Binding.Alg"), PublicKey: c.form.Get("Binding.PublicKey")}
}

// newFactor is the factor that the parameters ask for.
func (c *call) newFactor() (onetouch.NewFactor, error) {
	switch c.form.Get("FactorType") {
	case "push":
		return c.newDevice()
	case "totp":
		return c.newAuthenticator()
	default:
		return onetouch.NewFactor{}, onetouch.InvalidParameter("FactorType", "must be push or totp: no other factor is played here")
	}
}

// Parameters that factors of one type have, and those of the other have not.
var (
	pushParameters = []string{
		"Binding.Alg", "Binding.PublicKey", "Config.AppId", "Config.NotificationPlatform", "Config.NotificationToken",
		"Config.SdkVersion",
	}
	totpParameters = []string{"Binding.Secret", "Config.Alg", "Config.TimeStep", "Config.Skew", "Config.CodeLength"}
)

func (c *call) hasNone(names []string, reason string) error {
	for _, name := range names {
		if c.form.Has(name) {
			return onetouch.InvalidParameter(name, reason)
		}
	}
	return nil
}

func (c *call) newDevice() (onetouch.NewFactor, error) {
	if err := c.hasNone(totpParameters, "is for totp factors"); err != nil {
		return onetouch.NewFactor{}, err
	}
	key, err := c.require("Binding.PublicKey")
	if err != nil {
		return onetouch.NewFactor{}, err
	}
	der, err := base64.StdEncoding.DecodeString(key)
	if err != nil {
		return onetouch.NewFactor{}, onetouch.InvalidParameter("Binding.PublicKey", "must be base64")
	}
	return onetouch.NewFactor{
		FriendlyName: c.form.Get("FriendlyName"), PublicKey: der, Alg: c.form.Get("Binding.Alg"),
		Token: c.form.Get("Config.NotificationToken"),
		FactorConfig: onetouch.FactorConfig{
			AppID: c.form.Get("Config.AppId"), SDKVersion: c.form.Get("Config.SdkVersion"),
			Platform: c.form.Get("Config.NotificationPlatform"), Metadata: c.form.Get("Metadata"),
		},
	}, nil
}

func (c *call) newAuthenticator() (n onetouch.NewFactor, err error) {
	if err := c.hasNone(pushParameters, "is for push factors"); err != nil {
		return n, err
	}
	n = onetouch.NewFactor{
		Type: onetouch.FactorTOTP, FriendlyName: c.form.Get("FriendlyName"),
		FactorConfig: onetouch.FactorConfig{Metadata: c.form.Get("Metadata")},
	}
	if c.given("Binding.Secret") {
		if n.Secret, err = onetouch.ParseTOTPSecret(c.form.Get("Binding.Secret")); err != nil {
			return n, err
		}
	}
	n.TOTP, err = c.totpConfig(c.app.Verify.TOTP())
	return n, err
}

// totpConfig is how codes are made, with what the parameters want otherwise.
func (c *call) totpConfig(config onetouch.TOTPConfig) (onetouch.TOTPConfig, error) {
	for name, field := range map[string]*int{
		"Config.TimeStep": &config.TimeStep, "Config.Skew": &config.Skew, "Config.CodeLength": &config.CodeLength,
	} {
		if err := c.integer(name, field); err != nil {
			return config, err
		}
	}
	if c.given("Config.Alg") {
		config.Alg = c.form.Get("Config.Alg")
	}
	return config, nil
}

func listFactors(c *call) (answer, error) {
	devices, err := c.service.Devices(c.Context(), onetouch.DeviceFilter{
		AppID: c.app.ID, AuthyID: c.user.AuthyID, WithUnverified: true, WithTOTP: true,
	})
	if err != nil {
		return answer{}, err
	}
	return page(c, short("factors", devices, func(d onetouch.Device) string { return strconv.FormatInt(d.ID, 10) },
		func(d onetouch.Device) any { return c.factorOf(c.user, d) }))
}

// factor is the factor that the path names. A device sees itself alone.
func (c *call) factor() (onetouch.Device, error) {
	device, err := c.service.Factor(c.Context(), c.user, verifywire.DeviceUUID(c.PathValue("sid")))
	if err == nil && c.byDevice() && device.ID != c.device.ID {
		return c.service.Factor(c.Context(), c.user, "")
	}
	return device, err
}

func fetchFactor(c *call) (answer, error) {
	device, err := c.factor()
	if err != nil {
		return answer{}, err
	}
	return ok(c.factorOf(c.user, device)), nil
}

func updateFactor(c *call) (answer, error) {
	if err := c.spreadAll(); err != nil {
		return answer{}, err
	}
	fixed := []string{"FactorType", "Binding.Alg", "Binding.PublicKey", "Binding.Secret", "Config.AppId", "Metadata"}
	if err := c.hasNone(fixed, "cannot be changed"); err != nil {
		return answer{}, err
	}
	device, err := c.factor()
	if err != nil {
		return answer{}, err
	}
	change, err := c.factorChange(device)
	if err != nil {
		return answer{}, err
	}
	if device, err = c.service.UpdateFactor(c.Context(), device, change); err != nil {
		return answer{}, err
	}
	return ok(c.factorOf(c.user, device)), nil
}

func (c *call) factorChange(device onetouch.Device) (change onetouch.FactorChange, err error) {
	change = onetouch.FactorChange{
		FriendlyName: c.form.Get("FriendlyName"), SDKVersion: c.form.Get("Config.SdkVersion"),
		Platform: c.form.Get("Config.NotificationPlatform"), Token: c.form.Get("Config.NotificationToken"),
	}
	if slices.ContainsFunc(totpParameters, c.given) {
		if change.TOTP, err = c.totpConfig(device.Factor.TOTP); err != nil {
			return change, err
		}
	}
	payload := c.form.Get("AuthPayload")
	switch {
	case payload == "":
	case device.FactorType == onetouch.FactorTOTP:
		change.Proof = &onetouch.FactorProof{Code: payload}
	default:
		signature, err := base64.StdEncoding.DecodeString(payload)
		if err != nil {
			return change, onetouch.InvalidParameter("AuthPayload", "must be base64")
		}
		change.Proof = &onetouch.FactorProof{Text: verifywire.FactorSID(device), Signature: signature}
	}
	return change, nil
}

func deleteFactor(c *call) (answer, error) {
	device, err := c.factor()
	if err != nil {
		return answer{}, err
	}
	return gone(), c.service.RemoveFactor(c.Context(), device)
}
