package verifyapi

import (
	"encoding/base64"
	"encoding/json"
	"strconv"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/verifywire"
)

// factorParameters are those of backends, with dots, and those of devices, which send JSON objects.
const factorParameters = "FriendlyName FactorType Binding Binding.Alg Binding.PublicKey Config Config.AppId " +
	"Config.NotificationPlatform Config.NotificationToken Config.SdkVersion Metadata"

type factor struct {
	SID          string          `json:"sid"`
	AccountSID   string          `json:"account_sid"`
	ServiceSID   string          `json:"service_sid"`
	EntitySID    string          `json:"entity_sid"`
	Identity     string          `json:"identity"`
	Binding      *binding        `json:"binding,omitempty"` // of a factor that was made just now
	FriendlyName string          `json:"friendly_name"`
	FactorType   string          `json:"factor_type"`
	Status       string          `json:"status"`
	Config       factorConfig    `json:"config"`
	Metadata     json.RawMessage `json:"metadata"`
	DateCreated  any             `json:"date_created"`
	DateUpdated  any             `json:"date_updated"`
	URL          string          `json:"url"`
}

type binding struct {
	Alg       string `json:"alg"`
	PublicKey string `json:"public_key"`
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
		Identity: u.Identity, FriendlyName: d.Name, FactorType: "push", Status: statusOf(d),
		Config: factorConfig{
			CredentialSID: verifywire.CredentialSID(d), AppID: d.Factor.AppID, NotificationPlatform: d.Factor.Platform,
			NotificationToken: d.Push.Token, SDKVersion: d.Factor.SDKVersion,
		},
		Metadata:    json.RawMessage("null"),
		DateCreated: verifywire.Date(d.RegisteredAt), DateUpdated: verifywire.Date(d.UpdatedAt),
		URL: c.url("Services", c.serviceSID(), "Entities", u.Identity, "Factors", sid),
	}
	if shown.Config.NotificationPlatform == "" {
		shown.Config.NotificationPlatform, shown.Config.SDKVersion = "none", d.AppVersion
	}
	if d.Factor.Metadata != "" {
		shown.Metadata = json.RawMessage(d.Factor.Metadata)
	}
	return shown
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
	for _, name := range []string{"FactorType", "FriendlyName", "Binding.PublicKey"} {
		if _, err := c.require(name); err != nil {
			return answer{}, err
		}
	}
	if c.form.Get("FactorType") != "push" {
		return answer{}, onetouch.InvalidParameter("FactorType", "must be push: no other factor is played here")
	}
	der, err := base64.StdEncoding.DecodeString(c.form.Get("Binding.PublicKey"))
	if err != nil {
		return answer{}, onetouch.InvalidParameter("Binding.PublicKey", "must be base64")
	}
	if _, err := texts("Metadata", c.form.Get("Metadata")); err != nil {
		return answer{}, err
	}
	n := onetouch.NewFactor{
		FriendlyName: c.form.Get("FriendlyName"), PublicKey: der, Alg: c.form.Get("Binding.Alg"),
		Token: c.form.Get("Config.NotificationToken"),
		FactorConfig: onetouch.FactorConfig{
			AppID: c.form.Get("Config.AppId"), SDKVersion: c.form.Get("Config.SdkVersion"),
			Platform: c.form.Get("Config.NotificationPlatform"), Metadata: c.form.Get("Metadata"),
		},
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
	shown.Binding = &binding{Alg: n.Alg, PublicKey: c.form.Get("Binding.PublicKey")}
	return created(shown), nil
}

func listFactors(c *call) (answer, error) {
	devices, err := c.service.Devices(c.Context(), onetouch.DeviceFilter{
		AppID: c.app.ID, AuthyID: c.user.AuthyID, WithUnverified: true,
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
	for _, fixed := range []string{"FactorType", "Binding.Alg", "Binding.PublicKey", "Config.AppId", "Metadata"} {
		if c.form.Has(fixed) {
			return answer{}, onetouch.InvalidParameter(fixed, "cannot be changed")
		}
	}
	device, err := c.factor()
	if err != nil {
		return answer{}, err
	}
	if c.given("AuthPayload") {
		signature, err := base64.StdEncoding.DecodeString(c.form.Get("AuthPayload"))
		if err != nil {
			return answer{}, onetouch.InvalidParameter("AuthPayload", "must be base64")
		}
		device, err = c.service.VerifyFactor(c.Context(), device, verifywire.FactorSID(device), signature)
		if err != nil {
			return answer{}, err
		}
	}
	change := onetouch.FactorChange{
		FriendlyName: c.form.Get("FriendlyName"), SDKVersion: c.form.Get("Config.SdkVersion"),
		Platform: c.form.Get("Config.NotificationPlatform"), Token: c.form.Get("Config.NotificationToken"),
	}
	if change != (onetouch.FactorChange{}) {
		if device, err = c.service.UpdateFactor(c.Context(), device, change); err != nil {
			return answer{}, err
		}
	}
	return ok(c.factorOf(c.user, device)), nil
}

func deleteFactor(c *call) (answer, error) {
	device, err := c.factor()
	if err != nil {
		return answer{}, err
	}
	return gone(), c.service.RemoveFactor(c.Context(), device)
}
