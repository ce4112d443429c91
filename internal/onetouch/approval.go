package onetouch

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/details"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// Question is what is asked.
type Question = approval.Question

// Logo is a picture beside the question.
type Logo = approval.Logo

// Status is where an approval request stands.
type Status = approval.Status

// The four states.
const (
	StatusPending  = approval.Pending
	StatusApproved = approval.Approved
	StatusDenied   = approval.Denied
	StatusExpired  = approval.Expired
)

// Statuses lists every status, in the order of a request's life.
func Statuses() []Status { return approval.Statuses() }

// ApprovalRequest is a question put to a user.
type ApprovalRequest struct {
	UUID    string
	ID      string // 24 hexadecimal digits; _id on the wire
	AppID   string
	AppName string // as shown to the user, at the time of asking
	AuthyID int64
	// DeviceID is the only device that may answer, as with a challenge of the Verify API; 0: any of the user's.
	DeviceID int64
	Question
	SecondsToExpire int64 // 0: never
	Status          Status
	Challenge       string // random; the one answer has to carry it
	CreatedAt       time.Time
	ExpiresAt       time.Time // zero: never
	UpdatedAt       time.Time
	ProcessedAt     time.Time // zero while pending
	Notified        bool      // a push has left for at least one device; a store tells it from the deliveries
	Answer          Answer    // zero unless approved or denied
}

// Answer is what a device signed, and all that is needed to check it again.
type Answer struct {
	DeviceID int64
	Reason   string
	SignedAt time.Time // by the device's clock
	JWS      string    // compact; its payload names request, status, challenge and the digest of what was shown
}

// NewApprovalRequest is what a backend asks. A nil SecondsToExpire is the default, one day; 0 is never.
type NewApprovalRequest struct {
	Message         string
	Details         details.List
	HiddenDetails   details.List
	Logos           []Logo
	SecondsToExpire *int64
}

// Limits. No source tells the service's own; the clients cut or refuse at 144 or 200 characters, so these are wider
// than anything a client sends and narrow enough to protect a phone.
const (
	DefaultSecondsToExpire = 86400 // Source: vendor documentation of the call.
	maxSecondsToExpire     = 100 * 365 * 86400
	maxMessage             = 10000
	maxDetails             = 100
	maxDetailName          = 200
	maxDetailValue         = 5000
	maxLogos               = 20
	maxReason              = 200
)

var logoResolutions = []string{"default", "low", "med", "high"}

func (n NewApprovalRequest) validate() error {
	if err := validText("message", n.Message, 1, maxMessage); err != nil {
		return err
	}
	if err := validDetails("details", n.Details); err != nil {
		return err
	}
	if err := validHiddenDetails("hidden_details", n.HiddenDetails); err != nil {
		return err
	}
	if err := validLogos(n.Logos); err != nil {
		return err
	}
	if s := n.SecondsToExpire; s != nil && (*s < 0 || *s > maxSecondsToExpire) {
		return InvalidParameter("seconds_to_expire",
			fmt.Sprintf("must be from 0 (never) to %d seconds", int64(maxSecondsToExpire)))
	}
	return nil
}

func validDetails(name string, list details.List) error {
	if len(list) > maxDetails {
		return InvalidParameter(name, fmt.Sprintf("has %d entries, at most %d are allowed", len(list), maxDetails))
	}
	for i, d := range list {
		same := func(other details.Detail) bool { return other.Name == d.Name }
		if slices.ContainsFunc(list[:i], same) { // what is shown could have no digest, so nobody could answer
			return InvalidParameter(fmt.Sprintf("%s[%s]", name, d.Name), "is given twice")
		}
		if err := validText(name+"[…]", d.Name, 1, maxDetailName); err != nil {
			return err
		}
		if err := validText(name+"["+d.Name+"]", d.Value, 0, maxDetailValue); err != nil {
			return err
		}
	}
	return nil
}

// validHiddenDetails checks what the answer about an answered request repeats.
func validHiddenDetails(name string, list details.List) error {
	const reason = "must not have control characters, but for tabs and line ends"
	for _, d := range list {
		if !canBeRepeated(d.Name) {
			return InvalidParameter(name+"[…]", reason)
		}
		if !canBeRepeated(d.Value) {
			return InvalidParameter(name+"["+d.Name+"]", reason)
		}
	}
	return validDetails(name, list)
}

func validLogos(logos []Logo) error {
	if len(logos) > maxLogos {
		return InvalidParameter("logos", fmt.Sprintf("has %d entries, at most %d are allowed", len(logos), maxLogos))
	}
	for i, logo := range logos {
		name := fmt.Sprintf("logos[%d]", i)
		if !slices.Contains(logoResolutions, logo.Resolution) {
			return InvalidParameter(name+"[res]", "must be default, low, med or high")
		}
		if err := validHTTPURL(name+"[url]", logo.URL, "https://example.com/logo.png"); err != nil {
			return err
		}
	}
	return nil
}

func (n NewApprovalRequest) question() Question {
	return Question{
		Message: n.Message, Details: notNil(n.Details), HiddenDetails: notNil(n.HiddenDetails), Logos: notNil(n.Logos),
	}
}

// notNil is a list as a store returns it: what is empty is not null on any wire.
func notNil[L ~[]E, E any](list L) L {
	if list == nil {
		return L{}
	}
	return list
}

func (n NewApprovalRequest) request(now time.Time) ApprovalRequest {
	seconds := int64(DefaultSecondsToExpire)
	if n.SecondsToExpire != nil {
		seconds = *n.SecondsToExpire
	}
	r := ApprovalRequest{
		Question: n.question(), SecondsToExpire: seconds, Status: StatusPending, CreatedAt: now, UpdatedAt: now,
	}
	if seconds > 0 {
		r.ExpiresAt = now.Add(time.Duration(seconds) * time.Second)
	}
	return r
}

