package callback_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/pkg/callback"
)

const (
	apiKey      = "jDGBZRLhuqR4GkvR9tCK8RnLHIgF8FQJ"
	callbackURL = "https://bank.example/authy/callback"
)

// signedAt is the time of every test here.
func signedAt() time.Time { return time.Unix(1512923419, 0).UTC() }

func verifier() *callback.Verifier {
	return &callback.Verifier{APIKey: apiKey, URL: callbackURL, Now: signedAt}
}

// payload is a callback of the newest generation.
func payload() []byte {
	return []byte(`{"authy_id":688611,"device_uuid":"5e2f0f1c-6f0d-4a35-9d1c-7d1f0f6b1f11",` +
		`"callback_action":"approval_request_status","uuid":"996201c0-bffc-0135-d7be-1285ca17e122","status":"approved",` +
		`"approval_request":{"transaction":{"details":{"Account":"1","Account Number":"981266321","City":"Bogot\u00e1"},` +
		`"device_details":{},"device_geolocation":"","device_signing_time":1512923419,"encrypted":false,"flagged":false,` +
		`"hidden_details":{"ip":"10.0.0.1"},"message":"Login requested for \"Acme\" & Co.","reason":"",` +
		`"requester_details":null,"status":"approved","uuid":"996201c0-bffc-0135-d7be-1285ca17e122",` +
		`"created_at_time":1512923400,"customer_uuid":15083},"expiration_timestamp":1513009800,` +
		`"logos":[{"res":"default","url":"https://bank.example/logo.png"},{"res":"low","url":"https://bank.example/s.png"}],` +
		`"app_id":"582380eb7e1caa03317ec08c"},"signature":"MEUCIQ==","device":{"city":null,"os_type":"android",` +
		`"id":2102943,"registration_date":1505418165,"enabled_unlock_methods":["pin","fingerprint"],` +
		`"multidevice_enabled":true}}`)
}

// change is the payload with one piece replaced, which must be there.
func change(t testing.TB, from, to string) []byte {
	t.Helper()
	if !bytes.Contains(payload(), []byte(from)) {
		t.Fatalf("the payload has no %q", from)
	}
	return bytes.Replace(payload(), []byte(from), []byte(to), 1)
}

// arrived is a signed callback as a server sees it. The nonce is the time of the tests.
func arrived(t testing.TB, method, target string, body []byte) *http.Request {
	t.Helper()
	sent, err := callback.NewRequest(t.Context(), apiKey, nonce(), method, target, body)
	if err != nil {
		t.Fatal(err)
	}
	return seen(t, sent)
}

func nonce() string { return strconv.FormatInt(signedAt().Unix(), 10) }

// seen is a client's request as the server sees it.
func seen(t testing.TB, sent *http.Request) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), sent.Method, sent.URL.String(), sent.Body)
	r.RequestURI = sent.URL.RequestURI() // what a server reads from the request line
	r.Header = sent.Header.Clone()
	r.ContentLength = sent.ContentLength
	return r
}

// reference flattens and joins by the letter of the rules, with nothing of the package.
func reference(t testing.TB, payload []byte) string {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(payload))
	decoder.UseNumber()
	var tree map[string]any
	if err := decoder.Decode(&tree); err != nil {
		t.Fatal(err)
	}
	var pairs []string
	for name, member := range tree {
		pairs = append(pairs, referenceMember(name, member)...)
	}
	slices.Sort(pairs)
	index := regexp.MustCompile("%5B[0-9]+%5D")
	for i, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		pairs[i] = index.ReplaceAllString(name, "%5B%5D") + "=" + value
	}
	return strings.Join(pairs, "&")
}

func referencePairs(path string, value any) []string {
	var pairs []string
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			pairs = append(pairs, referenceMember(path+"["+name+"]", member)...)
		}
	case []any:
		for i, item := range v {
			pairs = append(pairs, referenceMember(path+"["+strconv.Itoa(i)+"]", item)...)
		}
	}
	return pairs
}

func referenceMember(name string, value any) []string {
	text := ""
	switch v := value.(type) {
	case map[string]any, []any:
		return referencePairs(name, v)
	case string:
		text = v
	case bool:
		text = strconv.FormatBool(v)
	case json.Number:
		text = v.String()
	}
	return []string{url.QueryEscape(name) + "=" + url.QueryEscape(text)}
}
