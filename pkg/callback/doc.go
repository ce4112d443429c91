// Package callback signs and verifies the callbacks that the Authy API sends to a backend when a user has approved or
// denied an approval request.
//
// A backend wraps its handler in a [Verifier]:
//
//	verifier := &callback.Verifier{APIKey: os.Getenv("AUTHY_API_KEY")}
//	http.Handle("/authy/callback", callback.Handler(verifier, func(ctx context.Context, c *callback.Callback) error {
//		return save(ctx, c.UUID, c.Approved())
//	}))
//
// [Verifier.Middleware] does the same for a handler of another shape, and [Verifier.Verify] for any other router. To test
// such a handler, [NewRequest] writes a request as the service sends it. When the two sides do not agree on a signature,
// [Explain] says why.
//
// # What a verifier refuses
//
// Without further settings a [Verifier] compares signatures in constant time, reads no more than 1 MiB of a body, takes a
// nonce of the last or next five minutes only, and accepts no signature twice: it remembers those of five minutes, up to
// 100,000. Behind a proxy it needs the public URL. Where several processes answer one URL each remembers what it has
// accepted itself; see [Memory] for one that they share.
//
// The very same request once more is a replay, or the service's own, when it was killed between an answer and the noting of
// it. [Handler] and [Verifier.Middleware] answer it with success, without handling it again. What the service tries again,
// because an answer was late or lost, has another nonce and another signature: no receiver is safe that does not also make
// a second callback for a UUID harmless.
//
// # Signature
//
// A callback carries the headers [NonceHeader] and [SignatureHeader]. The signature is HMAC-SHA256, keyed by the API key
// of the application and written in standard base64, of
//
//	nonce|METHOD|URL without its query|parameters
//
// The parameters are those of the JSON body or of the query. A tree is flattened to names such as a[b][c], with a[0] for
// the items of a list; null is empty, objects and lists without members vanish. Names and values are escaped like
// [url.QueryEscape] does; the strings name=value are sorted by byte; then each [0], [1], … in a name becomes [], and the
// strings are joined by &. No document says so: the rules are those that the signatures recorded by authy-java,
// authy-client and the vendor's sample backends follow, and that authy-python and authy-client check by.
//
// What the signature does not cover, whoever checks it: the difference between a number and a string of the same text,
// between null and "", and between an empty object and none; the digits of a name that consists of digits, such as
// that of the detail "1"; on a POST, the query. [Callback] shows nothing but what was signed.
//
// The URL is the one that the sender used, as [SigningURL] writes it.
package callback
