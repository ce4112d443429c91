package delivery

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/onetouchkit/onetouch/pkg/callback"
)

// signDecoded replaces the signature of a callback by one over the parameters in the order of their bare names, as authy-java
// sorts them. query has them all: each escaped, the items of lists with their index. It is there for receivers that were
// written after that client; every other one wants the order of the escaped names.
func signDecoded(r *http.Request, apiKey, query string) error {
	signingURL, err := callback.SigningURL(r.URL.String())
	if err != nil {
		return err
	}
	type parameter struct{ name, escaped, value string }
	var parameters []parameter
	for part := range strings.SplitSeq(query, "&") {
		escaped, value, _ := strings.Cut(part, "=")
		name, err := url.QueryUnescape(escaped)
		if err != nil {
			return err
		}
		parameters = append(parameters, parameter{name, escaped, value})
	}
	slices.SortStableFunc(parameters, func(a, b parameter) int { return cmp.Compare(a.name, b.name) })
	index := regexp.MustCompile(`%5B\d+%5D`)
	texts := make([]string, len(parameters))
	for i, p := range parameters {
		texts[i] = index.ReplaceAllLiteralString(p.escaped, "%5B%5D") + "=" + p.value
	}
	mac := hmac.New(sha256.New, []byte(apiKey))
	mac.Write([]byte(strings.Join(
		[]string{r.Header.Get(callback.NonceHeader), r.Method, signingURL, strings.Join(texts, "&")}, "|")))
	r.Header.Set(callback.SignatureHeader, base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	return nil
}
