package callback_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/onetouchkit/onetouch/pkg/callback"
)

func payloadSeeds(f *testing.F) {
	f.Helper()
	for _, seed := range []string{
		string(payload()), `{}`, `[]`, ``, `{"a":{"b":[1,2,{"c":null}]},"a[b]":"x"}`, `{"a":"\ud83d\ude00\u00e9\n"}`,
		`{"a":"\ud83d"}`, `{"":"","a":{"":[]},"1":{"2":"[3]"}}`, `{"a":1e400,"b":-0.0}`, `{"a":1,"a":2}`, " {\"a\"\n:true } ",
	} {
		f.Add([]byte(seed))
	}
}

// Whatever is signed is signed by the letter of the rules, as read by a reader that shares nothing with the package.
func FuzzStringToSign(f *testing.F) {
	payloadSeeds(f)
	f.Fuzz(func(t *testing.T, payload []byte) {
		got, err := callback.StringToSign("1", "POST", callbackURL, payload)
		if err != nil {
			if sound(payload) {
				t.Fatalf("%q is refused: %v", payload, err)
			}
			return
		}
		if want := "1|POST|" + callbackURL + "|" + reference(t, payload); got != want {
			t.Fatalf("%q:\ngot  %s\nwant %s", payload, got, want)
		}
	})
}

// sound reports whether a payload is one that every reader takes for the same: it is what encoding/json makes of itself.
func sound(payload []byte) bool {
	var tree map[string]any
	decoder := json.NewDecoder(bytes.NewReader(payload))
	decoder.UseNumber()
	if err := decoder.Decode(&tree); err != nil || tree == nil {
		return false
	}
	if bytes.ContainsAny(payload, "[]\\") || strings.Count(string(payload), "{") > 32 {
		return false // names in brackets can meet
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(tree) == nil && bytes.Equal(bytes.TrimSpace(out.Bytes()), payload)
}

// A GET carries what a POST carries: both sign the same parameters.
func FuzzQuery(f *testing.F) {
	payloadSeeds(f)
	f.Fuzz(func(t *testing.T, payload []byte) {
		query, err := callback.Query(payload)
		if err != nil {
			return
		}
		want, err := callback.StringToSign("1", "GET", callbackURL, payload)
		if err != nil {
			return // one name from two places: a query can be written, but not signed
		}
		got, err := callback.QueryStringToSign("1", "GET", callbackURL, query)
		if err != nil || got != want {
			t.Fatalf("%q as %s:\ngot  %s, %v\nwant %s", payload, query, got, err, want)
		}
	})
}

// Any query is read as net/url reads it.
func FuzzSignQuery(f *testing.F) {
	for _, seed := range []string{"", "a=1&b=%20+", "a[]=1&a[]=2", "a=1&a=2", "=", "&", "%", ";", "a=%ff", "l[0][x]=1&l[1][x]=2"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		values, wrong := url.ParseQuery(query)
		got, err := callback.QueryStringToSign("1", "GET", callbackURL, query)
		if err != nil {
			return
		}
		if wrong != nil {
			t.Fatalf("%q is taken, but net/url says %v", query, wrong)
		}
		// Writing it again by net/url changes nothing but the order.
		again, err := callback.QueryStringToSign("1", "GET", callbackURL, values.Encode())
		if err != nil || again != got {
			t.Fatalf("%q:\ngot %s\nand %s, %v", query, got, again, err)
		}
	})
}

