package verifyapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/traffic"
	"github.com/onetouchkit/onetouch/internal/verifywire"
	"github.com/onetouchkit/onetouch/pkg/details"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

const challengeParameters = "FactorSid ExpirationDate Details.Message Details.Fields HiddenDetails AuthPayload"

type challenge struct {
	SID             string            `json:"sid"`
	AccountSID      string            `json:"account_sid"`
	ServiceSID      string            `json:"service_sid"`
	EntitySID       string            `json:"entity_sid"`
	Identity        string            `json:"identity"`
	FactorSID       *string           `json:"factor_sid"`
	FactorType      string            `json:"factor_type"`
	Status          onetouch.Status   `json:"status"`
	RespondedReason *string           `json:"responded_reason"`
	Details         any               `json:"details"`                  // null of a TOTP factor, which shows nothing
	HiddenDetails   *details.List     `json:"hidden_details,omitempty"` // for backends only
	Metadata        *struct{}         `json:"metadata"`
	DateCreated     any               `json:"date_created"`
	DateUpdated     any               `json:"date_updated"`
	DateResponded   any               `json:"date_responded"`
	ExpirationDate  any               `json:"expiration_date"`
	URL             string            `json:"url"`
	Links           map[string]string `json:"links"`
}

// signedFields are what a device signs of a challenge, beside its answer. Which Twilio names is not on record.
const signedFields = "sid,service_sid,entity_sid,factor_sid,details,date_created,expiration_date"

const signatureFieldsHeader = "Twilio-Verify-Signature-Fields"

// challengeOf shows an approval request. One that Authy's API has made has no factor until one has answered; to a device it is
// its own.
func (c *call) challengeOf(record onetouch.RequestRecord, viewer onetouch.Device) challenge {
	r, sid := record.Request, verifywire.ChallengeSID(record.Request.UUID)
	path := []string{"Services", c.serviceSID(), "Entities", record.User.Identity, "Challenges", sid}
	shown := challenge{
		SID: sid, AccountSID: c.account.SID, ServiceSID: c.serviceSID(), EntitySID: verifywire.EntitySID(record.User),
		Identity: record.User.Identity, FactorType: verifywire.FactorType(record.Device), Status: r.Status,
		RespondedReason: orNull(r.Answer.Reason), DateCreated: verifywire.Date(r.CreatedAt), DateUpdated: verifywire.Date(r.UpdatedAt),
		ExpirationDate: verifywire.Date(r.ExpiresAt),
		URL:            c.url(path...), Links: map[string]string{"notifications": c.url(append(path, "Notifications")...)},
	}
	if record.Device.FactorType != onetouch.FactorTOTP {
		shown.Details = verifywire.DetailsOf(r, !c.app.Verify.PushWithoutDate)
	}
	if r.Status.Answered() {
		shown.DateResponded = verifywire.Date(r.ProcessedAt)
	}
	switch {
	case record.Device.ID != 0:
		shown.FactorSID = orNull(verifywire.FactorSID(record.Device))
	case viewer.ID != 0:
		shown.FactorSID = orNull(verifywire.FactorSID(viewer))
	}
	if !c.byDevice() {
		shown.HiddenDetails = &r.HiddenDetails
	}
	return shown
}

func createChallenge(c *call) (answer, error) {
	sid, err := c.require("FactorSid")
	if err != nil {
		return answer{}, err
	}
	n := onetouch.NewChallenge{Message: c.form.Get("Details.Message"), Code: c.form.Get("AuthPayload")}
	if n.ExpiresAt, err = c.moment("ExpirationDate"); err != nil {
		return answer{}, err
	}
	if n.Details, err = fields(c.form["Details.Fields"]); err != nil {
		return answer{}, err
	}
	if n.HiddenDetails, err = texts("HiddenDetails", c.form.Get("HiddenDetails")); err != nil {
		return answer{}, err
	}
	device, err := c.service.Factor(c.Context(), c.user, verifywire.DeviceUUID(sid))
	if err != nil {
		return answer{}, err
	}
	if device.FactorType == onetouch.FactorPush {
		if _, err := c.require("Details.Message"); err != nil {
			return answer{}, err
		}
	}
	request, err := c.service.CreateChallenge(c.Context(), c.app, device, n)
	if err != nil {
		return answer{}, err
	}
	traffic.NotesOf(c.Context()).Request(request.UUID)
	record := onetouch.RequestRecord{Application: c.app, User: c.user, Request: request, Device: device}
	return created(c.challengeOf(record, device)), nil
}

// fields reads what is shown: JSON objects, one a parameter.
func fields(values []string) (details.List, error) {
	const name = "Details.Fields"
	shown := details.List{}
	for i, text := range values {
		field, err := texts(fmt.Sprintf("%s (%d)", name, i+1), text)
		if err != nil {
			return nil, err
		}
		var one details.Detail
		for _, member := range field {
			switch member.Name {
			case "label":
				one.Name = member.Value
			case "value":
				one.Value = member.Value
			default:
				return nil, onetouch.InvalidParameter(name, "must have the members label and value alone")
			}
		}
		shown = append(shown, one)
	}
	return shown, nil
}

func listChallenges(c *call) (answer, error) {
	f, viewer, err := c.challengeFilter()
	if err != nil {
		return answer{}, err
	}
	return page(c, list[onetouch.RequestRecord]{
		key: "challenges", show: func(r onetouch.RequestRecord) any { return c.challengeOf(r, viewer) },
		cursorOf: func(r onetouch.RequestRecord) string { return r.Request.UUID },
		items: func(cursor string, backwards bool, most int) ([]onetouch.RequestRecord, error) {
			own := f
			own.Before, own.Limit = cursor, most
			own.OldestFirst = own.OldestFirst != backwards
			return c.service.Challenges(c.Context(), c.user, own)
		},
	})
}

