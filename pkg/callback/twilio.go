package callback

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // what X-Twilio-Signature is made with
	"encoding/base64"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// TwilioSignatureHeader carries the signature of what Twilio's Verify API tells a webhook.
const TwilioSignatureHeader = "X-Twilio-Signature"

// SignTwilio is the signature of a form that is posted to a URL: HMAC-SHA1, keyed by the account's auth token, over the URL
// and then each name with its values, sorted by name. Source: Twilio's documentation, and the validator of twilio-go.
func SignTwilio(authToken, rawURL string, form url.Values) string {
	mac := hmac.New(sha1.New, []byte(authToken))
	mac.Write([]byte(rawURL))
	for _, name := range slices.Sorted(maps.Keys(form)) {
		for _, value := range form[name] {
			mac.Write([]byte(name + value))
		}
	}
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// ValidTwilio reports whether the signature is one of the form that was posted to the URL. As Twilio's own validators do, it
// takes a URL with and without the port that its scheme has by itself.
func ValidTwilio(authToken, rawURL string, form url.Values, signature string) bool {
	for _, spelling := range spellings(rawURL) {
		if hmac.Equal([]byte(SignTwilio(authToken, spelling, form)), []byte(signature)) {
			return true
		}
	}
	return false
}

func spellings(rawURL string) []string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return []string{rawURL}
	}
	port := map[string]string{"http": ":80", "https": ":443"}[u.Scheme]
	without, with := *u, *u
	without.Host = strings.TrimSuffix(u.Host, port)
	if with.Port() == "" {
		with.Host += port
	}
	return []string{rawURL, without.String(), with.String()}
}
