package authyapi

import (
	"crypto/hmac"
	"net/http"
	"strings"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/problem"
	"github.com/onetouchkit/onetouch/pkg/callback"
)

// productionURL is signed by clients that send to another host than they think.
const productionURL = "https://api.authy.com"

// checkSignature checks the signature of a call by the API signing key of its application: the same scheme as that of
// callbacks, over the parameters of query and body together. The client signs the URL that it uses, of which the server
// does not know the scheme when something in between ends TLS. Clients differ in when they sort lists. A nonce is opaque:
// times with a fraction, UUIDs and others are on record.
func (c *call) checkSignature(signingKey string) error {
	given, nonce := c.Header.Get(callback.SignatureHeader), c.Header.Get(callback.NonceHeader)
	if given == "" || nonce == "" {
		return problem.New(onetouch.CodeSignatureInvalid, "Signature is invalid: the headers "+callback.SignatureHeader+" and "+
			callback.NonceHeader+" are required")
	}
	var example string
	for _, form := range []string{c.parameters.Form(false), c.parameters.Form(true)} {
		for _, base := range c.bases() {
			url := base + c.URL.EscapedPath()
			wanted, err := callback.SignQuery(signingKey, nonce, c.Method, url, form)
			if err != nil {
				return problem.New(onetouch.CodeSignatureInvalid, "Signature is invalid: what was signed cannot be read")
			}
			if hmac.Equal([]byte(wanted), []byte(given)) {
				return nil
			}
			if example == "" {
				example, _ = callback.QueryStringToSign(nonce, c.Method, url, form)
			}
		}
	}
	return problem.New(onetouch.CodeSignatureInvalid,
		"Signature is invalid: it must be the base64 of the HMAC-SHA256, by the API signing key, of "+beginning(example))
}

// bases are what a client may have before the path.
func (c *call) bases() []string {
	host := strings.ToLower(c.Host)
	bases := []string{"http://" + host, "https://" + host, productionURL}
	if c.TLS != nil {
		bases[0], bases[1] = bases[1], bases[0]
	}
	return bases
}

// beginning is as much of a text as an error repeats.
func beginning(text string) string {
	const most = 1000
	if len(text) > most {
		return text[:most] + "..."
	}
	return text
}

// scheme is how the client came here, as far as the server can see.
func scheme(r *http.Request) string {
	if r.TLS != nil {
		return "https"
	}
	return "http"
}
