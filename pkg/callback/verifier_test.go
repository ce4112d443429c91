package callback_test

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/pkg/callback"
)

func TestVerify(t *testing.T) {
	t.Parallel()
	for _, method := range []string{http.MethodPost, http.MethodGet} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			r := arrived(t, method, callbackURL, payload())
			c, err := verifier().Verify(r)
			if err != nil {
				t.Fatal(err)
			}
			want := callback.Callback{
				AuthyID: 688611, DeviceUUID: "5e2f0f1c-6f0d-4a35-9d1c-7d1f0f6b1f11",
				UUID: "996201c0-bffc-0135-d7be-1285ca17e122", Status: callback.Approved,
				Message: `Login requested for "Acme" & Co.`, SignedAt: signedAt(), AppID: "582380eb7e1caa03317ec08c",
				Signature: "MEUCIQ==", Nonce: nonce(),
			}
			got := callback.Callback{
				AuthyID: c.AuthyID, DeviceUUID: c.DeviceUUID, UUID: c.UUID, Status: c.Status, Message: c.Message,
				Reason: c.Reason, SignedAt: c.SignedAt, AppID: c.AppID, Signature: c.Signature, Nonce: c.Nonce,
			}
			if fmt.Sprint(got) != fmt.Sprint(want) || !c.Approved() {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
			details := map[string]string{"Account": "1", "Account Number": "981266321", "City": "Bogotá"}
			if !maps.Equal(c.Details, details) || !maps.Equal(c.HiddenDetails, map[string]string{"ip": "10.0.0.1"}) {
				t.Errorf("details are %v and %v", c.Details, c.HiddenDetails)
			}
			checkValues(t, c)
			checkRaw(t, r, c)
		})
	}
}

func checkValues(t *testing.T, c *callback.Callback) {
	t.Helper()
	for _, test := range []struct {
		path []string
		text string
		ok   bool
	}{
		{[]string{"device", "enabled_unlock_methods", "1"}, "fingerprint", true},
		{[]string{"approval_request", "logos", "0", "res"}, "default", true},
		{[]string{"approval_request", "transaction", "requester_details"}, "", true},
		{[]string{"approval_request"}, "", false},
		{nil, "", false},
	} {
		if text, ok := c.Value(test.path...); text != test.text || ok != test.ok {
			t.Errorf("%v: got %q, %v", test.path, text, ok)
		}
	}
}

// checkRaw makes sure that the next reader finds what came.
func checkRaw(t *testing.T, r *http.Request, c *callback.Callback) {
	t.Helper()
	want := payload()
	if r.Method == http.MethodGet {
		want = []byte(r.URL.RawQuery)
	}
	if !bytes.Equal(c.Raw, want) {
		t.Errorf("Raw is %s", c.Raw)
	}
	if r.Method == http.MethodGet {
		return
	}
	if body, err := io.ReadAll(r.Body); err != nil || !bytes.Equal(body, want) {
		t.Errorf("the body is now %s, %v", body, err)
	}
}

// The oldest and the middle generation of payloads, and what is the same to the signature.
func TestVerifyOtherPayloads(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		body   string
		device string
	}{
		{"device_uuid is a number", `{"authy_id":1,"device_uuid":2102943,"callback_action":"approval_request_status",` +
			`"uuid":"u","status":"denied","approval_request":{"transaction":{"details":null,"device_signing_time":0}}}`, "2102943"},
		{"authy_id is a string, no approval_request", `{"authy_id":"1","device_uuid":"d","uuid":"u","status":"denied",` +
			`"callback_action":"approval_request_status"}`, "d"},
		{"approval_request is text, as in the GETs of 2015", `{"authy_id":"1","device_uuid":"d","uuid":"u","status":"denied",` +
			`"callback_action":"approval_request_status","approval_request":"{\"transaction\"=>{\"details\"=>{}}}"}`, "d"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, method := range []string{http.MethodPost, http.MethodGet} {
				c, err := verifier().Verify(arrived(t, method, callbackURL, []byte(test.body)))
				if err != nil {
					t.Fatal(err)
				}
				if c.AuthyID != 1 || c.DeviceUUID != test.device || c.Approved() || c.Details == nil || len(c.Details) > 0 ||
					!c.SignedAt.IsZero() {
					t.Errorf("%s: got %+v", method, c)
				}
			}
		})
	}
}

