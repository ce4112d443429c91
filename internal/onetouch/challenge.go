package onetouch

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"time"
	"unicode/utf8"

	"github.com/onetouchkit/onetouch/pkg/details"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// NewChallenge is an approval request of the Verify API: it is for one device of the user.
type NewChallenge struct {
	Message       string
	Details       details.List
	HiddenDetails details.List
	ExpiresAt     time.Time // zero: in five minutes
	Code          string    // of a TOTP factor, if the backend has it already
}

// Bounds of a challenge. Source: the documentation of the challenges of Twilio's Verify API.
const (
	DefaultChallengeLife = 5 * time.Minute
	longestChallenge     = time.Hour
	maxChallengeMessage  = 256
	maxChallengeFields   = 20
	maxFieldLabel        = 36
	maxFieldValue        = 128
	maxChallengeHidden   = 1024 // characters of the JSON
)

func (n NewChallenge) validate() error {
	if err := validText("Details.Message", n.Message, 1, maxChallengeMessage); err != nil {
		return err
	}
	if len(n.Details) > maxChallengeFields {
		return InvalidParameter("Details.Fields", fmt.Sprintf("has %d entries, at most %d are allowed",
			len(n.Details), maxChallengeFields))
	}
	for _, field := range n.Details {
		if err := validText("Details.Fields label", field.Name, 1, maxFieldLabel); err != nil {
			return err
		}
		if err := validText("Details.Fields value", field.Value, 0, maxFieldValue); err != nil {
			return err
		}
	}
	if err := validDetails("Details.Fields", n.Details); err != nil {
		return err
	}
	hidden, err := n.HiddenDetails.MarshalJSON()
	if err != nil {
		return err
	}
	if utf8.RuneCount(hidden) > maxChallengeHidden {
		return InvalidParameter("HiddenDetails", fmt.Sprintf("has more than %d characters of JSON", maxChallengeHidden))
	}
	return validHiddenDetails("HiddenDetails", n.HiddenDetails)
}

func (n NewChallenge) request(now time.Time) (ApprovalRequest, error) {
	life := DefaultChallengeLife
	if !n.ExpiresAt.IsZero() {
		life = n.ExpiresAt.Sub(now)
	}
	if life <= 0 {
		return ApprovalRequest{}, InvalidParameter("ExpirationDate", "is over already")
	}
	if life > longestChallenge {
		return ApprovalRequest{}, InvalidParameter("ExpirationDate", "must be within 60 minutes")
	}
	seconds := int64((life + time.Second - 1) / time.Second)
	asked := NewApprovalRequest{
		Message: n.Message, Details: n.Details, HiddenDetails: n.HiddenDetails, SecondsToExpire: &seconds,
	}
	if err := asked.validate(); err != nil {
		return ApprovalRequest{}, err
	}
	request := asked.request(now)
	request.ExpiresAt = now.Add(life)
	return request, nil
}

// CreateChallenge asks one device of the user, or for a code of one TOTP factor. Nobody else's answer counts. A TOTP factor
// shows nothing, so that a message and details are not looked at.
func (s *Service) CreateChallenge(ctx context.Context, app Application, device Device, n NewChallenge) (ApprovalRequest, error) {
	if device.FactorType == FactorTOTP {
		n.Message, n.Details = TOTPQuestion, nil
	}
	if err := n.validCode(device); err != nil {
		return ApprovalRequest{}, err
	}
	if err := n.validate(); err != nil {
		return ApprovalRequest{}, err
	}
	request, err := n.request(s.clock.Now())
	if err != nil {
		return ApprovalRequest{}, err
	}
	request.UUID, request.ID, request.Challenge = s.uuid(), s.objectID(), s.secret()
	request.AppID, request.AppName, request.AuthyID, request.DeviceID = app.ID, app.Name, device.AuthyID, device.ID
	if device.FactorType == FactorTOTP {
		return s.createTOTPChallenge(ctx, request, n.Code)
	}
	return s.createRequest(ctx, request, func(c *change) ([]Device, error) {
		asked, err := c.askedFactor(request)
		return []Device{asked}, err
	})
}

func (n NewChallenge) validCode(device Device) error {
	switch {
	case n.Code == "":
		return nil
	case device.FactorType != FactorTOTP:
		return InvalidParameter("AuthPayload", "is for totp factors: a push factor answers by itself")
	default:
		return validCode(n.Code)
	}
}

// askedFactor is the only factor that a challenge is for.
func (c *change) askedFactor(r ApprovalRequest) (Device, error) {
	if _, err := usableUser(c, r.AppID, r.AuthyID); err != nil {
		return Device{}, err
	}
	asked, err := activeDevice(c, r.AppID, r.DeviceID)
	if err == nil && !asked.Verified() {
		err = errFactorUnverified
	}
	return asked, asItsFactor(err)
}

var errFactorUnverified = refuse(CodeFactorUnverified, "Factor is not verified: it has not shown yet that it has its key")

// isFor reports whether the device may see and answer the request.
func (r ApprovalRequest) isFor(d Device) bool {
	anyDevice := r.DeviceID == 0 && d.FactorType == FactorPush
	return r.AppID == d.AppID && r.AuthyID == d.AuthyID && (anyDevice || r.DeviceID == d.ID)
}

