package callback

import (
	"bytes"
	"crypto/hmac"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strings"
	"time"
)

// Defaults of a [Verifier].
const (
	DefaultMaxAge  = 5 * time.Minute
	DefaultMaxBody = 1 << 20 // bytes
	DefaultMaxWait = 5 * time.Second
)

// Verifier tells callbacks of the service from forged and replayed ones. Only APIKey must be set. It is safe for concurrent
// use as long as its fields are not changed, and must not be copied after its first use.
type Verifier struct {
	// APIKey is the application's.
	APIKey string
	// URL is where the service was told to send callbacks. Empty takes it from the request: the scheme from whether the
	// connection is TLS, host and path from what the client asked for. Behind a proxy that ends TLS or rewrites host or
	// path that is not what was signed, and headers that would tell (X-Forwarded-Proto) can be forged: set URL there. It
	// is the safer choice elsewhere too: a callback that was signed for another host is then refused whatever host its
	// request claims to be for.
	URL string
	// Method is the one that the service was told to use, POST or GET. Empty takes both.
	Method string
	// MaxAge is how far the nonce, an epoch second, may be from now, before or after. 0 is [DefaultMaxAge]; below 0 the
	// nonce may be any text, and a callback that was overheard can be replayed an hour later.
	MaxAge time.Duration
	// MaxRemembered is how many accepted callbacks the verifier remembers, each as long as its nonce is fresh, to refuse
	// them when they are replayed. 0 is [DefaultMaxRemembered]; below 0 it remembers none, and a callback that was overheard
	// can be replayed for MaxAge. When that many are fresh at once, further ones fail until the oldest is not.
	MaxRemembered int
	// Memory remembers them instead, for several processes. nil is this verifier's own, which other processes and the time
	// after a restart know nothing of.
	Memory Memory
	// MaxWait is how long the copy of a callback that is still being handled is kept waiting for its end; see
	// [Verifier.Middleware]. 0 is [DefaultMaxWait]; below 0 it does not wait.
	MaxWait time.Duration
	// MaxBody is the longest body (query, for a GET) that is read, in bytes. 0 is [DefaultMaxBody].
	MaxBody int64
	// Now is the clock. nil is [time.Now].
	Now func() time.Time
	// Logger is told why a callback was refused, and what a [Handler] failed with. nil is [slog.Default].
	Logger *slog.Logger

	own ownMemory
}

// Verify returns the callback that a request carries, if the owner of the API key signed it. It takes a POST with a JSON
// body and a GET, reads the body once and puts it back for the next reader. What it has accepted it accepts never again,
// unless [Verifier.Forget] lets it.
//
// Errors are [ErrMalformed], [ErrTooLarge], [ErrSignature], [ErrStale] or [ErrReplayed]; any other means that the verifier
// itself cannot work: it is set up wrongly, or its memory fails. Their texts are for the developer: they must not be sent to
// the client.
func (v *Verifier) Verify(r *http.Request) (*Callback, error) {
	c, err := v.verify(r)
	if err != nil {
		return nil, err
	}
	known, err := v.begin(r.Context(), c)
	switch {
	case err != nil:
		return nil, err
	case known != Unknown:
		return nil, fmt.Errorf("%w: one with nonce %s and this signature was accepted before", ErrReplayed, c.Nonce)
	default:
		return c, nil
	}
}

// verify does all of Verify but looking whether the callback has come before.
func (v *Verifier) verify(r *http.Request) (*Callback, error) {
	if v.APIKey == "" {
		return nil, errors.New("the verifier has no API key")
	}
	signature, nonce, err := signatureOf(r)
	if err != nil {
		return nil, err
	}
	signedURL, err := v.signedURL(r)
	if err != nil {
		return nil, err
	}
	raw, p, err := v.read(r)
	if err != nil {
		return nil, err
	}
	expected, err := signParameters(v.APIKey, nonce, r.Method, signedURL, p)
	if err != nil {
		return nil, err
	}
	// Both are base64 texts, and base64 can write one signature in several ways: the one way is part of it.
	if !hmac.Equal([]byte(signature), []byte(expected)) {
		return nil, fmt.Errorf("%w: not made by this API key for %s %s, or the callback was changed since",
			ErrSignature, r.Method, signedURL)
	}
	if err := v.checkAge(nonce); err != nil {
		return nil, err
	}
	c, err := newCallback(p)
	if err != nil {
		return nil, err
	}
	c.Nonce, c.Raw, c.signedBy = nonce, raw, signature
	return c, nil
}

// signatureOf reads the two headers. One that comes twice could be read differently elsewhere.
func signatureOf(r *http.Request) (signature, nonce string, err error) {
	if signature, err = onlyHeader(r, SignatureHeader); err != nil {
		return "", "", err
	}
	nonce, err = onlyHeader(r, NonceHeader)
	return signature, nonce, err
}

