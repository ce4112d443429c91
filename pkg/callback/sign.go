package callback

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Headers of a callback.
const (
	SignatureHeader = "X-Authy-Signature"
	NonceHeader     = "X-Authy-Signature-Nonce" // epoch seconds, from the service
)

// Sign returns the signature of a callback whose payload is a JSON object; see the package comment for the rules. The
// nonce of a callback is the time in epoch seconds; any printable ASCII text without "|" can be signed.
//
// A payload that is no JSON object, has a name twice, or is too deep or too large is [ErrMalformed] or [ErrTooLarge].
func Sign(apiKey, nonce, method, url string, payload []byte) (signature string, err error) {
	p, err := flatten(payload)
	if err != nil {
		return "", err
	}
	signed, err := SigningURL(url)
	if err != nil {
		return "", err
	}
	return signParameters(apiKey, nonce, method, signed, p)
}

// SignQuery is [Sign] for the parameters of a query string or a form, without its question mark.
func SignQuery(apiKey, nonce, method, url, query string) (signature string, err error) {
	p, err := readQuery(query)
	if err != nil {
		return "", err
	}
	signed, err := SigningURL(url)
	if err != nil {
		return "", err
	}
	return signParameters(apiKey, nonce, method, signed, p)
}

// StringToSign is what [Sign] signs. Comparing it with what a receiver made of the same callback shows why the two do not
// agree.
func StringToSign(nonce, method, url string, payload []byte) (string, error) {
	p, err := flatten(payload)
	if err != nil {
		return "", err
	}
	signed, err := SigningURL(url)
	if err != nil {
		return "", err
	}
	text, err := joinToSign(nonce, method, signed, p)
	return string(text), err
}

// QueryStringToSign is what [SignQuery] signs.
func QueryStringToSign(nonce, method, url, query string) (string, error) {
	p, err := readQuery(query)
	if err != nil {
		return "", err
	}
	signed, err := SigningURL(url)
	if err != nil {
		return "", err
	}
	text, err := joinToSign(nonce, method, signed, p)
	return string(text), err
}

// Query is the query string of a GET callback with the given payload: its values in their order, the items of a list as
// a[0], a[1], …; null is empty, objects and lists without members are not there.
func Query(payload []byte) (string, error) {
	p, err := flatten(payload)
	if err != nil {
		return "", err
	}
	return p.query(), nil
}

// NewRequest returns a callback as the service sends it, signed and ready for an [http.Client]: a POST with the payload as
// its body, or a GET with the payload in its query, after the query that the URL has already. The service's nonce is the
// time in epoch seconds.
func NewRequest(ctx context.Context, apiKey, nonce, method, url string, payload []byte) (*http.Request, error) {
	switch method {
	case http.MethodPost:
		return newPost(ctx, apiKey, nonce, url, payload)
	case http.MethodGet:
		return newGet(ctx, apiKey, nonce, url, payload)
	default:
		return nil, fmt.Errorf("method is %q: must be POST or GET", method)
	}
}

func newPost(ctx context.Context, apiKey, nonce, url string, payload []byte) (*http.Request, error) {
	u, err := parseURL(url)
	if err != nil {
		return nil, err
	}
	p, err := flatten(payload)
	if err != nil {
		return nil, err
	}
	signature, err := signParameters(apiKey, nonce, http.MethodPost, signingURL(u), p)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader(payload))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	setSignature(r, nonce, signature)
	return r, nil
}

func newGet(ctx context.Context, apiKey, nonce, url string, payload []byte) (*http.Request, error) {
	u, err := parseURL(url)
	if err != nil {
		return nil, err
	}
	query, err := Query(payload)
	if err != nil {
		return nil, err
	}
	// The receiver cannot tell the URL's own parameters from the payload's, so they are signed too.
	if u.RawQuery != "" && query != "" {
		query = "&" + query
	}
	u.RawQuery += query
	p, err := readQuery(u.RawQuery)
	if err != nil {
		return nil, err
	}
	signature, err := signParameters(apiKey, nonce, http.MethodGet, signingURL(u), p)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		return nil, err
	}
	setSignature(r, nonce, signature)
	return r, nil
}

func setSignature(r *http.Request, nonce, signature string) {
	r.Header.Set(NonceHeader, nonce)
	r.Header.Set(SignatureHeader, signature)
}

func signParameters(apiKey, nonce, method, signingURL string, p *parameters) (string, error) {
	text, err := joinToSign(nonce, method, signingURL, p)
	if err != nil {
		return "", err
	}
	return sign(apiKey, text)
}

// joinToSign puts together what is signed. None of the first three parts contains "|", so that no part can be read as
// belonging to its neighbour.
func joinToSign(nonce, method, signingURL string, p *parameters) ([]byte, error) {
	if err := checkNonce(nonce); err != nil {
		return nil, err
	}
	size := len(nonce) + len(method) + len(signingURL) + 3
	for _, pair := range p.pairs {
		size += len(pair.text) + 1
	}
	text := make([]byte, 0, size)
	for _, part := range []string{nonce, strings.ToUpper(method), signingURL} {
		text = append(append(text, part...), '|')
	}
	return p.appendCanonical(text)
}

func sign(apiKey string, text []byte) (string, error) {
	if apiKey == "" {
		return "", errors.New("the API key is empty")
	}
	mac := hmac.New(sha256.New, []byte(apiKey))
	mac.Write(text)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil)), nil
}