func TestVerifyRefuses(t *testing.T) {
	t.Parallel()
	post := func(body []byte) *http.Request { return arrived(t, http.MethodPost, callbackURL, body) }
	sound := post(payload())
	header := func(name string, values ...string) *http.Request {
		r := post(payload())
		r.Header[name] = values
		return r
	}
	signature, nonce := sound.Header.Get(callback.SignatureHeader), sound.Header.Get(callback.NonceHeader)
	body := func(body string) *http.Request {
		r := post(payload())
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
		return r
	}
	for _, test := range []struct {
		name string
		r    *http.Request
		kind error
		says string
	}{
		{"no signature", header(callback.SignatureHeader), callback.ErrSignature, "X-Authy-Signature is missing"},
		{"empty signature", header(callback.SignatureHeader, ""), callback.ErrSignature, "empty"},
		{"two signatures", header(callback.SignatureHeader, signature, signature), callback.ErrSignature, "comes 2 times"},
		{"no nonce", header(callback.NonceHeader), callback.ErrSignature, "X-Authy-Signature-Nonce is missing"},
		{"other nonce", header(callback.NonceHeader, nonce+".0"), callback.ErrSignature, "changed since"},
		{"nonce with a bar", header(callback.NonceHeader, nonce+"|POST"), callback.ErrMalformed, "nonce"},
		{"signature in other base64", header(callback.SignatureHeader, sameBytes(signature)), callback.ErrSignature, "by this API key"},
		{"signature without padding", header(callback.SignatureHeader, strings.TrimRight(signature, "=")), callback.ErrSignature, ""},
		{"changed status", body(strings.Replace(string(payload()), `"status":"approved"`, `"status":"denied"`, 1)),
			callback.ErrSignature, callbackURL},
		{"no body", body(""), callback.ErrMalformed, "not JSON"},
		{"a form", body("status=approved"), callback.ErrMalformed, "not JSON"},
		{"a name twice", body(strings.Replace(string(payload()), `{`, `{"status":"approved",`, 1)), callback.ErrMalformed,
			`"status" comes twice`},
		{"form content type", header("Content-Type", "application/x-www-form-urlencoded"), callback.ErrMalformed, "Content-Type"},
		{"no callback", post([]byte(`{"authy_id":1}`)), callback.ErrMalformed, "callback_action is"},
		{"no authy_id", post(change(t, `688611`, `null`)), callback.ErrMalformed, "authy_id is"},
		{"no status", post(change(t, `"status":"approved"`, `"status":null`)), callback.ErrMalformed, "status is"},
		{"other status", post(change(t, `"status":"approved"`, `"status":"expired"`)), callback.ErrMalformed, "approved or denied"},
		{"no uuid", post(change(t, `"uuid":"996201c0-bffc-0135-d7be-1285ca17e122"`, `"uuid":""`)), callback.ErrMalformed, "uuid is missing"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, err := verifier().Verify(test.r)
			if c != nil || !errors.Is(err, test.kind) || !strings.Contains(fmt.Sprint(err), test.says) {
				t.Errorf("got %v, %v, want %v that says %q", c, err, test.kind, test.says)
			}
			if text := fmt.Sprint(err); strings.Contains(text, "\n") || strings.Contains(text, apiKey) ||
				strings.Contains(text, signature) {
				t.Errorf("%q is no line for a log", text)
			}
		})
	}
}

// sameBytes is other base64 of the same bytes: the last character has bits that nobody reads.
func sameBytes(signature string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	last := len(signature) - 2 // before the padding
	return signature[:last] + string(alphabet[strings.IndexByte(alphabet, signature[last])^1]) + signature[last+1:]
}

