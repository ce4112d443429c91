package deviceapi_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/deviceapi"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

func TestRegistration(t *testing.T) {
	t.Parallel()
	for _, alg := range []evidence.Algorithm{evidence.ES256, evidence.RS256} {
		t.Run(string(alg), func(t *testing.T) {
			t.Parallel()
			f := setUp(t)
			key := newKey(t, alg)
			body := registration(t, key, f.token())
			body["device"] = map[string]any{"name": "Ada's Pixel", "platform": "ios", "app_version": "1.0", "colour": "red"}
			body["push"] = map[string]any{"type": "webhook", "url": "http://127.0.0.1:3000/push", "token": "t"}
			body["unknown"] = []any{map[string]any{}}
			got := f.call(http.MethodPost, "/registrations", "", body).members()

			devices := f.state().Devices
			if len(devices) != 1 {
				t.Fatalf("%d devices are registered, want 1", len(devices))
			}
			d := devices[0]
			secrets := []string{"access_token", "totp"}
			for _, name := range secrets {
				if got[name] == nil {
					t.Errorf("the answer lacks %s", name)
				}
			}
			want := map[string]any{
				"device_id": float64(d.ID), "device_uuid": d.UUID, "name": "Ada's Pixel", "platform": "ios",
				"authy_id": float64(f.user.AuthyID), "app": map[string]any{"id": f.app.ID, "name": "Acme Bank"},
				"access_token": got["access_token"],
				"totp": map[string]any{
					"secret": got["totp"].(map[string]any)["secret"], "digits": 7.0, "period": 10.0, "algorithm": "SHA1",
				},
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if d.KeyID != key.Public().ID() || d.AppVersion != "1.0" ||
				d.Push != (onetouch.PushTarget{Type: "webhook", URL: "http://127.0.0.1:3000/push", Token: "t"}) {
				t.Errorf("stored %+v", d)
			}
			token := got["access_token"].(string)
			if strings.Contains(string(toJSON(t, d)), token) {
				t.Error("the access token is kept in the clear")
			}
			f.call(http.MethodGet, "/time", token, nil).members()
		})
	}
}

func TestRegistrationDefaults(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	body := registration(t, newKey(t, evidence.ES256), f.token())
	for _, name := range []string{"device", "push"} {
		body[name] = nil // as good as absent
	}
	f.call(http.MethodPost, "/registrations", "", body).members()
	d := f.state().Devices[0]
	if d.Name != "Simulated phone" || d.Platform != "android" || d.Push != (onetouch.PushTarget{Type: "sse"}) {
		t.Errorf("stored %+v", d)
	}
}

func TestRegistrationRefuses(t *testing.T) {
	t.Parallel()
	key, other := newKey(t, evidence.ES256), newKey(t, evidence.ES256)
	private, err := key.JWK()
	if err != nil {
		t.Fatal(err)
	}
	proofOf := func(key *evidence.PrivateKey, token string) string {
		proof, err := evidence.SignProof(key, token)
		if err != nil {
			t.Fatal(err)
		}
		return proof
	}
	type body = map[string]any
	tests := map[string]struct {
		change func(body) any
		code   onetouch.Code
		says   string
	}{
		"no token":           {func(b body) any { return without(b, "registration_token") }, "invalid_parameter", "registration_token"},
		"null token":         {func(b body) any { return with(b, "registration_token", nil) }, "invalid_parameter", "registration_token"},
		"token is a number":  {func(b body) any { return with(b, "registration_token", 7) }, "invalid_request", "registration_token"},
		"unknown token":      {func(b body) any { return with(with(b, "registration_token", "x"), "proof", proofOf(key, "x")) }, "registration_not_found", ""},
		"blank name":         {func(b body) any { return with(b, "device.name", " ") }, "invalid_parameter", "device.name"},
		"long name":          {func(b body) any { return with(b, "device.name", strings.Repeat("ä", 101)) }, "invalid_parameter", "device.name"},
		"name is a list":     {func(b body) any { return with(b, "device.name", []any{"x"}) }, "invalid_request", "device.name"},
		"name is a number":   {func(b body) any { return with(b, "device.name", 1.5) }, "invalid_request", "device.name - must be a JSON string"},
		"device is a string": {func(b body) any { return with(b, "device", "pixel") }, "invalid_request", "device - must be a JSON object"},
		"unknown platform":   {func(b body) any { return with(b, "device.platform", "nokia") }, "invalid_parameter", "device.platform"},
		"long version":       {func(b body) any { return with(b, "device.app_version", strings.Repeat("1", 51)) }, "invalid_parameter", "device.app_version"},
		"unknown push":       {func(b body) any { return with(b, "push.type", "fcm") }, "push_platform_unknown", "sse, webhook or none"},
		"push is a string":   {func(b body) any { return with(b, "push", "sse") }, "invalid_request", "push"},
		"push token a bool":  {func(b body) any { return with(b, "push.token", true) }, "invalid_request", "push.token"},
		"long push token":    {func(b body) any { return with(b, "push.token", strings.Repeat("t", 4097)) }, "invalid_parameter", "push.token"},
		"webhook, no URL":    {func(b body) any { return with(b, "push.type", "webhook") }, "invalid_parameter", "push.url"},
		"webhook, file URL":  {func(b body) any { return with(with(b, "push.type", "webhook"), "push.url", "file:///etc/passwd") }, "invalid_parameter", "push.url"},
		"no key":             {func(b body) any { return without(b, "public_key") }, "public_key_invalid", "P-256"},
		"key is a string":    {func(b body) any { return with(b, "public_key", "MIIB") }, "public_key_invalid", ""},
		"private key":        {func(b body) any { return with(b, "public_key", json.RawMessage(private)) }, "public_key_invalid", ""},
		"symmetric key":      {func(b body) any { return with(b, "public_key", body{"kty": "oct", "k": "AAAA"}) }, "public_key_invalid", ""},
		"point off curve": {func(b body) any {
			return with(b, "public_key", body{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"})
		}, "public_key_invalid", ""},
		"short RSA key": {func(b body) any {
			return with(b, "public_key", body{"kty": "RSA", "e": "AQAB", "n": strings.Repeat("_", 171)})
		}, "public_key_invalid", ""},
		"no proof":          {func(b body) any { return without(b, "proof") }, "signature_invalid", "Proof"},
		"proof of another":  {func(b body) any { return with(b, "proof", proofOf(other, b["registration_token"].(string))) }, "signature_invalid", ""},
		"proof of the past": {func(b body) any { return with(b, "proof", proofOf(key, "another token")) }, "signature_invalid", ""},
		"proof is no JWS":   {func(b body) any { return with(b, "proof", "e30.e30") }, "signature_invalid", ""},
		"proof without alg": {func(b body) any { return with(b, "proof", unsigned(b["registration_token"].(string))) }, "signature_invalid", ""},
		"empty body":        {func(body) any { return "" }, "invalid_request", "JSON object"},
		"a list":            {func(body) any { return "[]" }, "invalid_request", "JSON object"},
		"a word":            {func(body) any { return "token" }, "invalid_request", "JSON object"},
		"null":              {func(body) any { return "null" }, "invalid_request", "JSON object"},
		"cut off":           {func(b body) any { return string(toJSON(t, b))[:40] }, "invalid_request", "no JSON after byte"},
		"two objects":       {func(b body) any { return string(toJSON(t, b)) + "{}" }, "invalid_request", "follows after byte"},
		"token twice":       {func(b body) any { return `{"registration_token":"x",` + string(toJSON(t, b))[1:] }, "invalid_request", `"registration_token" stands twice`},
		"name twice":        {func(body) any { return `{"device":{"name":"a","name":"b"}}` }, "invalid_request", `device - must be a JSON object: the member "name"`},
		"broken UTF-8":      {func(b body) any { return string(toJSON(t, with(b, "device.name", "?")))[:10] + "\xff" }, "invalid_encoding", "UTF-8"},
		"half a surrogate":  {func(body) any { return `{"device":{"name":"\ud83d"}}` }, "invalid_encoding", "device.name"},
		"halves swapped":    {func(body) any { return `{"device":{"name":"\ude00\ud83d"}}` }, "invalid_encoding", "device.name"},
		"10 MB":             {func(body) any { return strings.Repeat(" ", 10<<20) }, "body_too_large", "1048576 bytes"},
		"nested a lot":      {func(body) any { return `{"device":` + strings.Repeat("[", 900_000) }, "invalid_request", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setUp(t)
			sound := registration(t, key, f.token())
			sound["device"] = body{"name": "Pixel"}
			f.changesNothing(func() {
				f.call(http.MethodPost, "/registrations", "", test.change(sound)).refused(test.code, test.says)
			})
			// The token is still good.
			f.call(http.MethodPost, "/registrations", "", sound).members()
		})
	}
}

// unsigned is a proof by nobody.
func unsigned(token string) string {
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"none","typ":"onetouch-registration+jws"}`)) + "." + encode([]byte(token)) + "."
}

func TestWholeSurrogatePairsAreText(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	body := string(toJSON(t, with(registration(t, newKey(t, evidence.ES256), f.token()), "device.name", "NAME")))
	written := strings.Replace(body, `"NAME"`, `"\ud83d\ude00 \\ud83d \u00e4\ufffd\/"`, 1)
	f.call(http.MethodPost, "/registrations", "", written).members()
	if got, want := f.state().Devices[0].Name, `😀 \ud83d ä`+"\ufffd/"; got != want {
		t.Errorf("the device is called %q, want %q", got, want)
	}
}

func TestRegistrationTokenIsUsedOnce(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	token := f.token()
	f.call(http.MethodPost, "/registrations", "", registration(t, newKey(t, evidence.ES256), token)).members()
	f.clock.Advance(time.Hour) // used is said before expired
	f.changesNothing(func() {
		again := registration(t, newKey(t, evidence.ES256), token)
		f.call(http.MethodPost, "/registrations", "", again).refused("registration_used", "new one")
	})
}

func TestRegistrationTokenExpires(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	key := newKey(t, evidence.ES256)
	early, late := f.token(), f.token()
	f.clock.Advance(onetouch.DefaultRegistrationLife - time.Second)
	f.call(http.MethodPost, "/registrations", "", registration(t, key, early)).members()
	f.clock.Advance(time.Second)
	f.changesNothing(func() {
		f.call(http.MethodPost, "/registrations", "", registration(t, key, late)).refused("registration_expired", "16:40:00")
	})
}

func TestRegistrationForARemovedUser(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	token := f.token()
	if err := f.service.RemoveUser(t.Context(), f.app.ID, f.user.AuthyID); err != nil {
		t.Fatal(err)
	}
	f.changesNothing(func() {
		f.call(http.MethodPost, "/registrations", "", registration(t, newKey(t, evidence.ES256), token)).refused("user_not_found")
	})
}

// Of devices that come with one token at the same time, one registers.
func TestRegistrationRace(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	for range 20 {
		token := f.token()
		before := len(f.state().Devices)
		release := make(chan struct{})
		var racing sync.WaitGroup
		answers := make([]answer, 4)
		for i := range answers {
			body := registration(t, newKey(t, evidence.ES256), token)
			racing.Go(func() {
				<-release
				answers[i] = f.call(http.MethodPost, "/registrations", "", body)
			})
		}
		close(release)
		racing.Wait()
		won := 0
		for _, a := range answers {
			if a.status == http.StatusOK {
				won++
			} else {
				a.refused("registration_used")
			}
		}
		if now := len(f.state().Devices); won != 1 || now != before+1 {
			t.Fatalf("%d of %d won, and %d devices were added", won, len(answers), now-before)
		}
	}
}

// The bound counts the body as sent, whether or not its length is said beforehand.
func TestBodyBound(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	body := string(toJSON(t, registration(t, newKey(t, evidence.ES256), f.token())))
	padded := body + strings.Repeat(" ", 1<<20-len(body))
	request := f.request(http.MethodPost, "/registrations", "", padded+" ")
	request.ContentLength = -1
	f.send(request).refused("body_too_large")
	f.call(http.MethodPost, "/registrations", "", padded).members()
	if deviceapi.Prefix != "/device/v1" {
		t.Error("the base path is part of the protocol")
	}
}
