package device_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// factorCredentials are those of a factor that no server knows.
func factorCredentials(t testing.TB) device.Credentials {
	t.Helper()
	c := credentials(t)
	c.API, c.AccessToken, c.TOTP = device.Verify, "", device.TOTP{}
	c.Factor = device.Factor{
		SID: "YF9d7b2e1a4c7b4f0e8a530c8f2b1d6e77", AccountSID: "AC1", ServiceSID: "VA1", Identity: "user-of-acme-1",
		CredentialSID: "CR1",
	}
	return c
}

// Whatever a server answers, a factor does not panic, takes no other challenge for the one that it asked for, and signs nothing but
// what it shows.
func FuzzChallenge(f *testing.F) {
	const uuid, sound = "6b3c8011-8d6e-44ab-a07f-fd29121ed145", `{"sid":"YC6b3c80118d6e44aba07ffd29121ed145","status":"pending",` +
		`"details":{"message":"Pay?","fields":[{"label":"To","value":"ACME"}]},"date_created":"2026-11-25T12:00:00Z",` +
		`"expiration_date":null,"factor_sid":null}`
	for _, seed := range [][2]string{
		{sound, "sid,details"}, {sound, ""}, {sound, "sid,,details"}, {sound, "url"}, {strings.Replace(sound, "pending", "approved", 1), "sid"},
		{strings.Replace(sound, "YC6", "YC7", 1), "sid"}, {`{}`, ""}, {`null`, "sid"}, {`[]`, "sid"}, {`{"details":[]}`, "details"}, {"", ""},
		{strings.Replace(sound, "null", `"soon"`, 1), "sid"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, body, fields string) {
		posted := false
		d, err := device.Open(factorCredentials(t), serverURL, &http.Client{Transport: answering(func(r *http.Request) *http.Response {
			posted = posted || r.Method == http.MethodPost
			return &http.Response{
				StatusCode: http.StatusOK, Request: r, Body: io.NopCloser(strings.NewReader(body)),
				Header: http.Header{"Twilio-Verify-Signature-Fields": {fields}},
			}
		})})
		if err != nil {
			t.Fatal(err)
		}
		request, err := d.ApprovalRequest(t.Context(), uuid)
		if err != nil {
			if strings.Contains(err.Error(), "Go ") {
				t.Error(err)
			}
			return
		}
		if request.UUID != uuid {
			t.Errorf("%q is taken for %s", body, uuid)
		}
		decided := request.Status != approval.Pending
		_ = d.Approve(t.Context(), request) // whatever becomes of it
		if !decided && !posted {
			t.Errorf("%q with %q is not answered", body, fields)
		}
		posted = false
		request.Status, request.Message = approval.Pending, request.Message+"!"
		if err := d.Approve(t.Context(), request); err == nil || posted {
			t.Errorf("%q: what was not asked is signed: %v", body, err)
		}
	})
}
