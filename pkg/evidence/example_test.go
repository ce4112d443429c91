package evidence_test

import (
	"errors"
	"fmt"
	"time"

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

// A record is all that a court needs, or whoever wants to know. What was changed is named.
func ExampleRecord() {
	key, err := evidence.GenerateKey(evidence.ES256)
	if err != nil {
		fmt.Println(err)
		return
	}
	record, err := exampleRecord(key)
	if err != nil {
		fmt.Println(err)
		return
	}
	file, err := record.Encode() // keep it
	if err != nil {
		fmt.Println(err)
		return
	}

	read, err := evidence.ParseRecord(file) // anywhere, later
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("holds:", read.Verify() == nil)
	fmt.Println("is by the key that the device registered with:", read.KeyID == key.Public().ID())

	read.Shown.Details.Set("Amount", "$1")
	fmt.Println(read.Verify())
	// Output:
	// holds: true
	// is by the key that the device registered with: true
	// evidence does not hold: shown.details.Amount is not what was signed
}

// exampleRecord is what a service does when it has taken an answer.
func exampleRecord(key *evidence.PrivateKey) (*evidence.Record, error) {
	shown := evidence.Shown{AppName: "Acme Bank", Message: "Send money?", Details: details.List{{Name: "Amount", Value: "$12,400"}}}
	digest, err := shown.Digest()
	if err != nil {
		return nil, err
	}
	jws, err := evidence.Sign(key, evidence.Statement{
		UUID: "9d7b2e1a-4c7b-4f0e-8a53-0c8f2b1d6e77", Status: evidence.Approved, Challenge: "c29tZSBjaGFsbGVuZ2U",
		DeviceID: 2102943, IssuedAt: 1512923419, DetailsSHA256: digest,
	})
	if err != nil {
		return nil, err
	}
	jwk, err := key.Public().MarshalJSON()
	if err != nil {
		return nil, err
	}
	record := &evidence.Record{
		UUID: "9d7b2e1a-4c7b-4f0e-8a53-0c8f2b1d6e77", Status: evidence.Approved, AnsweredAt: time.Unix(1512923420, 0).UTC(),
		Shown: shown, Device: evidence.RecordDevice{ID: 2102943, Name: "Ada's Pixel", Platform: "android"},
		PublicKey: jwk, KeyID: key.Public().ID(), JWS: jws,
	}
	err = record.Seal()
	return record, err
}
