package evidence

import (
	"crypto/subtle"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// proofType is the `typ` header of a proof of possession.
const proofType jose.ContentType = "onetouch-registration+jws"

// SignProof proves at registration that the device holds the private key: a compact JWS over the bytes of the
// registration token, with the headers alg, kid and typ.
func SignProof(key *PrivateKey, registrationToken string) (string, error) {
	jws, err := sign(key.proofs, []byte(registrationToken))
	if err != nil {
		return "", fmt.Errorf("sign registration token: %w", err)
	}
	return jws, nil
}

// VerifyProof checks that the key's owner signed this registration token. A text that cannot be read is [ErrMalformed],
// everything else [ErrSignature], as in [Signed.Verify]. A proof need not name its key, which comes along with it.
func VerifyProof(jws string, key *PublicKey, registrationToken string) error {
	parsed, err := parseCompact(jws)
	if err != nil {
		return err
	}
	if parsed.Signatures[0].Protected.KeyID != "" {
		if err := checkKeyID(parsed, key); err != nil {
			return err
		}
	}
	if err := verify(parsed, key, proofType); err != nil {
		return err
	}
	payload := parsed.UnsafePayloadWithoutVerification()
	if subtle.ConstantTimeCompare(payload, []byte(registrationToken)) != 1 {
		return fmt.Errorf("%w: proof is over another registration token", ErrSignature)
	}
	return nil
}
