package callback_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/pkg/callback"
)

// small is a payload with all that can be written in another way.
const small = `{"Zeta":"1","alpha":null,"a":{"Account":"x y","Account Number":"*~!'()/é"},"list":["p","q"],"n":1.0,` +
	`"big":12345678901234567890,"text":"one\ntwo"}`

const smallParameters = "Zeta=1&a%5BAccount%5D=x+y&a%5BAccount+Number%5D=%2A~%21%27%28%29%2F%C3%A9&alpha=&" +
	"big=12345678901234567890&list%5B%5D=p&list%5B%5D=q&n=1.0&text=one%0Atwo"

// signed is the signature of a text that somebody has put together.
func signed(key, text string) string {
	m := hmac.New(sha256.New, []byte(key))
	m.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(m.Sum(nil))
}

func received() callback.Received {
	return callback.Received{
		Method: "POST", URL: callbackURL, Payload: []byte(small), Nonce: "1512923419", APIKeys: []string{apiKey, "other key"},
	}
}

func kinds(e callback.Explanation) []callback.MistakeKind {
	var kinds []callback.MistakeKind
	for _, mistake := range e.Mistakes {
		kinds = append(kinds, mistake.Kind)
	}
	return kinds
}

func TestExplainOneMistake(t *testing.T) {
	t.Parallel()
	const head = "1512923419|POST|" + callbackURL + "|"
	replaced := func(pairs ...string) string { return head + strings.NewReplacer(pairs...).Replace(smallParameters) }
	for _, test := range []struct {
		name, text string
		change     func(*callback.Received)
		kind       callback.MistakeKind
		says       string
	}{
		{"https", "1512923419|POST|http://bank.example/authy/callback|" + smallParameters, nil, "scheme", "signed for http, but"},
		{"TLS ends at a proxy", head + smallParameters, func(r *callback.Received) {
			r.URL = "http://bank.example/authy/callback"
		}, "scheme", "does a proxy end TLS"},
		{"port", "1512923419|POST|https://bank.example/authy/callback|" + smallParameters, func(r *callback.Received) {
			r.URL = "https://bank.example:8443/authy/callback"
		}, "host", "the port is missing"},
		{"standard port", "1512923419|POST|https://bank.example:443/authy/callback|" + smallParameters, nil, "host", "written out"},
		{"capitals", "1512923419|POST|https://Bank.Example/authy/callback|" + smallParameters, func(r *callback.Received) {
			r.URL = "https://Bank.Example/authy/callback"
		}, "host", "written otherwise"},
		{"forwarded host", head + smallParameters, func(r *callback.Received) {
			r.URL, r.Header = "https://10.0.0.7/authy/callback", http.Header{"X-Forwarded-Host": {"evil.example, Bank.example"}}
		}, "host", "X-Forwarded-Host"},
		{"RFC 7239", head + smallParameters, func(r *callback.Received) {
			r.URL, r.Header = "https://10.0.0.7/authy/callback", http.Header{"Forwarded": {`for=1.2.3.4; host="bank.example";proto=https`}}
		}, "host", "the header Forwarded"},
		{"forwarded port", "1512923419|POST|https://bank.example:8443/authy/callback|" + smallParameters, func(r *callback.Received) {
			r.Header = http.Header{"X-Forwarded-Port": {"8443"}}
		}, "host", "X-Forwarded-Port"},
		{"this machine", "1512923419|POST|http://localhost:3000/cb|" + smallParameters, func(r *callback.Received) {
			r.URL = "http://[::1]:3000/cb"
		}, "host", "this machine has another name"},
		{"user", "1512923419|POST|https://ada:pw@bank.example/|" + smallParameters, func(r *callback.Received) {
			r.URL = "https://ada:pw@bank.example/"
		}, "host", "the user of the URL"},
		{"slash", "1512923419|POST|https://bank.example/authy/callback/|" + smallParameters, nil, "path", "slash at the end"},
		{"no path", "1512923419|POST|https://bank.example|" + smallParameters, func(r *callback.Received) {
			r.URL = "https://bank.example"
		}, "path", "signed for no path"},
		{"front of the path", "1512923419|POST|https://bank.example/callback|" + smallParameters, nil, "path", "cut off"},
		{"told path", "1512923419|POST|https://bank.example/api/v1/cb|" + smallParameters, func(r *callback.Received) {
			r.Header = http.Header{"X-Original-Uri": {"/api/v1/cb?x=1"}}
		}, "path", "X-Original-Uri"},
		{"told front", "1512923419|POST|https://bank.example/app/authy/callback|" + smallParameters, func(r *callback.Received) {
			r.Header = http.Header{"X-Forwarded-Prefix": {"/app/"}}
		}, "path", "X-Forwarded-Prefix"},
		{"query", "1512923419|POST|https://bank.example/authy/callback?x=1|" + smallParameters, func(r *callback.Received) {
			r.URL += "?x=1#top"
		}, "query", "with its query"},
		{"fragment", "1512923419|POST|https://bank.example/authy/callback#top|" + smallParameters, func(r *callback.Received) {
			r.URL += "?x=1#top"
		}, "query", "with its fragment"},
		{"query among the parameters", head + smallParameters + "&x=1", func(r *callback.Received) { r.URL += "?x=1" }, "query",
			"query of the URL was signed with the body"},
		{"GET", "1512923419|GET|" + callbackURL + "|" + smallParameters, nil, "method", "signed for GET"},
		{"post", "1512923419|post|" + callbackURL + "|" + smallParameters, nil, "method", "small letters"},
		{"fraction", head + smallParameters, func(r *callback.Received) { r.Nonce = "1512923419.886" }, "nonce", "fraction"},
		{"no nonce", "|POST|" + callbackURL + "|" + smallParameters, nil, "nonce", "without the nonce"},
		{"line end after the nonce", head + smallParameters, func(r *callback.Received) { r.Nonce = "1512923419\n" }, "nonce", "line end"},
		{"decoded order", replaced("a%5BAccount%5D=x+y&a%5BAccount+Number%5D=%2A~%21%27%28%29%2F%C3%A9",
			"a%5BAccount+Number%5D=%2A~%21%27%28%29%2F%C3%A9&a%5BAccount%5D=x+y"), nil, "order", "before they are escaped"},
		{"no order", head + strings.Join(append(strings.Split(smallParameters, "&")[:1:1], "alpha=", "a%5BAccount%5D=x+y",
			"a%5BAccount+Number%5D=%2A~%21%27%28%29%2F%C3%A9", "list%5B%5D=p", "list%5B%5D=q", "n=1.0",
			"big=12345678901234567890", "text=one%0Atwo"), "&"), nil, "order", "not sorted"},
		{"capitals in the order", head + strings.TrimPrefix(smallParameters, "Zeta=1&") + "&Zeta=1", nil, "order", "authy-client"},
		{"indices", replaced("list%5B%5D=p&list%5B%5D=q", "list%5B0%5D=p&list%5B1%5D=q"), nil, "escaping", "indices"},
		{"blanks", replaced("+", "%20"), nil, "escaping", "%20"},
		{"Java", replaced("%2A", "*", "~", "%7E"), nil, "escaping", "Java"},
		{"JavaScript", replaced("+", "%20", "%2A", "*", "%21", "!", "%27", "'", "%28", "(", "%29", ")"), nil, "escaping",
			"encodeURIComponent"},
		{"small escapes", head + smallEscapes(smallParameters), nil, "escaping", "small letters"},
		{"no escapes", head + unescape(t, smallParameters), nil, "escaping", "nothing is escaped"},
		{"no empty values", replaced("alpha=&", ""), nil, "escaping", "empty values"},
		{"numbers", replaced("n=1.0", "n=1", "12345678901234567890", "12345678901234567000"), nil, "body", "JavaScript"},
		{"a number written anew", head + smallParameters, func(r *callback.Received) {
			r.Payload = bytes.Replace(r.Payload, []byte("1.0"), []byte("1"), 1)
		}, "body", `read and written anew, not taken as it came: "n" was signed as 1.0 and is 1 now`},
		{"numbers written anew", replaced("Zeta=1&", "Zeta=1.0&", "12345678901234567890", "12345678901234567890.0"),
			func(r *callback.Received) { r.Payload = bytes.Replace(r.Payload, []byte("1.0"), []byte("1"), 1) },
			"body", "every whole number"},
		{"signed as Latin-1", replaced("%C3%A9", "%C3%83%C2%A9"), nil, "body", "signed after it was taken for Latin-1"},
		{"received as Latin-1", head + smallParameters, func(r *callback.Received) {
			r.Payload = bytes.ReplaceAll(r.Payload, []byte("é"), []byte("Ã©"))
		}, "body", "text of the body was taken for Latin-1"},
		{"CRLF", replaced("%0A", "%0D%0A"), nil, "body", "changed to LF"},
		{"LF", head + smallParameters, func(r *callback.Received) {
			r.Payload = bytes.ReplaceAll(r.Payload, []byte(`\n`), []byte(`\r\n`))
		}, "body", "changed to CRLF"},
		{"Rails", head + smallParameters, func(r *callback.Received) {
			r.Payload = bytes.Replace(r.Payload, []byte("{"), []byte(`{"controller":"authy","action":"callback",`), 1)
		}, "body", "Rails"},
		{"one more member", head + smallParameters, func(r *callback.Received) {
			r.Payload = bytes.Replace(r.Payload, []byte("{"), []byte(`{"trace":{"id":"7"},`), 1)
		}, "body", `"trace", which was not signed`},
		{"status", replaced("text=one", "status=denied&text=one"), func(r *callback.Received) {
			r.Payload = bytes.Replace(r.Payload, []byte("{"), []byte(`{"status":"approved",`), 1)
		}, "body", "status was changed"},
		{"both statuses", replaced("alpha=&", "alpha=&approval_request%5Btransaction%5D%5Bstatus%5D=approved&",
			"text=one", "status=approved&text=one"), func(r *callback.Received) {
			r.Payload = bytes.Replace(r.Payload, []byte("{"),
				[]byte(`{"status":"denied","approval_request":{"transaction":{"status":"denied"}},`), 1)
		}, "body", "status was changed"},
		{"the body itself", head + small, nil, "body", "body as it is"},
		{"no body", head, nil, "body", "without the payload"},
		{"a form", head + "a=1&b=2", func(r *callback.Received) { r.Payload = []byte("b=2&a=1") }, "body", "is a form"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := received()
			if test.change != nil {
				test.change(&r)
			}
			r.Signature = signed(apiKey, test.text)
			e, err := callback.Explain(r)
			if err != nil {
				t.Fatal(err)
			}
			if e.Valid || !slices.Equal(kinds(e), []callback.MistakeKind{test.kind}) ||
				!strings.Contains(e.Mistakes[0].Text, test.says) || e.Other != test.text || !e.OtherSigned {
				t.Errorf("got %+v, want %s: %s", e, test.kind, test.says)
			}
			if at := e.Difference(); e.Expected != "" && (at < 0 || e.Expected[:at] != e.Other[:at]) {
				t.Errorf("they differ at %d", at)
			}
		})
	}
}