func TestVerifyOtherKeyMethodAndQuery(t *testing.T) {
	t.Parallel()
	v := verifier()
	v.APIKey = "another"
	if _, err := v.Verify(arrived(t, "POST", callbackURL, payload())); !errors.Is(err, callback.ErrSignature) {
		t.Errorf("another key: %v", err)
	}
	for _, method := range []string{"PUT", "HEAD", "GET"} {
		r := arrived(t, "POST", callbackURL, payload())
		r.Method = method
		if _, err := verifier().Verify(r); err == nil {
			t.Errorf("a POST that came as %s is taken", method)
		}
	}
	r := arrived(t, "GET", callbackURL, payload())
	r.URL.RawQuery += "&status=denied"
	if _, err := verifier().Verify(r); !errors.Is(err, callback.ErrMalformed) {
		t.Errorf("a second status: %v", err)
	}
	r = arrived(t, "GET", callbackURL, payload())
	r.URL.RawQuery += "&more=1"
	if _, err := verifier().Verify(r); !errors.Is(err, callback.ErrSignature) {
		t.Errorf("one more value: %v", err)
	}
}

// A verifier that is set up wrongly takes nothing, and does not blame the client.
func TestVerifierWithoutKeyOrURL(t *testing.T) {
	t.Parallel()
	for _, v := range []*callback.Verifier{{}, {APIKey: apiKey, URL: "bank.example"}} {
		_, err := v.Verify(arrived(t, "POST", callbackURL, payload()))
		if err == nil || errors.Is(err, callback.ErrSignature) || errors.Is(err, callback.ErrMalformed) {
			t.Errorf("got %v", err)
		}
	}
}

func TestMaxBody(t *testing.T) {
	t.Parallel()
	size := int64(len(payload()))
	for _, test := range []struct {
		name string
		most int64
		r    func(*http.Request)
		kind error
	}{
		{"as long as allowed", size, func(*http.Request) {}, nil},
		{"announced", size - 1, func(*http.Request) {}, callback.ErrTooLarge},
		{"not announced", size - 1, func(r *http.Request) { r.ContentLength = -1 }, callback.ErrTooLarge},
		{"server's own limit", 0, func(r *http.Request) { r.Body = http.MaxBytesReader(nil, r.Body, size-1) }, callback.ErrTooLarge},
		{"cut short", 0, func(r *http.Request) { r.Body = io.NopCloser(io.MultiReader(r.Body, broken{})) }, callback.ErrMalformed},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := arrived(t, "POST", callbackURL, payload())
			test.r(r)
			v := verifier()
			v.MaxBody = test.most
			if _, err := v.Verify(r); !errors.Is(err, test.kind) || (err == nil) != (test.kind == nil) {
				t.Errorf("got %v, want %v", err, test.kind)
			}
		})
	}
	r := arrived(t, "GET", callbackURL, payload())
	v := verifier()
	v.MaxBody = int64(len(r.URL.RawQuery)) - 1
	if _, err := v.Verify(r); !errors.Is(err, callback.ErrTooLarge) {
		t.Errorf("query: got %v", err)
	}
}

// broken is a connection that breaks off.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestMaxAge(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		nonce  string
		maxAge time.Duration
		stale  bool
	}{
		{"1512923419", 0, false},
		{"1512923419.886085", 0, false},
		{"1512923119", 0, false},
		{"1512923118.999999999", 0, true},
		{"1512923719", 0, false},
		{"1512923719.000000001", 0, true},
		{"1512923418", time.Second, false},
		{"1512923417", time.Second, true},
		{"0", 0, true},
		{"9999999999999999999999", 0, true},
		{"6f0d4a35-9d1c-7d1f-0f6b-1f115e2f0f1c", 0, true},
		{"1512923419.", 0, true},
		{"+1512923419", 0, true},
		{"-1512923419", 0, true},
		{"1.5e9", 0, true},
		{"6f0d4a35-9d1c-7d1f-0f6b-1f115e2f0f1c", -1, false},
		{"0", -1, false},
	} {
		sent, err := callback.NewRequest(t.Context(), apiKey, test.nonce, "POST", callbackURL, payload())
		if err != nil {
			t.Fatal(err)
		}
		v := verifier()
		v.MaxAge = test.maxAge
		if _, err = v.Verify(seen(t, sent)); errors.Is(err, callback.ErrStale) != test.stale || (err != nil) != test.stale {
			t.Errorf("%s within %s: got %v", test.nonce, test.maxAge, err)
		}
	}
}

