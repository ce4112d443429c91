package verify_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"github.com/onetouchkit/onetouch/pkg/details"
	"github.com/onetouchkit/onetouch/pkg/verify"
)

// A backend asks a user by the newest of their phones that is ready.
func ExampleClient_CreateChallenge() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if strings.HasSuffix(r.URL.Path, "/Factors") {
			_, _ = fmt.Fprint(w, `{"factors":[{"sid":"YF01","factor_type":"push","status":"verified"}],"meta":{}}`)
			return
		}
		_, _ = fmt.Fprint(w, `{"sid":"YC01","status":"pending"}`)
	}))
	defer server.Close()
	ctx := context.Background()
	client := verify.New("AC01", "the auth token", verify.WithBaseURL(server.URL))
	factors, err := client.Factors(ctx, "VA01", "ada-0001")
	if err != nil {
		fmt.Println(err)
		return
	}
	challenge, err := client.CreateChallenge(ctx, "VA01", "ada-0001", verify.NewChallenge{
		FactorSID: factors[0].SID, Message: "Log in?", Fields: details.List{{Name: "City", Value: "Bogotá"}},
	})
	fmt.Println(challenge.SID, challenge.Status, err)
	// Output: YC01 pending <nil>
}

// A backend makes sure that a webhook came from the service.
func ExampleVerifier_Verify() {
	const address = "https://backend.example/verify/webhook"
	body := url.Values{"type": {"challenge.approved"}, "challenge_sid": {"YC01"}}
	r := httptest.NewRequest(http.MethodPost, address, strings.NewReader(body.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set(verify.SignatureHeader, verify.Sign("the auth token", address, body))

	v := &verify.Verifier{AuthToken: "the auth token", URL: address}
	event, err := v.Verify(r)
	fmt.Println(event.Type, event.ChallengeSID, err)
	// Output: challenge.approved YC01 <nil>
}