func smallEscapes(text string) string {
	return strings.NewReplacer("%5B", "%5b", "%5D", "%5d", "%2A", "%2a", "%C3%A9", "%c3%a9", "%2F", "%2f", "%0A", "%0a").Replace(text)
}

func unescape(t *testing.T, text string) string {
	t.Helper()
	plain, err := url.QueryUnescape(text)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

func TestExplainKeys(t *testing.T) {
	t.Parallel()
	const text = "1512923419|POST|" + callbackURL + "|" + smallParameters
	for key, says := range map[string]string{
		"other key": "number 2 of those given", "": "empty key", apiKey + "\n": "line end after",
	} {
		r := received()
		r.Signature = signed(key, text)
		e, err := callback.Explain(r)
		if err != nil || e.Valid || len(e.Mistakes) != 1 || e.Mistakes[0].Kind != callback.MistakeKey ||
			!strings.Contains(e.Mistakes[0].Text, says) || e.Difference() >= 0 {
			t.Errorf("%q: got %+v, %v", key, e, err)
		}
	}
	r := received()
	r.APIKeys, r.Signature = []string{" " + apiKey + "\n"}, signed(apiKey, text)
	if e, err := callback.Explain(r); err != nil || len(e.Mistakes) != 1 || !strings.Contains(e.Mistakes[0].Text, "around it") {
		t.Errorf("got %+v, %v", e, err)
	}
}

func TestExplainSpelling(t *testing.T) {
	t.Parallel()
	const nonce = "1512923425" // of a signature that has both + and /
	right := signed(apiKey, nonce+"|POST|"+callbackURL+"|"+smallParameters)
	if !strings.Contains(right, "/") || !strings.Contains(right, "+") {
		t.Fatalf("the signature %s shows nothing", right)
	}
	raw, err := base64.StdEncoding.DecodeString(right)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ signature, says string }{
		{right + "\n", "blanks or quotes"},
		{`"` + right + `"`, "blanks or quotes"},
		{strings.TrimRight(right, "="), "lost the ="},
		{base64.URLEncoding.EncodeToString(raw), "URL alphabet"},
		{base64.RawURLEncoding.EncodeToString(raw), "URL alphabet"},
		{strings.ReplaceAll(right, "+", " "), "become a blank"},
		{url.QueryEscape(right), "percent-encoded"},
		{hex.EncodeToString(raw), "hexadecimal"},
		{sameBytes(right), "belong to no byte"},
	} {
		r := received()
		r.Nonce, r.Signature = nonce, test.signature
		e, err := callback.Explain(r)
		if err != nil || e.Valid || !slices.Equal(kinds(e), []callback.MistakeKind{callback.MistakeEncoding}) ||
			!strings.Contains(e.Mistakes[0].Text, test.says) {
			t.Errorf("%s: got %+v, %v", test.signature, e, err)
		}
	}
	for signature, says := range map[string]string{
		"": "there is no signature", "AAAA": "here are 4", right[:40]: "here are 40", "100%": "here are 4",
	} {
		r := received()
		r.Signature = signature
		e, err := callback.Explain(r)
		if err != nil || e.Valid || !slices.Equal(kinds(e), []callback.MistakeKind{callback.MistakeIncomplete}) ||
			!strings.Contains(e.Mistakes[0].Text, says) {
			t.Errorf("%q: got %+v, %v", signature, e, err)
		}
	}
	r := received()
	r.Nonce, r.Signature = right, nonce
	if e, err := callback.Explain(r); err != nil || e.Valid || !strings.Contains(e.Mistakes[0].Text, "swapped") || len(e.Mistakes) != 1 {
		t.Errorf("swapped: got %+v, %v", e, err)
	}
}

