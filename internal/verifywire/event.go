package verifywire

import (
	"encoding/json"
	"fmt"
	"net/url"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/details"
)

// Event is what a webhook of the Verify API is told, as a form. Source of most names: the documentation of Twilio's Verify
// webhooks; that challenges bring their status and details as they do is our choice.
func Event(p onetouch.Parcel) (url.Values, error) {
	event := url.Values{
		"uid":             {fmt.Sprintf("EV%032x", p.Event.Sequence)}, // the same at each attempt
		"type":            {string(p.Event.Verify())},
		"account_sid":     {p.Account.SID},
		"service_sid":     {ServiceSID(p.Application.ID)},
		"entity_sid":      {EntitySID(p.User)},
		"entity_identity": {p.User.Identity},
		"date_created":    {fmt.Sprint(Date(p.Event.At))},
	}
	if p.Device.ID != 0 {
		event.Set("factor_sid", FactorSID(p.Device))
		event.Set("factor_type", FactorType(p.Device))
		event.Set("factor_friendly_name", p.Device.Name)
	}
	if p.Request.UUID == "" {
		return event, nil
	}
	hidden, err := json.Marshal(p.Request.HiddenDetails)
	if err != nil {
		return nil, err
	}
	event.Set("challenge_sid", ChallengeSID(p.Request.UUID))
	event.Set("challenge_status", string(p.Request.Status))
	event.Set("challenge_hidden_details", string(hidden))
	if p.Device.FactorType == onetouch.FactorTOTP { // which shows nothing
		return event, nil
	}
	shown, err := json.Marshal(DetailsOf(p.Request, false))
	if err != nil {
		return nil, err
	}
	event.Set("challenge_details", string(shown))
	return event, nil
}

// Details are what a challenge shows.
type Details struct {
	Message string  `json:"message"`
	Date    any     `json:"date,omitempty"`
	Fields  []Field `json:"fields"`
}

// Field is one line of it.
type Field struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

// DetailsOf are those of an approval request.
func DetailsOf(r onetouch.ApprovalRequest, withDate bool) Details {
	d := Details{Message: r.Message, Fields: fieldsOf(r.Details)}
	if withDate {
		d.Date = Date(r.CreatedAt)
	}
	return d
}

func fieldsOf(list details.List) []Field {
	fields := make([]Field, len(list))
	for i, one := range list {
		fields[i] = Field{Label: one.Name, Value: one.Value}
	}
	return fields
}
