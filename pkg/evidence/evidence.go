// Package evidence is what a device signs when it answers an approval request, and how anybody checks it later with
// nothing but the device's public key and what the user was shown.
//
// An answer is a [Statement] in a compact JWS (RFC 7515). The statement carries the digest of what was [Shown], so what
// the user saw is what was signed: a service that shows one text and keeps another cannot present the answer as given to
// the text it kept. A device proves that it holds its private key by signing its registration token ([SignProof]).
//
// To check an answer: [Parse] it, compare its statement with what was asked (UUID, challenge, digest), and
// [Signed.Verify] it with the key under which the device registered. A [Record] is a file that holds all of it.
//
// A factor of Twilio's Verify API signs its answer to a challenge in that API's form, a [ChallengeAnswer] in a JWT. A [Record] is
// evidence of such an answer, too.
package evidence

import "errors"

// The reasons for which a signature is refused, for use with errors.Is.
var (
	// ErrKey means that a JWK is not one of the keys a device may have.
	ErrKey = errors.New("key is not usable")
	// ErrMalformed means that a text is not a compact JWS with the expected payload, so there is nothing to verify.
	ErrMalformed = errors.New("JWS is malformed")
	// ErrSignature means that a readable JWS was not made by the given key for the purpose at hand: another key, another
	// algorithm, another type, or changed bytes.
	ErrSignature = errors.New("signature is invalid")
)
