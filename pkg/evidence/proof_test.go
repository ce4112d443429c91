package evidence_test

import (
	"errors"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/onetouchkit/onetouch/pkg/evidence"
)

func TestProofBelongsToItsKeyAndToken(t *testing.T) {
	t.Parallel()
	for _, alg := range algorithms() {
		key := newKey(t, alg)
		proof, err := evidence.SignProof(key, "registration token")
		if err != nil {
			t.Fatal(err)
		}
		if err := evidence.VerifyProof(proof, key.Public(), "registration token"); err != nil {
			t.Errorf("%s: %v", alg, err)
		}
		if err := evidence.VerifyProof(proof, newKey(t, alg).Public(), "registration token"); !errors.Is(err, evidence.ErrSignature) {
			t.Errorf("%s with another key: got %v, want ErrSignature", alg, err)
		}
		for _, token := range []string{"", "another token", "registration token "} {
			if err := evidence.VerifyProof(proof, key.Public(), token); !errors.Is(err, evidence.ErrSignature) {
				t.Errorf("%s over %q: got %v, want ErrSignature", alg, token, err)
			}
		}
	}
}

func TestProofAndAnswerDoNotPassForEachOther(t *testing.T) {
	t.Parallel()
	key := newKey(t, evidence.ES256)
	answer, err := evidence.Sign(key, statement())
	if err != nil {
		t.Fatal(err)
	}
	payload := string(parsePayload(t, answer))
	if err := evidence.VerifyProof(answer, key.Public(), payload); !errors.Is(err, evidence.ErrSignature) {
		t.Errorf("an answer as a proof: got %v, want ErrSignature", err)
	}
	// The registration token is chosen by the service: it must not be able to choose one that reads as an answer.
	proof, err := evidence.SignProof(key, payload)
	if err != nil {
		t.Fatal(err)
	}
	if err := parse(t, proof).Verify(key.Public()); !errors.Is(err, evidence.ErrSignature) {
		t.Errorf("a proof as an answer: got %v, want ErrSignature", err)
	}
}

func TestProofMayLeaveOutItsKeyIDButNotNameAnother(t *testing.T) {
	t.Parallel()
	key := newKey(t, evidence.ES256)
	for kid, want := range map[string]error{"": nil, key.Public().ID(): nil, "another": evidence.ErrSignature} {
		headers := map[jose.HeaderKey]any{"typ": "onetouch-registration+jws"}
		if kid != "" {
			headers["kid"] = kid
		}
		err := evidence.VerifyProof(joseSign(t, jose.ES256, key, headers), key.Public(), string(statementJSON(t)))
		if !errors.Is(err, want) {
			t.Errorf("kid %q: got %v, want %v", kid, err, want)
		}
	}
}

func TestEveryChangedByteOfAProofIsRefused(t *testing.T) {
	t.Parallel()
	key := newKey(t, evidence.ES256)
	proof, err := evidence.SignProof(key, "registration token")
	if err != nil {
		t.Fatal(err)
	}
	for at := range proof {
		for _, other := range changesOf(proof, at) {
			changed := proof[:at] + string(other) + proof[at+1:]
			if err := evidence.VerifyProof(changed, key.Public(), "registration token"); !refused(err) {
				t.Fatalf("byte %d changed from %q to %q: got %v", at, proof[at], other, err)
			}
		}
	}
}