// A tunnel changes scheme and host; the key is wrong besides.
func TestExplainThreeMistakes(t *testing.T) {
	t.Parallel()
	r := received()
	r.URL, r.Header = "http://127.0.0.1:3000/authy/callback", http.Header{"X-Forwarded-Host": {"bank.example"}}
	r.Signature = signed("other key", "1512923419|POST|"+callbackURL+"|"+smallParameters)
	e, err := callback.Explain(r)
	want := []callback.MistakeKind{callback.MistakeKey, callback.MistakeScheme, callback.MistakeHost}
	if err != nil || e.Valid || !slices.Equal(kinds(e), want) {
		t.Errorf("got %+v, %v", e, err)
	}
	r.URL = "http://127.0.0.1:3000/authy/callback/"
	if e, err = callback.Explain(r); err != nil || e.Valid || e.Mistakes != nil {
		t.Errorf("four mistakes: got %+v, %v", e, err)
	}
}

// What cannot be explained is shown beside what the texts make as they are.
func TestExplainNothing(t *testing.T) {
	t.Parallel()
	r := received()
	r.URL, r.Signature = "HTTPS://bank.example/authy/callback", signed("a key that nobody gave", "x")
	e, err := callback.Explain(r)
	if err != nil || e.Valid || e.Mistakes != nil || e.OtherSigned || e.Difference() != len("1512923419|POST|") ||
		e.Expected != "1512923419|POST|"+callbackURL+"|"+smallParameters ||
		e.Other != "1512923419|POST|HTTPS://bank.example/authy/callback|"+small {
		t.Errorf("got %+v, %v", e, err)
	}
	for _, pair := range [][2]string{{"ab", "abc"}, {"abc", "ab"}} {
		if at := (callback.Explanation{Expected: pair[0], Other: pair[1]}).Difference(); at != 2 {
			t.Errorf("%v differ at %d", pair, at)
		}
	}
}

