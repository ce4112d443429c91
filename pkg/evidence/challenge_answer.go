package evidence

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	josejson "github.com/go-jose/go-jose/v4/json"
)

// ChallengeAnswer is what a factor of the Verify API says when it answers a challenge: the payload of its JWT. The service says
// which fields of the challenge are in it, and these are those that this project's names.
type ChallengeAnswer struct {
	SID            string           `json:"sid"` // YC and the digits of the approval request's UUID
	ServiceSID     string           `json:"service_sid"`
	EntitySID      string           `json:"entity_sid"`
	FactorSID      string           `json:"factor_sid"` // YF and the digits of the device's UUID
	Details        ChallengeDetails `json:"details"`
	DateCreated    string           `json:"date_created"`
	ExpirationDate *string          `json:"expiration_date"` // null: never
	Status         string           `json:"status"`          // [Approved] or [Denied]
}

// ChallengeDetails are what a challenge shows.
type ChallengeDetails struct {
	Message string           `json:"message"`
	Date    *string          `json:"date,omitempty"`
	Fields  []ChallengeField `json:"fields"`
}

// ChallengeField is one detail that is shown.
type ChallengeField struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

// parseChallengeAnswer reads an answer without verifying it. Unknown members of the payload are ignored, repeated ones are
// refused.
func parseChallengeAnswer(jws *jose.JSONWebSignature) (a ChallengeAnswer, err error) {
	if err := josejson.Unmarshal(jws.UnsafePayloadWithoutVerification(), &a); err != nil {
		return a, fmt.Errorf("%w: payload is not a JSON object with the fields of a challenge", ErrMalformed)
	}
	if a.SID == "" || a.FactorSID == "" || a.Status == "" {
		return a, fmt.Errorf("%w: payload lacks sid, factor_sid or status", ErrMalformed)
	}
	return a, nil
}

// isJWT reports whether a JWS is the answer of a factor, by what it says of itself.
func isJWT(jws *jose.JSONWebSignature) bool {
	return jws.Signatures[0].Protected.ExtraHeaders[jose.HeaderType] == jwtType
}

// challengeMembers are the values of a record that only one of a challenge has.
func (r *Record) challengeMembers() []member {
	c := &r.Challenge
	return []member{
		{"challenge.sid", &c.SID}, {"challenge.service_sid", &c.ServiceSID}, {"challenge.entity_sid", &c.EntitySID},
		{"challenge.factor_sid", &c.FactorSID}, {"challenge.details", &c.Details}, {"challenge.date_created", &c.DateCreated},
		{"challenge.expiration_date", &c.ExpirationDate}, {"challenge.status", &c.Status},
	}
}

// checkChallenge compares what the record says with what the factor has signed.
func (r *Record) checkChallenge(f *findings, signed ChallengeAnswer) {
	const differs = "is not what was signed"
	said := r.Challenge
	for _, pair := range []struct {
		path string
		same bool
	}{
		{"uuid", signed.SID == sidOf("YC", r.UUID)},
		{"status", r.Status == signed.Status},
		{"device.uuid", signed.FactorSID == sidOf("YF", r.Device.UUID)},
		{"challenge.sid", said.SID == signed.SID},
		{"challenge.service_sid", said.ServiceSID == signed.ServiceSID},
		{"challenge.entity_sid", said.EntitySID == signed.EntitySID},
		{"challenge.factor_sid", said.FactorSID == signed.FactorSID},
		{"challenge.details", said.Details.same(signed.Details)},
		{"challenge.date_created", said.DateCreated == signed.DateCreated},
		{"challenge.expiration_date", sameText(said.ExpirationDate, signed.ExpirationDate)},
		{"challenge.status", said.Status == signed.Status},
	} {
		f.expect(pair.same, differs, []string{pair.path, pathPayload}, pair.path)
	}
	known := signed.Status == Approved || signed.Status == Denied
	f.expect(known, "has no answer that there is", []string{pathPayload}, pathPayload)
	// That it was taken in its time does not prove when, so nothing is noted for the better.
	if !r.takenInTime(signed) {
		f.expect(false, "is not between the dates that were signed", []string{"answered_at", pathPayload}, "answered_at")
	}
	r.checkFields(f, signed.Details)
}

// checkFields compares what was shown with what was signed, one detail after the other.
func (r *Record) checkFields(f *findings, signed ChallengeDetails) {
	const differs = "is not what was signed"
	f.expect(r.Shown.Message == signed.Message, differs, []string{pathPayload, "shown.message"}, "shown.message")
	paths := []string{pathPayload}
	for path := range f.suspects {
		if strings.HasPrefix(path, pathDetails+".") {
			paths = append(paths, path)
		}
	}
	shown := map[string]string{} // a record has no order of details
	for _, field := range signed.Fields {
		shown[field.Label] = field.Value
	}
	same := len(r.Shown.Details) == len(signed.Fields) && maps.Equal(r.Shown.Details.Map(), shown)
	f.expect(same, differs, paths, pathDetails)
}

// takenInTime reports whether the answer was taken between the creation and the end of the challenge, to the second.
func (r *Record) takenInTime(signed ChallengeAnswer) bool {
	created, err := time.Parse(time.RFC3339, signed.DateCreated)
	if err != nil || r.AnsweredAt.Before(created) {
		return false
	}
	if signed.ExpirationDate == nil {
		return true
	}
	end, err := time.Parse(time.RFC3339, *signed.ExpirationDate)
	return err == nil && r.AnsweredAt.Before(end.Add(time.Second))
}

func (d ChallengeDetails) same(other ChallengeDetails) bool {
	return d.Message == other.Message && sameText(d.Date, other.Date) && slices.Equal(d.Fields, other.Fields)
}

func sameText(a, b *string) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// sidOf is a SID of the Verify API: two letters and the digits of a UUID.
func sidOf(prefix, uuid string) string { return prefix + strings.ReplaceAll(uuid, "-", "") }