// challengeFilter is what a list is to have. A device sees what it was asked.
func (c *call) challengeFilter() (f onetouch.ApprovalRequestFilter, viewer onetouch.Device, err error) {
	switch order := c.form.Get("Order"); order {
	case "", "asc":
		f.OldestFirst = true
	case "desc":
	default:
		return f, viewer, onetouch.InvalidParameter("Order", "must be asc or desc")
	}
	if status := onetouch.Status(c.form.Get("Status")); status != "" {
		if !slices.Contains([]string{"pending", "expired", "approved", "denied"}, string(status)) {
			return f, viewer, onetouch.InvalidParameter("Status", "must be pending, expired, approved or denied")
		}
		f.Statuses = []onetouch.Status{status}
	}
	if c.byDevice() {
		viewer = c.device
	}
	if sid := c.form.Get("FactorSid"); sid != "" {
		viewer, err = c.service.Factor(c.Context(), c.user, verifywire.DeviceUUID(sid))
		if err == nil && c.byDevice() && viewer.ID != c.device.ID {
			viewer, err = c.service.Factor(c.Context(), c.user, "")
		}
	}
	return f.ByFactor(viewer), viewer, err
}

// requestUUID is that of the challenge that the path names.
func (c *call) requestUUID() string {
	uuid := verifywire.RequestUUID(c.PathValue("sid"))
	traffic.NotesOf(c.Context()).Request(uuid)
	return uuid
}

// challenge is the challenge that the path names. A device sees what it was asked.
func (c *call) challenge() (onetouch.RequestRecord, error) {
	uuid := c.requestUUID()
	if c.byDevice() {
		return c.service.DeviceApprovalRequest(c.Context(), c.device, uuid)
	}
	return c.service.Challenge(c.Context(), c.user, uuid)
}

func fetchChallenge(c *call) (answer, error) {
	record, err := c.challenge()
	if err != nil {
		return answer{}, err
	}
	shown := ok(c.challengeOf(record, c.device))
	shown.headers = map[string]string{signatureFieldsHeader: signedFields}
	return shown, nil
}

func updateChallenge(c *call) (answer, error) {
	uuid := c.requestUUID()
	payload, err := c.require("AuthPayload")
	if err != nil {
		return answer{}, err
	}
	if _, err := texts("Metadata", c.form.Get("Metadata")); err != nil {
		return answer{}, err
	}
	if !c.byDevice() && !strings.Contains(payload, ".") { // no JWT
		return c.answerWithCode(uuid, payload)
	}
	answerer := c.device
	if !c.byDevice() { // a backend hands over what a device has signed
		signer := verifywire.CredentialUUID(evidence.CredentialOf(payload))
		if answerer, err = c.service.Factor(c.Context(), c.user, signer); err != nil {
			return answer{}, onetouch.InvalidParameter("AuthPayload",
				"is signed by no factor of the entity (kid must be its credential_sid)")
		}
	}
	shown := func(r onetouch.RequestRecord) (map[string]json.RawMessage, error) { return c.signed(r, answerer) }
	record, err := c.service.AnswerChallenge(c.Context(), answerer, uuid, payload, shown)
	if err != nil {
		return answer{}, err
	}
	return ok(c.challengeOf(record, answerer)), nil
}

// answerWithCode takes the code of a TOTP factor. A challenge whose code is wrong is answered as it stands: pending.
func (c *call) answerWithCode(uuid, code string) (answer, error) {
	record, err := c.service.AnswerWithCode(c.Context(), c.user, uuid, code)
	if err != nil {
		return answer{}, err
	}
	return ok(c.challengeOf(record, onetouch.Device{})), nil
}

// signed are the fields that a device has to sign, as it has seen them.
func (c *call) signed(record onetouch.RequestRecord, viewer onetouch.Device) (map[string]json.RawMessage, error) {
	whole, err := json.Marshal(c.challengeOf(record, viewer))
	if err != nil {
		return nil, err
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(whole, &members); err != nil {
		return nil, err
	}
	signed := map[string]json.RawMessage{}
	for name := range strings.SplitSeq(signedFields, ",") {
		member, there := members[name]
		if !there {
			return nil, errors.New("a challenge has no member " + name)
		}
		signed[name] = member
	}
	return signed, nil
}

type notification struct {
	SID          string `json:"sid"`
	AccountSID   string `json:"account_sid"`
	ServiceSID   string `json:"service_sid"`
	EntitySID    string `json:"entity_sid"`
	Identity     string `json:"identity"`
	ChallengeSID string `json:"challenge_sid"`
	Priority     string `json:"priority"`
	TTL          int    `json:"ttl"`
	DateCreated  any    `json:"date_created"`
}

func createNotification(c *call) (answer, error) {
	ttl := int(onetouch.LongestNotification.Seconds())
	if err := c.integer("Ttl", &ttl); err != nil {
		return answer{}, err
	}
	push, err := c.service.Notify(c.Context(), c.user, c.requestUUID(), time.Duration(ttl)*time.Second)
	if err != nil {
		return answer{}, err
	}
	return created(notification{
		SID: verifywire.NotificationSID(push.ID), AccountSID: c.account.SID, ServiceSID: c.serviceSID(),
		EntitySID: verifywire.EntitySID(c.user), Identity: c.user.Identity, ChallengeSID: c.PathValue("sid"), Priority: "high",
		TTL: ttl, DateCreated: verifywire.Date(c.service.Clock().Now()),
	}), nil
}