func TestExplainGet(t *testing.T) {
	t.Parallel()
	query, err := callback.Query([]byte(small))
	if err != nil {
		t.Fatal(err)
	}
	const right = "1512923419|GET|" + callbackURL + "|" + smallParameters
	for _, test := range []struct {
		name, url, payload, text string
		says                     string // "": valid
	}{
		{"query", callbackURL, query, right, ""},
		{"query with its mark", callbackURL, "?" + query, right, ""},
		{"query in the URL", callbackURL + "?" + query + "#x", "", right, ""},
		{"JSON", callbackURL, small, right, "a GET carries it in its query"},
		{"POST", callbackURL, query, "1512923419|POST|" + callbackURL + "|" + smallParameters, "signed for POST"},
		{"URL with its query", callbackURL + "?" + query, "", "1512923419|GET|" + callbackURL + "?" + query + "|" + smallParameters,
			"with its query"},
	} {
		r := received()
		r.Method, r.URL, r.Payload, r.Signature = "GET", test.url, []byte(test.payload), signed(apiKey, test.text)
		e, err := callback.Explain(r)
		if err != nil || e.Valid != (test.says == "") || e.Other != test.text ||
			test.says != "" && !strings.Contains(e.Mistakes[0].Text, test.says) {
			t.Errorf("%s: got %+v, %v", test.name, e, err)
		}
	}
}

