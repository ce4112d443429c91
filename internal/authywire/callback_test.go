package authywire_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/authywire"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/callback"
	"github.com/onetouchkit/onetouch/pkg/details"
)

const jws = "eyJhbGciOiJFUzI1NiJ9.e30.-_8"

func answeredRecord() onetouch.RequestRecord {
	at := time.Unix(1512923400, 0)
	return onetouch.RequestRecord{
		Application: onetouch.Application{ID: "582380eb7e1caa03317ec08c", CustomerUUID: 15083},
		Request: onetouch.ApprovalRequest{
			UUID: "996201c0-bffc-0135-d7be-1285ca17e122", AppID: "582380eb7e1caa03317ec08c", AuthyID: 688611,
			Status: onetouch.StatusApproved, CreatedAt: at, ExpiresAt: at.Add(24 * time.Hour),
			Question: onetouch.Question{
				Message:       "Send \"$12,400\" to Bogotá?",
				Details:       details.List{{Name: "To", Value: "ACME"}, {Name: "Amount", Value: "$12,400"}},
				HiddenDetails: details.List{{Name: "ip", Value: "10.0.0.1"}},
				Logos:         []onetouch.Logo{{Resolution: "default", URL: "https://example.com/a.png"}},
			},
			Answer: onetouch.Answer{DeviceID: 2102943, SignedAt: at.Add(19 * time.Second), JWS: jws},
		},
		Device: onetouch.Device{
			ID: 2102943, UUID: "5e2f0f1c-6f0d-4a35-9d1c-7d1f0f6b1f11", Platform: "android",
			RegisteredAt: time.Unix(1505418165, 0),
		},
	}
}

// Every member of the recorded body, in its order.
func TestCallback(t *testing.T) {
	t.Parallel()
	denied := answeredRecord()
	denied.Request.Status, denied.Request.Answer.Reason = onetouch.StatusDenied, "Not me"
	denied.Request.Details, denied.Request.HiddenDetails, denied.Request.Logos = details.List{}, nil, nil
	denied.Request.ExpiresAt = time.Time{}
	const (
		device = `"device":{"city":null,"country":null,"ip":null,"region":null,"registration_city":null,` +
			`"registration_country":null,"registration_ip":null,"registration_method":"push","registration_region":null,` +
			`"os_type":"android","last_account_recovery_at":null,"id":2102943,"registration_date":1505418165,` +
			`"last_sync_date":1505418165,"enabled_unlock_methods":["none"],"last_unlock_method_used":null,` +
			`"last_unlock_date":null,"multidevice_enabled":false,"multidevice_updated_at":null,"registration_device_id":null},` +
			`"multidevice_enabled":false,"multidevice_updated_at":null}`
		head = `{"authy_id":688611,"device_uuid":"5e2f0f1c-6f0d-4a35-9d1c-7d1f0f6b1f11",` +
			`"callback_action":"approval_request_status","uuid":"996201c0-bffc-0135-d7be-1285ca17e122",`
		message = `"message":"Send \"$12,400\" to Bogot\u00e1?",`
	)
	for _, test := range []struct {
		name   string
		record onetouch.RequestRecord
		want   string
	}{
		{"approved", answeredRecord(), head + `"status":"approved","approval_request":{"transaction":{` +
			`"details":{"To":"ACME","Amount":"$12,400"},"device_details":{},"device_geolocation":"",` +
			`"device_signing_time":1512923419,"encrypted":false,"flagged":false,"hidden_details":{"ip":"10.0.0.1"},` + message +
			`"reason":"","requester_details":null,"status":"approved","uuid":"996201c0-bffc-0135-d7be-1285ca17e122",` +
			`"created_at_time":1512923400,"customer_uuid":15083},"expiration_timestamp":1513009800,` +
			`"logos":[{"res":"default","url":"https://example.com/a.png"}],"app_id":"582380eb7e1caa03317ec08c"},` +
			`"signature":"+/8=",` + device},
		{"denied, with nothing that can be left out", denied, head + `"status":"denied","approval_request":{"transaction":{` +
			`"details":null,"device_details":{},"device_geolocation":"",` +
			`"device_signing_time":1512923419,"encrypted":false,"flagged":false,"hidden_details":null,` + message +
			`"reason":"Not me","requester_details":null,"status":"denied","uuid":"996201c0-bffc-0135-d7be-1285ca17e122",` +
			`"created_at_time":1512923400,"customer_uuid":15083},"expiration_timestamp":0,` +
			`"logos":null,"app_id":"582380eb7e1caa03317ec08c"},"signature":"+/8=",` + device},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := string(authywire.AppendJSON(nil, authywire.Callback(test.record))); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// The signature in the body is the device's own, over what the JWS says.
func TestCallbackSignature(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	const signed = "eyJhbGciOiJFUzI1NiJ9.e30"
	digest := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	raw := append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	record := answeredRecord()
	record.Request.Answer.JWS = signed + "." + base64.RawURLEncoding.EncodeToString(raw)

	body := string(authywire.AppendJSON(nil, authywire.Callback(record)))
	_, rest, _ := strings.Cut(body, `"signature":"`)
	text, _, _ := strings.Cut(rest, `"`)
	got, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(got) != 64 {
		t.Fatalf("signature is %q: %v", text, err)
	}
	if !ecdsa.Verify(&key.PublicKey, digest[:], new(big.Int).SetBytes(got[:32]), new(big.Int).SetBytes(got[32:])) {
		t.Error("the signature does not verify")
	}
}

// What is written can be signed, also with the most awkward texts the service takes, and says the same by GET.
func TestCallbackCanBeSigned(t *testing.T) {
	t.Parallel()
	record := answeredRecord()
	record.Request.Message = "\u2028 \x00 \\ \" 😀 é & = % + / ' [1]"
	record.Request.Details = details.List{{Name: "a[b]", Value: "1"}, {Name: "a", Value: "2"}, {Name: "][", Value: ""}}
	body := authywire.AppendJSON(nil, authywire.Callback(record))
	query, err := callback.Query(body)
	if err != nil {
		t.Fatal(err)
	}
	post, err := callback.Sign("key", "1", "GET", "http://localhost/", body)
	if err != nil {
		t.Fatal(err)
	}
	if get, err := callback.SignQuery("key", "1", "GET", "http://localhost/", query); err != nil || get != post {
		t.Errorf("got %s, %v, want %s", get, err, post)
	}
}
