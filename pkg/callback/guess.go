package callback

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// draft is what a string to sign is made of, with the key to sign it by.
type draft struct {
	key, nonce, method, scheme, host, path, tail, parameters string
}

// choice is one way in which a part of a draft can be different. The one that changes nothing has no mistake.
type choice struct {
	mistake Mistake
	change  func(*draft)
}

// guesser makes all drafts: a choice of every part.
type guesser struct {
	base       draft
	parts      [][]choice // without those that change nothing
	readable   bool       // whether the base has parameters
	unreadable error      // why not
}

// Bounds of the search. What goes wrong together is seldom more than a proxy's scheme and host and one thing besides.
const (
	mostMistakes = 3
	mostHashed   = 64 << 20 // bytes, some tenths of a second
)

// Guess is a way in which a callback may have been signed.
type Guess struct {
	Mistakes  []Mistake // that it makes; none for the right way
	Signature string
	URL       string // that was signed
}

// Guesses are the ways in which a callback may have been signed, the right one first and the likely ones before the others.
// Who looks for a fault in a receiver, rather than in a sender, sends them until one is accepted. The signature of the
// callback itself is not looked at. Errors are those of [Explain].
func Guesses(r Received) (iter.Seq[Guess], error) {
	guesses, err := newGuesser(r)
	if err != nil {
		return nil, err
	}
	return func(yield func(Guess) bool) {
		for guess := range guesses.all() {
			signature := base64.StdEncoding.EncodeToString(guess.mac())
			if !yield(Guess{Mistakes: guess.mistakes, Signature: signature, URL: guess.url()}) {
				return
			}
		}
	}, nil
}

func newGuesser(r Received) (*guesser, error) {
	if len(r.APIKeys) == 0 || r.APIKeys[0] == "" {
		return nil, errors.New("the API key is empty")
	}
	if r.Method != http.MethodPost && r.Method != http.MethodGet {
		return nil, malformed("method is %q: must be POST or GET", r.Method)
	}
	if err := checkNonce(strings.Trim(r.Nonce, " \t\r\n\"'")); err != nil {
		return nil, err
	}
	u, err := parseURL(r.URL)
	if err != nil {
		return nil, err
	}
	g := &guesser{base: draft{
		key: r.APIKeys[0], nonce: r.Nonce, method: r.Method, scheme: u.Scheme, host: u.Host, path: u.EscapedPath(),
	}}
	parameters, others, err := parameterChoices(r)
	g.base.parameters, g.readable, g.unreadable = parameters, err == nil, err
	given, err := url.Parse(r.URL)
	if err != nil {
		return nil, malformed("the URL cannot be read")
	}
	g.parts = [][]choice{
		keyChoices(r), schemeChoices(u.Scheme), hostChoices(r, given, u), pathChoices(r, u), tailChoices(r, given),
		methodChoices(r.Method), nonceChoices(r.Nonce), others,
	}
	return g, nil
}

// guess is a draft with the mistakes that it makes.
type guess struct {
	draft
	mistakes []Mistake
}

// all yields every guess, those with fewer mistakes first.
func (g *guesser) all() iter.Seq[guess] {
	return func(yield func(guess) bool) {
		hashed := 0
		each := func(one guess) bool {
			hashed += len(one.parameters)
			return hashed <= mostHashed && yield(one)
		}
		for n := range mostMistakes + 1 {
			if !g.with(n, g.parts, guess{draft: g.base}, g.readable, each) {
				return
			}
		}
	}
}

// with yields the guesses that make n more mistakes in the given parts. The last part is the parameters.
func (g *guesser) with(n int, parts [][]choice, so guess, readable bool, yield func(guess) bool) bool {
	if n == 0 {
		return !readable || yield(so)
	}
	for i, part := range parts {
		last := i == len(parts)-1
		for _, c := range part {
			next := guess{draft: so.draft, mistakes: append(slices.Clone(so.mistakes), c.mistake)}
			c.change(&next.draft)
			if next.draft == so.draft {
				continue
			}
			if !g.with(n-1, parts[i+1:], next, readable || last, yield) {
				return false
			}
		}
	}
	return true
}

func (d draft) url() string { return d.scheme + "://" + d.host + d.path + d.tail }

func (d draft) text() []byte {
	return []byte(strings.Join([]string{d.nonce, d.method, d.url(), d.parameters}, "|"))
}

func (d draft) mac() []byte {
	mac := hmac.New(sha256.New, []byte(d.key))
	mac.Write(d.text())
	return mac.Sum(nil)
}

// explains reports whether a guess makes the signature right, and by which mistakes.
func (g guess) explains(wanted []byte, spelling string) ([]Mistake, bool) {
	if !hmac.Equal(g.mac(), wanted) {
		return nil, false
	}
	if spelling != "" {
		return append(g.mistakes, Mistake{MistakeEncoding, spelling}), true
	}
	return g.mistakes, true
}

func keyChoices(r Received) []choice {
	change := func(text, key string) choice {
		return choice{Mistake{MistakeKey, text}, func(d *draft) { d.key = key }}
	}
	var choices []choice
	for i, key := range r.APIKeys[1:] {
		choices = append(choices, change("signed by another key: number "+strconv.Itoa(i+2)+" of those given", key))
	}
	return append(choices,
		change("signed by the key without the blanks, quotes or line end around it", strings.Trim(r.APIKeys[0], " \t\r\n\"'")),
		change("signed by the key with a line end after it", r.APIKeys[0]+"\n"),
		change("signed by an empty key: a variable that is not set?", ""))
}

func schemeChoices(scheme string) []choice {
	other := map[string]string{"http": "https", "https": "http"}[scheme]
	text := "signed for " + other + ", but checked for " + scheme
	if other == "https" {
		text += ": does a proxy end TLS before the receiver?"
	}
	return []choice{{Mistake{MistakeScheme, text}, func(d *draft) { d.scheme = other }}}
}

func methodChoices(method string) []choice {
	other := map[string]string{http.MethodPost: http.MethodGet, http.MethodGet: http.MethodPost}[method]
	return []choice{
		{Mistake{MistakeMethod, "signed for " + other + ", but checked for " + method}, func(d *draft) { d.method = other }},
		{Mistake{MistakeMethod, "signed for the method in small letters"}, func(d *draft) { d.method = strings.ToLower(method) }},
	}
}

func nonceChoices(nonce string) []choice {
	change := func(text, other string) choice {
		return choice{Mistake{MistakeNonce, text}, func(d *draft) { d.nonce = other }}
	}
	seconds, _, _ := strings.Cut(nonce, ".")
	return []choice{
		change("signed for the nonce without the blanks, quotes or line end around it", strings.Trim(nonce, " \t\r\n\"'")),
		change("signed for the nonce without its fraction", seconds),
		change("signed without the nonce", ""),
	}
}