func TestExplainCannot(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		change func(*callback.Received)
		kind   error
	}{
		{"no key", func(r *callback.Received) { r.APIKeys = nil }, nil},
		{"empty key", func(r *callback.Received) { r.APIKeys = []string{"", "x"} }, nil},
		{"method", func(r *callback.Received) { r.Method = "PUT" }, callback.ErrMalformed},
		{"URL", func(r *callback.Received) { r.URL = "bank.example" }, callback.ErrMalformed},
		{"nonce", func(r *callback.Received) { r.Nonce = "a b" }, callback.ErrMalformed},
		{"no JSON", func(r *callback.Received) { r.Payload = []byte("{") }, callback.ErrMalformed},
		{"a name twice", func(r *callback.Received) { r.Payload = []byte(`{"a":1,"a":2}`) }, callback.ErrMalformed},
	} {
		r := received()
		r.Signature = signed(apiKey, "")
		test.change(&r)
		e, err := callback.Explain(r)
		if err == nil || e.Expected != "" || test.kind != nil && !errors.Is(err, test.kind) {
			t.Errorf("%s: got %+v, %v", test.name, e, err)
		}
		_, err = callback.Guesses(r)
		if readable := strings.HasSuffix(test.name, "JSON") || test.name == "a name twice"; (err == nil) != readable {
			t.Errorf("%s: guesses %v", test.name, err)
		}
	}
}

// The first guess is the right one; whoever has seen enough stops.
func TestGuesses(t *testing.T) {
	t.Parallel()
	guesses, err := callback.Guesses(received())
	if err != nil {
		t.Fatal(err)
	}
	right, err := callback.Sign(apiKey, "1512923419", "POST", callbackURL, []byte(small))
	if err != nil {
		t.Fatal(err)
	}
	seen, mistakes := 0, 0
	for guess := range guesses {
		if first := seen == 0; first != (guess.Signature == right) || first && (len(guess.Mistakes) > 0 || guess.URL != callbackURL) {
			t.Fatalf("guess %d: %+v", seen, guess)
		}
		if len(guess.Mistakes) < mistakes {
			t.Fatalf("guess %d has fewer mistakes than the one before", seen)
		}
		if mistakes = len(guess.Mistakes); mistakes == 2 {
			break
		}
		seen++
	}
	if seen < 30 {
		t.Errorf("only %d guesses of one mistake", seen)
	}
}