// A callback that was signed is verified, whatever its texts; with any signed value changed it is refused.
func FuzzVerify(f *testing.F) {
	f.Add("Login?", "Account Number", "981266321", "/authy/callback", 0)
	f.Add("[1]", "x[2]", "+ &=|%é😀\x00", "/a b//%2f", 3)
	f.Add("", "", "", "", 1)
	f.Fuzz(func(t *testing.T, message, name, value, path string, at int) {
		for _, text := range []string{message, name, value, path} {
			if !utf8.ValidString(text) {
				return // cannot be said in JSON
			}
		}
		target := (&url.URL{Scheme: "http", Host: "localhost:3000", Path: "/" + path}).String()
		body := written(t, message, name, value)
		for _, method := range []string{"POST", "GET"} {
			c, err := fromRequest().Verify(arrived(t, method, target, body))
			if err != nil {
				t.Fatalf("%s %s: %v", method, body, err)
			}
			if c.Message != message || c.Details[name] != value {
				t.Fatalf("%s %s: got %q, %q", method, body, c.Message, c.Details[name])
			}
		}
		message, value = changed(message, value, at)
		r := arrived(t, "POST", target, body)
		forged := written(t, message, name, value)
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(forged)), int64(len(forged))
		if _, err := fromRequest().Verify(r); err == nil {
			t.Fatalf("%s passes for %s", forged, body)
		}
	})
}

func fromRequest() *callback.Verifier { return &callback.Verifier{APIKey: apiKey, Now: signedAt} }

func written(t *testing.T, message, name, value string) []byte {
	t.Helper()
	body, err := json.Marshal(map[string]any{
		"authy_id": 1, "callback_action": "approval_request_status", "uuid": "u", "status": "approved",
		"approval_request": map[string]any{"transaction": map[string]any{
			"message": message, "details": map[string]string{name: value},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// changed is the two texts with one character of one of them changed, or one added.
func changed(message, value string, at int) (string, string) {
	texts := [][]rune{[]rune(message), []rune(value)}
	text := texts[uint(at)%2]
	i := int(uint(at) / 2 % uint(len(text)+1))
	if i == len(text) {
		text = append(text, '1')
	} else {
		text = slices.Clone(text)
		text[i]++
		if !utf8.ValidRune(text[i]) {
			text[i] = 'a'
		}
	}
	texts[uint(at)%2] = text
	return string(texts[0]), string(texts[1])
}

// Whatever is asked, an explanation calls right what Sign makes and nothing else, and keeps the key to itself.
func FuzzExplain(f *testing.F) {
	const key = "a key that is in no text"
	right, err := callback.Sign(key, "1", "POST", callbackURL, []byte(`{"a":1}`))
	if err != nil {
		f.Fatal(err)
	}
	f.Add("POST", callbackURL, "1", right, []byte(`{"a":1}`), "bank.example")
	f.Add("POST", "http://[::1]:3000/a//b/", "1", right, []byte(`{"a":[1,{"b":null}],"c":"\u00e9"}`), "host=\"a\";b, c")
	f.Add("GET", "http://u:p@localhost?a=1#f", "1.5", "zz", []byte("a=1&b[]=2"), "a,b")
	f.Fuzz(func(t *testing.T, method, target, nonce, signature string, payload []byte, header string) {
		r := callback.Received{
			Method: method, URL: target, Nonce: nonce, Signature: signature, Payload: payload, APIKeys: []string{key, "b"},
			Header: http.Header{"X-Forwarded-Host": {header}, "Forwarded": {header}, "X-Original-Uri": {header}},
		}
		e, err := callback.Explain(r)
		if strings.Contains(fmt.Sprint(e, err), key) {
			t.Fatalf("the key is told: %v, %v", e, err)
		}
		want, wrong := signAsReceived(key, r)
		if valid := wrong == nil && want == signature; e.Valid != valid || e.Valid && err != nil {
			t.Fatalf("valid is %v, want %v (%v, %v)", e.Valid, valid, err, wrong)
		}
	})
}

func signAsReceived(key string, r callback.Received) (string, error) {
	if r.Method != http.MethodGet {
		return callback.Sign(key, r.Nonce, r.Method, r.URL, r.Payload)
	}
	query := strings.TrimPrefix(string(r.Payload), "?")
	if query == "" && len(r.Payload) == 0 {
		_, query, _ = strings.Cut(r.URL, "?")
		query, _, _ = strings.Cut(query, "#")
	}
	return callback.SignQuery(key, r.Nonce, r.Method, r.URL, query)
}
