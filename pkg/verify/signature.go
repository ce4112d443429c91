package verify

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // the scheme is Twilio's
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// SignatureHeader carries the signature of what Twilio sends.
const SignatureHeader = "X-Twilio-Signature"

// What a webhook can be refused for.
var (
	ErrSignature = errors.New("signature of the webhook is missing or wrong")
	ErrMalformed = errors.New("the webhook cannot be read")
)

// maxWebhook bounds what is read of a webhook, in bytes.
const maxWebhook = 64 << 10

// Sign is the signature of a POST to a URL, with its query, of form parameters: the HMAC-SHA1, keyed by the auth token, of
// the URL and each name and first value, sorted by name. Source: twilio-go, client/request_validator.go.
func Sign(authToken, address string, parameters url.Values) string {
	mac := hmac.New(sha1.New, []byte(authToken))
	_, _ = io.WriteString(mac, address)
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		_, _ = io.WriteString(mac, name+parameters.Get(name))
	}
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// Event is what a webhook is told.
type Event struct {
	Type         string // such as [EventChallengeApproved]
	AccountSID   string
	ServiceSID   string
	EntitySID    string
	Identity     string
	FactorSID    string
	ChallengeSID string            // of an event about a challenge
	All          map[string]string // every parameter
}

// Verifier reads the webhooks that the service signs.
type Verifier struct {
	AuthToken string // of the account
	URL       string // the public URL that the webhook was made with, with its query
}

// Verify checks the signature of a webhook and reads it. It fails with [ErrSignature] or [ErrMalformed].
func (v *Verifier) Verify(r *http.Request) (Event, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxWebhook+1))
	if err != nil || len(body) > maxWebhook {
		return Event{}, fmt.Errorf("%w: it is cut off, or too long", ErrMalformed)
	}
	given := r.Header.Get(SignatureHeader)
	mediaType, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if mediaType == "application/json" {
		return v.verifyJSON(r, body, given)
	}
	parameters, err := url.ParseQuery(string(body))
	if err != nil {
		return Event{}, fmt.Errorf("%w: its body is no form", ErrMalformed)
	}
	if !v.signed(given, v.URL, parameters) {
		return Event{}, ErrSignature
	}
	all := map[string]string{}
	for name := range parameters {
		all[name] = parameters.Get(name)
	}
	return eventOf(all)
}

// verifyJSON is for a JSON body, of which the query has the digest, and the signature covers the URL.
func (v *Verifier) verifyJSON(r *http.Request, body []byte, given string) (Event, error) {
	digest := r.URL.Query().Get("bodySHA256")
	sum := sha256.Sum256(body)
	separator := "?"
	if strings.Contains(v.URL, "?") {
		separator = "&"
	}
	address := v.URL + separator + "bodySHA256=" + digest
	if !hmac.Equal([]byte(digest), []byte(hex.EncodeToString(sum[:]))) || !v.signed(given, address, nil) {
		return Event{}, ErrSignature
	}
	var members map[string]any
	if json.Unmarshal(body, &members) != nil {
		return Event{}, fmt.Errorf("%w: its body is no JSON object", ErrMalformed)
	}
	all := map[string]string{}
	for name, value := range members {
		if text, isText := value.(string); isText {
			all[name] = text
		}
	}
	return eventOf(all)
}

// signed compares in a time that tells nothing. The service signs with the port or without it: both count.
func (v *Verifier) signed(given, address string, parameters url.Values) bool {
	if v.AuthToken == "" || given == "" {
		return false
	}
	matches := false
	for _, spelt := range spellings(address) {
		matches = hmac.Equal([]byte(given), []byte(Sign(v.AuthToken, spelt, parameters))) || matches
	}
	return matches
}

// spellings are a URL as it is, with the port of its scheme, and without one.
func spellings(address string) []string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return []string{address}
	}
	if u.Port() != "" {
		without := *u
		without.Host = u.Host[:strings.LastIndexByte(u.Host, ':')]
		return []string{address, without.String()}
	}
	with := *u
	with.Host += map[string]string{"https": ":443", "http": ":80"}[u.Scheme]
	return []string{address, with.String()}
}

func eventOf(all map[string]string) (Event, error) {
	e := Event{
		Type: all["type"], AccountSID: all["account_sid"], ServiceSID: all["service_sid"], EntitySID: all["entity_sid"],
		Identity: cmp.Or(all["entity_identity"], all["identity"]), FactorSID: all["factor_sid"],
		ChallengeSID: all["challenge_sid"], All: all,
	}
	if e.Type == "" {
		return Event{}, fmt.Errorf("%w: it has no type", ErrMalformed)
	}
	return e, nil
}