// AnswerChallenge takes a device's answer in the form of the Verify API: a JWT of what it was shown, with the status. shown
// gives, as the adapter has shown it, what has to be in it. The first answer wins, whichever API it comes through.
func (s *Service) AnswerChallenge(
	ctx context.Context, device Device, uuid, jwt string, shown func(RequestRecord) (map[string]json.RawMessage, error),
) (RequestRecord, error) {
	record, err := s.DeviceApprovalRequest(ctx, device, uuid)
	if err != nil {
		return RequestRecord{}, err
	}
	if !device.Verified() {
		return RequestRecord{}, errFactorUnverified
	}
	if err := record.Request.notPending(); err != nil {
		return RequestRecord{}, err
	}
	if record.User.Suspended() {
		return RequestRecord{}, errUserSuspended
	}
	key, err := s.publicKey(ctx, device)
	if err != nil {
		return RequestRecord{}, err
	}
	payload, err := evidence.OpenJWT(jwt, key)
	if err != nil {
		return RequestRecord{}, &Error{
			Code: CodeSignatureInvalid, Err: err, Message: "AuthPayload is no JWT that the factor's key has signed with ES256",
		}
	}
	expected, err := shown(record)
	if err != nil {
		return RequestRecord{}, err
	}
	status, err := statusIn(payload, expected)
	if err != nil {
		return RequestRecord{}, err
	}
	now := s.clock.Now()
	r := &record.Request
	r.Status, r.ProcessedAt, r.UpdatedAt = status, now, now
	r.Answer = Answer{DeviceID: device.ID, SignedAt: now.Truncate(time.Second), JWS: jwt}
	return s.commitAnswer(ctx, record, device)
}

// statusIn is the status of a signed answer that holds all that was shown.
func statusIn(payload []byte, shown map[string]json.RawMessage) (Status, error) {
	var signed map[string]json.RawMessage
	if err := json.Unmarshal(payload, &signed); err != nil {
		return "", InvalidParameter("AuthPayload", "must have a JSON object as its payload")
	}
	for name, want := range shown {
		if !sameJSON(signed[name], want) {
			return "", refuse(CodeDigestMismatch, "AuthPayload is invalid: its %s is not that of the challenge", name)
		}
	}
	var status Status
	if err := json.Unmarshal(signed["status"], &status); err != nil || !status.Answered() {
		return "", InvalidParameter("AuthPayload", "must have the status approved or denied")
	}
	return status, nil
}

func sameJSON(a, b json.RawMessage) bool {
	var first, second any
	if json.Unmarshal(a, &first) != nil || json.Unmarshal(b, &second) != nil {
		return false
	}
	return reflect.DeepEqual(first, second)
}

// Challenge is an approval request of the user, as it stands now.
func (s *Service) Challenge(ctx context.Context, user User, uuid string) (RequestRecord, error) {
	record, err := s.requestRecord(ctx, user.AppID, uuid)
	if err == nil && record.Request.AuthyID != user.AuthyID {
		err = requestNotFound(uuid)
	}
	if err != nil {
		return RequestRecord{}, err
	}
	return s.withAsked(ctx, record)
}

// withAsked adds the only device that was asked to a request that none has answered.
func (s *Service) withAsked(ctx context.Context, record RequestRecord) (RequestRecord, error) {
	if record.Device.ID != 0 || record.Request.DeviceID == 0 {
		return record, nil
	}
	device, err := s.device(ctx, record.Request.DeviceID)
	record.Device = device
	return record, err
}

// Challenges lists the approval requests of a user, as they stand now, each with the device that answered it or, before that,
// the only one that was asked. The filter's own application and user do not count.
func (s *Service) Challenges(ctx context.Context, user User, f ApprovalRequestFilter) ([]RequestRecord, error) {
	f.AppID, f.AuthyID = user.AppID, user.AuthyID
	records, err := s.requestRecords(ctx, f)
	for i := range records {
		if err == nil {
			records[i], err = s.withAsked(ctx, records[i])
		}
	}
	return records, err
}

// LongestNotification is how long a platform may try to push a notification. Source: the documentation of the notifications
// of Twilio's Verify API.
const LongestNotification = 5 * time.Minute

// Notify pushes a pending challenge once more to the devices that it asks, and returns the last push. A push from here is
// tried as any other is, whatever its life is to be.
func (s *Service) Notify(ctx context.Context, user User, uuid string, life time.Duration) (Delivery, error) {
	if life < 0 || life > LongestNotification {
		return Delivery{}, InvalidParameter("Ttl", fmt.Sprintf("must be from 0 to %d seconds", int(LongestNotification.Seconds())))
	}
	record, err := s.Challenge(ctx, user, uuid)
	if err != nil {
		return Delivery{}, err
	}
	if err := record.Request.notPending(); err != nil {
		return Delivery{}, err
	}
	if record.Device.FactorType == FactorTOTP {
		return Delivery{}, InvalidRequest("a totp factor gets no pushes: its challenge cannot be notified of")
	}
	var last Delivery
	err = s.change(ctx, func(c *change) error {
		devices, err := c.Devices(DeviceFilter{AppID: user.AppID, AuthyID: user.AuthyID})
		if err != nil {
			return err
		}
		var asked []Device
		for _, device := range devices {
			if record.Request.isFor(device) {
				asked = append(asked, device)
			}
		}
		if err := c.owePushes(record.Request, asked); err != nil {
			return err
		}
		pushes, err := c.Deliveries(DeliveryFilter{
			RequestUUID: uuid, Kinds: []DeliveryKind{DeliveryPush}, Limit: 1,
		})
		if err == nil && len(pushes) > 0 {
			last = pushes[0]
		}
		return err
	})
	return last, err
}
