package callback

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Received is a callback as somebody got it, in texts such as a log has them.
type Received struct {
	Method string
	// URL is what the receiver takes its own URL to be. The query of a GET may stand in it.
	URL string
	// Payload is the JSON body of a POST, or the query string of a GET.
	Payload          []byte
	Nonce, Signature string
	// APIKeys are the application's and, after it, others that it may have been signed by.
	APIKeys []string
	// Header may be nil. Those in which proxies tell of the URL before them are looked at; it is no harm that they can be
	// forged, for a guess from them counts only when the signature agrees.
	Header http.Header
}

// MistakeKind is the part of a callback that the two sides do not agree on.
type MistakeKind string

// The kinds of mistakes, in the order in which they are looked for.
const (
	MistakeKey        MistakeKind = "key"        // another API key
	MistakeScheme     MistakeKind = "scheme"     // http and https
	MistakeHost       MistakeKind = "host"       // or the port
	MistakePath       MistakeKind = "path"       //
	MistakeQuery      MistakeKind = "query"      // signed where it should not be, or the other way round
	MistakeMethod     MistakeKind = "method"     // POST and GET
	MistakeNonce      MistakeKind = "nonce"      // another text
	MistakeBody       MistakeKind = "body"       // the payload was changed on its way, or written anew
	MistakeOrder      MistakeKind = "order"      // the parameters are sorted by another rule
	MistakeEscaping   MistakeKind = "escaping"   // they are written by another rule
	MistakeEncoding   MistakeKind = "encoding"   // the right signature, in other letters
	MistakeIncomplete MistakeKind = "incomplete" // no signature of this kind at all
)

// Mistake is one thing that is different between the two sides.
type Mistake struct {
	Kind MistakeKind
	Text string // what it is, in a sentence for the developer; it names no key
}

// Explanation says whether a signature is right and, if not, why. It holds no API key, and no signature.
type Explanation struct {
	Valid bool
	// Mistakes are those that, taken together, make the signature right. There are none when it is right, and when nothing
	// that is known to go wrong explains it.
	Mistakes []Mistake
	// Expected is the string to sign of this callback, by the rules; empty when the payload cannot be read by them.
	Expected string
	// Other is to be compared with Expected: the string that was signed or, when that is not known, what the callback's own
	// texts make without being brought into their standard form.
	Other string
	// OtherSigned says that Other is the string that was signed.
	OtherSigned bool
}

// Difference is the byte at which Expected and Other first differ; below 0 when they do not.
func (e Explanation) Difference() int {
	for i := range min(len(e.Expected), len(e.Other)) {
		if e.Expected[i] != e.Other[i] {
			return i
		}
	}
	if len(e.Expected) == len(e.Other) {
		return -1
	}
	return min(len(e.Expected), len(e.Other))
}

// Explain finds out why a callback's signature is not accepted: it tries what is known to go wrong between a service and its
// receivers, alone and up to three at once, until the signature is right.
//
// It only looks at the signature: whether the nonce is fresh, and the payload that of a callback, a [Verifier] tells.
// An error is [ErrMalformed] or [ErrTooLarge]: nothing can be said about a callback that cannot be read; or that there is no
// key.
func Explain(r Received) (Explanation, error) {
	guesses, err := newGuesser(r)
	if err != nil {
		return Explanation{}, err
	}
	e := Explanation{Other: asGiven(r)}
	if guesses.readable {
		e.Expected = string(guesses.base.text())
	}
	wanted, spelling, err := readSignature(r.Signature)
	if err != nil {
		if swapped, err := explainSwapped(r); err == nil && swapped.OtherSigned {
			return swapped, nil
		}
		e.Mistakes = []Mistake{{MistakeIncomplete, err.Error()}}
		return e, nil
	}
	for guess := range guesses.all() {
		mistakes, found := guess.explains(wanted, spelling)
		if !found {
			continue
		}
		e.Valid, e.Mistakes = len(mistakes) == 0, mistakes
		e.Other, e.OtherSigned = string(guess.text()), true
		return e, nil
	}
	if e.Expected == "" {
		return Explanation{}, guesses.unreadable
	}
	return e, nil
}

// explainSwapped takes nonce and signature for each other.
func explainSwapped(r Received) (Explanation, error) {
	if _, _, err := readSignature(r.Nonce); err != nil {
		return Explanation{}, err
	}
	r.Nonce, r.Signature = r.Signature, r.Nonce
	e, err := Explain(r)
	e.Valid, e.Mistakes = false, append([]Mistake{{MistakeNonce, "nonce and signature are swapped"}}, e.Mistakes...)
	return e, err
}

// query is that of a GET.
func (r Received) query() string {
	if len(r.Payload) > 0 {
		return strings.TrimPrefix(string(r.Payload), "?")
	}
	_, query, _ := strings.Cut(r.URL, "?")
	query, _, _ = strings.Cut(query, "#")
	return query
}

// asGiven is what somebody signs who leaves the texts as they are.
func asGiven(r Received) string {
	parameters := string(r.Payload)
	if r.Method == http.MethodGet {
		parameters = r.query()
	}
	return strings.Join([]string{r.Nonce, r.Method, r.URL, parameters}, "|")
}

// readSignature reads a signature in whatever letters it is written, and says in which, if not in the right ones.
func readSignature(text string) (mac []byte, spelling string, err error) {
	if text == "" {
		return nil, "", errors.New("there is no signature")
	}
	spelling = "the signature has blanks or quotes around it"
	plain := strings.Trim(text, " \t\r\n\"'")
	if plain == text {
		spelling = ""
	}
	for _, other := range []struct {
		spelling string
		read     func() ([]byte, error)
	}{
		{spelling, func() ([]byte, error) { return base64.StdEncoding.DecodeString(plain) }},
		{"the signature has lost the = at its end", func() ([]byte, error) { return base64.RawStdEncoding.DecodeString(plain) }},
		{"the signature is in the URL alphabet of base64 (- and _ for + and /)", func() ([]byte, error) {
			return base64.RawURLEncoding.DecodeString(strings.TrimRight(plain, "="))
		}},
		{"each + of the signature has become a blank", func() ([]byte, error) {
			return base64.StdEncoding.DecodeString(strings.ReplaceAll(plain, " ", "+"))
		}},
		{"the signature is percent-encoded", func() ([]byte, error) {
			unescaped, err := url.PathUnescape(plain)
			if err != nil {
				return nil, fmt.Errorf("not percent-encoded: %w", err)
			}
			return base64.StdEncoding.DecodeString(unescaped)
		}},
		{"the signature is in hexadecimal digits: it must be in base64", func() ([]byte, error) { return hex.DecodeString(plain) }},
	} {
		mac, err := other.read()
		if err != nil || len(mac) != sha256.Size {
			continue
		}
		if other.spelling == "" && base64.StdEncoding.EncodeToString(mac) != plain {
			other.spelling = "the last letter of the signature has bits that belong to no byte"
		}
		return mac, other.spelling, nil
	}
	return nil, "", fmt.Errorf("the signature is none: it must be %d bytes of HMAC-SHA256 in base64, which are 44 letters and "+
		"here are %d", sha256.Size, len(text))
}