// At is the request as it stands at the given time: a pending one whose time is over is expired, whether or not
// anybody has looked. That is the only rule of expiry; [Service.ExpireDue] merely writes it down. A store knows it too, to
// find requests by where they stand: storetest holds it to this.
func (r ApprovalRequest) At(now time.Time) ApprovalRequest {
	if !r.Status.Decided() && !r.ExpiresAt.IsZero() && !now.Before(r.ExpiresAt) {
		r.Status, r.ProcessedAt, r.UpdatedAt = StatusExpired, r.ExpiresAt, r.ExpiresAt
	}
	return r
}

// ChallengeToAnswer is what a device has to sign to answer; it is empty when the request takes no answer any more.
func (r ApprovalRequest) ChallengeToAnswer() string {
	if r.Status != StatusPending {
		return ""
	}
	return r.Challenge
}

// Shown is what a device has to show the user, and what its signature covers.
func (r ApprovalRequest) Shown() evidence.Shown {
	return evidence.Shown{AppName: r.AppName, Message: r.Message, Details: r.Details}
}

// notPending says why a request takes no answer (any more), or nil when it does.
func (r ApprovalRequest) notPending() error {
	switch r.Status {
	case StatusPending:
		return nil
	case StatusExpired:
		return refuse(CodeApprovalRequestExpired, "Approval request is not pending: it expired at %s.",
			r.ExpiresAt.Format(time.RFC3339))
	default:
		return refuse(CodeApprovalRequestNotPending, "Approval request is not pending: it was %s.", r.Status)
	}
}

// MaxClockSkew is how far a device's clock may be from the server's.
const MaxClockSkew = 5 * time.Minute

// answer checks a device's signed answer and returns the request with it. The order of the checks is part of the
// device API. r must be as it stands now.
func (r ApprovalRequest) answer(
	d Device, key *evidence.PublicKey, jws string, now time.Time,
) (ApprovalRequest, error) {
	if err := r.notPending(); err != nil {
		return r, err
	}
	signed, err := evidence.Parse(jws)
	if err != nil {
		return r, &Error{Code: CodeTokenMalformed, Err: err,
			Message: "Answer is not a compact JWS with the payload of an answer."}
	}
	statement := signed.Statement
	if err := r.validStatement(d, statement); err != nil {
		return r, err
	}
	if subtle.ConstantTimeCompare([]byte(statement.Challenge), []byte(r.Challenge)) != 1 {
		return r, refuse(CodeChallengeMismatch, "Challenge is not the one of this request. Fetch the request again.")
	}
	signedAt := time.Unix(statement.IssuedAt, 0).UTC()
	if skew := now.Sub(signedAt).Abs(); skew > MaxClockSkew {
		return r, refuse(CodeIssuedAtSkewed, "iat differs from the server's time by more than 5 minutes; the server's time is %d.",
			now.Unix())
	}
	if err := verifySignature(signed, key); err != nil {
		return r, err
	}
	digest, err := r.Shown().Digest()
	if err != nil {
		return r, fmt.Errorf("digest of approval request %s: %w", r.UUID, err)
	}
	if subtle.ConstantTimeCompare([]byte(statement.DetailsSHA256), []byte(digest)) != 1 {
		return r, refuse(CodeDigestMismatch, "Approval request is invalid: what was signed is not what was asked.")
	}
	r.Status, r.ProcessedAt, r.UpdatedAt = Status(statement.Status), now, now
	r.Answer = Answer{DeviceID: d.ID, Reason: statement.Reason, SignedAt: signedAt, JWS: jws}
	return r, nil
}

func (r ApprovalRequest) validStatement(d Device, s evidence.Statement) error {
	if s.UUID != r.UUID {
		return refuse(CodeTokenMalformed, "Answer is for another request: its uuid differs.")
	}
	if s.DeviceID != d.ID {
		return refuse(CodeTokenMalformed, "Answer is by another device: its device_id differs.")
	}
	if !Status(s.Status).Answered() {
		return refuse(CodeTokenMalformed, "Answer has no valid status: must be approved or denied.")
	}
	return validText("reason", s.Reason, 0, maxReason)
}

func verifySignature(signed *evidence.Signed, key *evidence.PublicKey) error {
	err := signed.Verify(key)
	if errors.Is(err, evidence.ErrSignature) {
		return &Error{Code: CodeSignatureInvalid, Err: err,
			Message: "Signature is invalid: the answer must be signed with this device's own key and algorithm."}
	}
	return err
}

// ApprovalRequestFilter chooses approval requests, newest first. Zero fields choose all.
type ApprovalRequestFilter struct {
	AppID    string
	AuthyID  int64
	Statuses []Status  // as they stand at Now
	Since    time.Time // created at or after
	Until    time.Time // created at or before
	Now      time.Time // decides what is expired; the service sets it
	Before   string    // UUID: only those that come after it in the list
	// DeviceID chooses what this device was asked and has answered, or could answer; AskedDeviceID what it was asked.
	DeviceID, AskedDeviceID int64
	// OnlyDeviceID chooses what this device alone can answer.
	OnlyDeviceID int64
	OldestFirst  bool
	Limit        int
}

// ByFactor also chooses what this factor was asked and has answered, or could answer. A zero one chooses all.
func (f ApprovalRequestFilter) ByFactor(d Device) ApprovalRequestFilter {
	if d.FactorType == FactorTOTP {
		f.OnlyDeviceID = d.ID
	} else {
		f.DeviceID = d.ID
	}
	return f
}