func TestVerifyTellsTheTime(t *testing.T) {
	t.Parallel()
	v := verifier()
	v.Now = nil // of 2017: long ago
	_, err := v.Verify(arrived(t, "POST", callbackURL, payload()))
	if !errors.Is(err, callback.ErrStale) || !strings.Contains(err.Error(), "2017-12-10T16:30:19Z") {
		t.Errorf("got %v", err)
	}
}

// Without a URL of its own the verifier takes the one that the request came in by.
func TestURLFromRequest(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, signed string
		r            func(*http.Request)
		ok           bool
	}{
		{"as signed", "http://localhost:3000/authy/callback", func(*http.Request) {}, true},
		{"TLS", "https://bank.example/cb", func(r *http.Request) { r.TLS = &tls.ConnectionState{} }, true},
		{"TLS ends before", "https://bank.example/cb", func(*http.Request) {}, false},
		{"a header claims TLS", "https://bank.example/cb", func(r *http.Request) { r.Header.Set("X-Forwarded-Proto", "https") }, false},
		{"host in other case, default port", "http://bank.example/", func(r *http.Request) { r.Host = "Bank.Example:80" }, true},
		{"another port", "http://localhost:3000/cb", func(r *http.Request) { r.Host = "localhost" }, false},
		{"another path", "http://localhost:3000/cb", func(r *http.Request) { r.RequestURI = "/cb/" }, false},
		{"a router cut the path", "http://localhost:3000/a/cb", func(r *http.Request) { r.URL.Path = "/cb" }, true},
		{"escaped path", "http://localhost:3000/a%2fb%20c", func(*http.Request) {}, true},
		{"two slashes", "http://localhost:3000//a", func(*http.Request) {}, true},
		{"whole URL in the request line", "http://localhost:3000/cb", func(r *http.Request) {
			r.RequestURI = "http://localhost:3000/cb"
		}, true},
		{"no host", "http://localhost:3000/cb", func(r *http.Request) { r.Host = "" }, false},
		{"no name of a host", "http://localhost:3000/cb", func(r *http.Request) { r.Host = "localhost:3000/cb?" }, false},
		{"IPv6", "http://[::1]:3000/cb", func(*http.Request) {}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, method := range []string{"POST", "GET"} {
				r := arrived(t, method, test.signed, payload())
				r.TLS = nil
				test.r(r)
				_, err := (&callback.Verifier{APIKey: apiKey, Now: signedAt}).Verify(r)
				if (err == nil) != test.ok {
					t.Errorf("%s: got %v", method, err)
				}
			}
		})
	}
}

// With a URL of its own it is all the same how the request came in, and a callback for another host is refused.
func TestURLOfItsOwn(t *testing.T) {
	t.Parallel()
	r := arrived(t, "POST", callbackURL, payload())
	r.Host, r.RequestURI, r.TLS = "10.0.0.7:8080", "/internal", nil
	v := verifier()
	v.URL = "https://Bank.example:443/authy/callback#x"
	if _, err := v.Verify(r); err != nil {
		t.Error(err)
	}
	if _, err := v.Verify(arrived(t, "POST", "https://staging.example/authy/callback", payload())); !errors.Is(err, callback.ErrSignature) {
		t.Errorf("for another host: %v", err)
	}
}

// What is signed is what is shown: a tree of another shape with the same signature gives the same callback.
func TestCallbackIsWhatWasSigned(t *testing.T) {
	t.Parallel()
	flat, err := callback.Query(payload())
	if err != nil {
		t.Fatal(err)
	}
	values, err := url.ParseQuery(flat)
	if err != nil {
		t.Fatal(err)
	}
	var members []string
	for name := range values {
		members = append(members, fmt.Sprintf("%q:%q", name, values.Get(name)))
	}
	slices.Sort(members)
	reshaped := "{" + strings.Join(members, ",") + "}"
	r := arrived(t, "POST", callbackURL, payload())
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(reshaped)), int64(len(reshaped))
	c, err := verifier().Verify(r)
	if err != nil {
		t.Fatal(err)
	}
	if c.Details["Account Number"] != "981266321" || c.Status != callback.Approved || len(c.Details) != 3 {
		t.Errorf("got %+v", c)
	}
}
