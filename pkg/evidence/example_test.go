package evidence_test

import (
	"errors"
	"fmt"

	"github.com/onetouchkit/onetouch/pkg/details"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// What the device does, and what anybody can check years later without asking the service.
func Example() {
	key, err := evidence.GenerateKey(evidence.ES256) // on the device, once
	if err != nil {
		fmt.Println(err)
		return
	}
	shown := evidence.Shown{AppName: "Acme Bank", Message: "Send $12,400 to ACME?",
		Details: details.List{{Name: "Amount", Value: "$12,400"}, {Name: "To", Value: "ACME"}}}
	digest, err := shown.Digest()
	if err != nil {
		fmt.Println(err)
		return
	}
	jws, err := evidence.Sign(key, evidence.Statement{
		UUID: "9d7b2e1a-4c7b-4f0e-8a53-0c8f2b1d6e77", Status: evidence.Approved, Challenge: "c29tZSBjaGFsbGVuZ2U",
		DeviceID: 2102943, IssuedAt: 1512923419, DetailsSHA256: digest,
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	signed, err := evidence.Parse(jws) // anywhere, later
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("signature holds:", signed.Verify(key.Public()) == nil)
	fmt.Println("status:", signed.Statement.Status)
	fmt.Println("signed what was shown:", signed.Statement.DetailsSHA256 == digest)

	shown.Details.Set("Amount", "$1,240,000")
	forged, err := shown.Digest()
	fmt.Println("signed something else:", err == nil && signed.Statement.DetailsSHA256 == forged)
	// Output:
	// signature holds: true
	// status: approved
	// signed what was shown: true
	// signed something else: false
}

func ExampleVerifyProof() {
	key, err := evidence.GenerateKey(evidence.ES256)
	if err != nil {
		fmt.Println(err)
		return
	}
	proof, err := evidence.SignProof(key, "the registration token")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(evidence.VerifyProof(proof, key.Public(), "the registration token"))
	err = evidence.VerifyProof(proof, key.Public(), "a token of somebody else")
	fmt.Println(errors.Is(err, evidence.ErrSignature))
	// Output:
	// <nil>
	// true
}
