package evidence

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"github.com/go-jose/go-jose/v4"
)

// answerType is the `typ` header of an answer. It keeps a signature made for one purpose from being used for another.
const answerType jose.ContentType = "onetouch-answer+jws"

// The two answers a [Statement] can give.
const (
	Approved = "approved"
	Denied   = "denied"
)

// Statement is what a device says when it answers an approval request: the payload of its JWS.
type Statement struct {
	UUID          string `json:"uuid"`           // of the approval request
	Status        string `json:"status"`         // [Approved] or [Denied]
	Challenge     string `json:"challenge"`      // as fetched with the request
	DeviceID      int64  `json:"device_id"`      // the device that answers
	IssuedAt      int64  `json:"iat"`            // epoch seconds, by the device's clock
	DetailsSHA256 string `json:"details_sha256"` // [Shown.Digest] of what the user saw
	Reason        string `json:"reason"`         // the user's own words, or ""
}

// missing names the first member without a value, or "" when all that a statement needs are there. A reason is never
// needed; iat is a number whose every value has a meaning.
func (s Statement) missing() string {
	switch {
	case s.UUID == "":
		return "uuid"
	case s.Status == "":
		return "status"
	case s.Challenge == "":
		return "challenge"
	case s.DeviceID == 0:
		return "device_id"
	case s.DetailsSHA256 == "":
		return "details_sha256"
	default:
		return ""
	}
}

// Sign makes the compact JWS of a statement, with the headers alg, kid and typ. It does not judge the statement, except
// for text that is not valid UTF-8, which JSON cannot carry.
func Sign(key *PrivateKey, s Statement) (string, error) {
	for _, text := range []string{s.UUID, s.Status, s.Challenge, s.DetailsSHA256, s.Reason} {
		if !utf8.ValidString(text) {
			return "", fmt.Errorf("sign answer: %q is not valid UTF-8", text)
		}
	}
	payload, err := json.Marshal(s)
	if err != nil {
		return "", fmt.Errorf("sign answer: %w", err)
	}
	jws, err := sign(key.answers, payload)
	if err != nil {
		return "", fmt.Errorf("sign answer: %w", err)
	}
	return jws, nil
}

func sign(signer jose.Signer, payload []byte) (string, error) {
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", err
	}
	return signed.CompactSerialize()
}
