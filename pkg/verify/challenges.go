package verify

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/details"
)

// Limits of a challenge. Source: twilio-go, CreateChallengeParams.
const (
	MaxMessage       = 256  // characters
	MaxFields        = 20   // details that are shown
	MaxLabel         = 36   // characters of the name of a detail
	MaxValue         = 128  // characters of its value
	MaxHiddenDetails = 1024 // characters of the JSON
	DefaultExpiry    = 5 * time.Minute
	MaxExpiry        = time.Hour
)

// NewChallenge is a question to a phone.
type NewChallenge struct {
	FactorSID      string
	Message        string
	Fields         details.List // shown in this order
	HiddenDetails  details.List // not shown
	ExpirationDate time.Time    // zero: in five minutes; at most in an hour
}

// Challenge is a question as it stands.
type Challenge struct {
	SID             string           `json:"sid"` // YC and 32 hexadecimal digits
	AccountSID      string           `json:"account_sid"`
	ServiceSID      string           `json:"service_sid"`
	EntitySID       string           `json:"entity_sid"`
	Identity        string           `json:"identity"`
	FactorSID       string           `json:"factor_sid"`
	FactorType      string           `json:"factor_type"`
	Status          approval.Status  `json:"status"`
	RespondedReason string           `json:"responded_reason"`
	Details         ChallengeDetails `json:"details"`
	HiddenDetails   HiddenDetails    `json:"hidden_details"`
	DateCreated     time.Time        `json:"date_created"`
	DateUpdated     time.Time        `json:"date_updated"`
	DateResponded   time.Time        `json:"date_responded"` // zero before
	ExpirationDate  time.Time        `json:"expiration_date"`
	URL             string           `json:"url"`
}

func (c *Challenge) whole() bool { return c.SID != "" && c.Status != "" }

// ChallengeDetails are what the user is shown.
type ChallengeDetails struct {
	Message string    `json:"message"`
	Fields  FieldList `json:"fields"`
	Date    time.Time `json:"date"`
}

// FieldList is a list of details whose JSON is [{"label":…,"value":…}].
type FieldList details.List

type wireField struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

// UnmarshalJSON reads the list; null is none.
func (l *FieldList) UnmarshalJSON(data []byte) error {
	var wire []wireField
	if err := json.Unmarshal(data, &wire); err != nil {
		return err
	}
	*l = nil
	for _, f := range wire {
		*l = append(*l, details.Detail{Name: f.Label, Value: f.Value})
	}
	return nil
}

// MarshalJSON writes the list.
func (l FieldList) MarshalJSON() ([]byte, error) {
	wire := make([]wireField, len(l))
	for i, d := range l {
		wire[i] = wireField{d.Name, d.Value}
	}
	return json.Marshal(wire)
}

// HiddenDetails are details that no phone is shown. Their JSON is an object or, as some answers have it, a text with one.
type HiddenDetails details.List

// UnmarshalJSON reads them; null and an empty text are none.
func (h *HiddenDetails) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(data, []byte(`"`)) {
		var text string
		if err := json.Unmarshal(data, &text); err != nil {
			return err
		}
		data = []byte(text)
	}
	if len(data) == 0 || string(data) == "null" {
		*h = nil
		return nil
	}
	return (*details.List)(h).UnmarshalJSON(data)
}

// CreateChallenge asks a user by one of their phones, which is pushed at once. It fails with [ErrInvalid] when the factor is
// not verified or the question too long.
func (c *Client) CreateChallenge(ctx context.Context, serviceSID, identity string, n NewChallenge) (Challenge, error) {
	parameters := url.Values{"FactorSid": {n.FactorSID}, "Details.Message": {n.Message}}
	for _, d := range n.Fields {
		field, err := json.Marshal(wireField{d.Name, d.Value})
		if err != nil {
			return Challenge{}, err
		}
		parameters.Add("Details.Fields", string(field))
	}
	if len(n.HiddenDetails) > 0 {
		object, err := n.HiddenDetails.MarshalJSON() // not json.Marshal, which makes six characters of a <, > or &
		if err != nil {
			return Challenge{}, err
		}
		parameters.Set("HiddenDetails", string(object))
	}
	if !n.ExpirationDate.IsZero() {
		parameters.Set("ExpirationDate", n.ExpirationDate.UTC().Format(time.RFC3339))
	}
	var made Challenge
	err := c.ask(ctx, http.MethodPost, path("Services", serviceSID, "Entities", identity, "Challenges"), parameters, &made)
	return made, err
}

// Challenge returns a challenge as it stands now.
func (c *Client) Challenge(ctx context.Context, serviceSID, identity, sid string) (Challenge, error) {
	var found Challenge
	err := c.ask(ctx, http.MethodGet, path("Services", serviceSID, "Entities", identity, "Challenges", sid), nil, &found)
	return found, err
}

// Challenges lists the challenges of a user in a state; "": in any.
func (c *Client) Challenges(ctx context.Context, serviceSID, identity string, status approval.Status) ([]Challenge, error) {
	query := url.Values{}
	if status != "" {
		query.Set("Status", string(status))
	}
	return listed[Challenge](ctx, c, path("Services", serviceSID, "Entities", identity, "Challenges"), "challenges", query)
}