func onlyHeader(r *http.Request, name string) (string, error) {
	switch values := r.Header.Values(name); {
	case len(values) == 0 || len(values) == 1 && values[0] == "":
		return "", fmt.Errorf("%w: header %s is missing or empty", ErrSignature, name)
	case len(values) > 1:
		return "", fmt.Errorf("%w: header %s comes %d times", ErrSignature, name, len(values))
	default:
		return values[0], nil
	}
}

func (v *Verifier) signedURL(r *http.Request) (string, error) {
	if v.URL == "" {
		return requestURL(r)
	}
	u, err := parseURL(v.URL)
	if err != nil {
		return "", errors.New("the verifier's URL must be an absolute http or https URL with a host in ASCII")
	}
	return signingURL(u), nil
}

// read returns the payload, and puts the body back.
func (v *Verifier) read(r *http.Request) ([]byte, *parameters, error) {
	if v.Method != "" && r.Method != v.Method {
		return nil, nil, fmt.Errorf("%w: method is %q: must be %s", ErrMalformed, r.Method, v.Method)
	}
	switch r.Method {
	case http.MethodPost:
		body, err := v.body(r)
		if err != nil {
			return nil, nil, err
		}
		p, err := flatten(body)
		return body, p, err
	case http.MethodGet:
		query := r.URL.RawQuery
		if int64(len(query)) > v.maxBody() {
			return nil, nil, fmt.Errorf("%w: the query has more than %d bytes", ErrTooLarge, v.maxBody())
		}
		p, err := readQuery(query)
		return []byte(query), p, err
	default:
		return nil, nil, fmt.Errorf("%w: method is %q: must be POST or GET", ErrMalformed, r.Method)
	}
}

func (v *Verifier) body(r *http.Request) ([]byte, error) {
	if err := checkContentType(r); err != nil {
		return nil, err
	}
	most := v.maxBody()
	tooLarge := fmt.Errorf("%w: the body has more than %d bytes", ErrTooLarge, most)
	if r.ContentLength > most {
		return nil, tooLarge
	}
	if r.Body == nil {
		return nil, fmt.Errorf("%w: there is no body", ErrMalformed)
	}
	var read bytes.Buffer
	const usual = 8 << 10 // bytes; more is set aside only as it arrives
	if r.ContentLength > 0 {
		read.Grow(int(min(r.ContentLength, usual)) + bytes.MinRead)
	}
	_, err := read.ReadFrom(io.LimitReader(r.Body, most+1))
	body := read.Bytes()
	if limit := (*http.MaxBytesError)(nil); errors.As(err, &limit) || int64(len(body)) > most {
		return nil, tooLarge
	}
	if err != nil {
		return nil, fmt.Errorf("%w: the body could not be read: %w", ErrMalformed, err)
	}
	r.Body = restored{Reader: bytes.NewReader(body), Closer: r.Body}
	return body, nil
}

// restored is a body that was read, to be read again.
type restored struct {
	io.Reader
	io.Closer
}

// checkContentType refuses a body that another reader would take for something else, such as a form.
func checkContentType(r *http.Request) error {
	given := r.Header.Get("Content-Type")
	if given == "" {
		return nil
	}
	name, _, err := mime.ParseMediaType(given)
	if err != nil || name != "application/json" && !strings.HasSuffix(name, "+json") {
		return fmt.Errorf("%w: Content-Type is %q: must be application/json", ErrMalformed, given)
	}
	return nil
}

func (v *Verifier) maxBody() int64 {
	if v.MaxBody == 0 {
		return DefaultMaxBody
	}
	return v.MaxBody
}

// checkAge refuses a nonce that is not of now.
func (v *Verifier) checkAge(nonce string) error {
	if v.MaxAge < 0 {
		return nil
	}
	signedAt, ok := nonceTime(nonce)
	if !ok {
		return fmt.Errorf("%w: the nonce %q is no time in epoch seconds; a negative MaxAge accepts it", ErrStale, nonce)
	}
	if age := v.now().Sub(signedAt); age.Abs() > v.maxAge() {
		return fmt.Errorf("%w: signed at %s, which is %s from now: at most %s is allowed", ErrStale,
			signedAt.UTC().Format(time.RFC3339), age.Abs().Round(time.Second), v.maxAge())
	}
	return nil
}

// maxAge is how old a callback may be, where its age counts.
func (v *Verifier) maxAge() time.Duration {
	if v.MaxAge == 0 {
		return DefaultMaxAge
	}
	return v.MaxAge
}

func (v *Verifier) now() time.Time {
	if v.Now == nil {
		return time.Now()
	}
	return v.Now()
}
