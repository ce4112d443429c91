package callback

import "errors"

// The reasons for which a callback is refused, for use with errors.Is. Errors of this package say more, in one line and
// without the API key or the right signature; they are for the log, not for whoever sent the request.
var (
	// ErrMalformed means that a request or a payload cannot be read as a callback.
	ErrMalformed = errors.New("callback is malformed")
	// ErrTooLarge means that a body is longer than the verifier reads.
	ErrTooLarge = errors.New("callback is too large")
	// ErrSignature means that the signature is missing, or is not that of this callback by this API key.
	ErrSignature = errors.New("signature is invalid")
	// ErrStale means that the signature is right but its nonce is not of now: the callback was held back or replayed, or
	// a clock is wrong.
	ErrStale = errors.New("callback is stale")
	// ErrReplayed means that the very same callback was accepted before: it is to be answered with success and not handled.
	// [Verifier.Middleware] does so. When the service tries again what was not accepted, it does so with another nonce, and
	// so with another signature.
	ErrReplayed = errors.New("callback is replayed")
)
