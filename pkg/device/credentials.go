package device

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// Credentials are all that a device has to keep. Whoever holds them is the device: keep them where only its user can
// read, as [Store] does. Printing or logging them shows no secret; encoding/json writes everything.
type Credentials struct {
	API         API             `json:"api,omitempty"`
	DeviceID    int64           `json:"device_id"`
	DeviceUUID  string          `json:"device_uuid"`
	AuthyID     int64           `json:"authy_id"` // of the user it answers for
	AppID       string          `json:"app_id"`
	AppName     string          `json:"app_name"`
	Name        string          `json:"name"`
	Platform    string          `json:"platform"`
	AccessToken string          `json:"access_token,omitempty"` // "" of a factor
	PrivateKey  json.RawMessage `json:"private_key"`            // JWK
	TOTP        TOTP            `json:"totp,omitzero"`          // none of a factor
	Factor      Factor          `json:"factor,omitzero"`        // none but of a factor
	// LastEventID is the number of the push that the device heard last; 0 before the first.
	LastEventID int64 `json:"last_event_id"`
	// Policy is how the device answers by itself. It is kept for whoever runs the device, such as 'onetouch serve': this
	// package takes no notice of it.
	Policy Policy `json:"policy,omitzero"`
}

// Factor is how the Verify API knows a device.
type Factor struct {
	SID           string `json:"sid"` // YF and 32 hexadecimal digits
	AccountSID    string `json:"account_sid"`
	ServiceSID    string `json:"service_sid"`
	Identity      string `json:"identity"`       // of the entity whose factor it is
	CredentialSID string `json:"credential_sid"` // of its key
	Unverified    bool   `json:"unverified,omitempty"`
}

// Policy is how a device answers by itself: rules such as `details["Amount"] > 10000 = deny`, of which the first that matches
// counts, and what to do when none does, such as "approve after 3s". No rules and no final action are no policy.
type Policy struct {
	When []string `json:"when,omitempty"`
	Auto string   `json:"auto,omitempty"`
	// Left are the requests that were undecided when the policy was set. They are left to a person.
	Left Left `json:"left,omitzero"`
}

// Left are requests by their age: those from before the second Until, and of that second those in UUIDs.
type Left struct {
	Until int64    `json:"until"` // epoch seconds, as [ApprovalRequest.CreationDate]; 0: there were none
	UUIDs []string `json:"uuids"`
}

// Has reports whether the request is one of them.
func (l Left) Has(r *ApprovalRequest) bool {
	created := r.CreationDate.Unix()
	return created < l.Until || created == l.Until && slices.Contains(l.UUIDs, r.UUID)
}

// IsZero reports whether there is no policy.
func (p Policy) IsZero() bool { return len(p.When) == 0 && p.Auto == "" }

// TOTP are the parameters of a device's one-time codes (RFC 6238).
type TOTP struct {
	Secret    string `json:"secret"` // base32 without padding
	Digits    int    `json:"digits"`
	Period    int    `json:"period"`    // seconds
	Algorithm string `json:"algorithm"` // of the HMAC, such as SHA1
}

// String names the device.
func (c Credentials) String() string {
	return fmt.Sprintf("credentials of device %d (%s) of user %d", c.DeviceID, c.Name, c.AuthyID)
}

// Format is [Credentials.String] for every verb, %#v included.
func (c Credentials) Format(state fmt.State, _ rune) { _, _ = state.Write([]byte(c.String())) }

// LogValue names the device.
func (c Credentials) LogValue() slog.Value { return slog.StringValue(c.String()) }

// String tells the form of the codes.
func (t TOTP) String() string {
	return fmt.Sprintf("one-time codes of %d digits every %d s", t.Digits, t.Period)
}

// Format is [TOTP.String] for every verb, %#v included.
func (t TOTP) Format(state fmt.State, _ rune) { _, _ = state.Write([]byte(t.String())) }

// LogValue tells the form of the codes.
func (t TOTP) LogValue() slog.Value { return slog.StringValue(t.String()) }

// key checks that nothing is missing, and returns the private key.
func (c Credentials) key() (*evidence.PrivateKey, error) {
	if !slices.Contains(APIs(), c.API) {
		return nil, fmt.Errorf("api is %q, which is not known here: must be %s, or absent for Authy's", string(c.API), Verify)
	}
	if missing := c.missing(); missing != "" {
		return nil, errors.New(missing + " is missing")
	}
	key, err := evidence.ParsePrivateKey(c.PrivateKey)
	if err == nil && c.API == Verify && key.Public().Algorithm() != evidence.ES256 {
		err = fmt.Errorf("signs %s, and a factor %s", key.Public().Algorithm(), evidence.ES256)
	}
	if err != nil {
		return nil, fmt.Errorf("private_key: %w", err)
	}
	return key, nil
}

// missing names the first member without a value; "" for none. The number, which a factor is told last, is looked at last.
func (c Credentials) missing() string {
	type member struct{ name, value string }
	members := []member{{"device_uuid", c.DeviceUUID}}
	if c.API == Verify {
		members = append(members, member{"factor.sid", c.Factor.SID}, member{"factor.account_sid", c.Factor.AccountSID},
			member{"factor.service_sid", c.Factor.ServiceSID}, member{"factor.identity", c.Factor.Identity},
			member{"factor.credential_sid", c.Factor.CredentialSID})
	} else {
		members = append(members, member{"access_token", c.AccessToken})
	}
	members = append(members, member{"private_key", string(c.PrivateKey)})
	for _, m := range members {
		if m.value == "" {
			return m.name
		}
	}
	if c.DeviceID <= 0 {
		return "device_id"
	}
	return ""
}
