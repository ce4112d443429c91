package callback_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/pkg/callback"
)

// What others have signed, or computed by the published rules.
func TestSignVectors(t *testing.T) {
	t.Parallel()
	const dashboard = "https://api.authy.com/dashboard/json/application/webhooks"
	for _, test := range []struct{ name, key, nonce, method, url, payload, signature string }{
		{ // authy-client signature-assert_test.js
			"authy-client", "foo", "1455825429", "POST", "https://foo.bar/",
			`{"foo":{"bar":{"biz":"foo"}},"qux":"net"}`, "uq/wB8AR1Acvn0wFcjm7mmBJyR11nuuMhMy6semsAO8=",
		}, {
			"authy-client, a space", "foo", "1455825429", "POST", "https://foo.bar/",
			`{"foo":{"bar":{"biz":"foo bar"}},"qux":"net"}`, "+fyGys+d5yNJx9SpeKZdf+N77od1t1cC/fVSWDW2+kY=",
		}, { // parameters and nonce of the vendor's example; the signatures were computed apart from this package
			"vendor's example, POST", "foobar123", "1427849783.886085", "POST", dashboard,
			`{"b":"val|ue&2","a":"value1"}`, "4f9676D/+BzsEq8NzF0fXpv7qETnzJUW/4YGe7p0EPM=",
		}, {
			"vendor's example, GET", "foobar123", "1427849783.886085", "GET", dashboard,
			`{"b":"val|ue&2","a":"value1"}`, "W+RlOV+lGi1EA9jaT1X5hL1aJFAuTRwnHuQhCp2tAxI=",
		}, { // authy-python tests/test_helper.py, whose mock signs an empty string of parameters
			"authy-python, POST", "foobar123", "1427849783.886085", "POST", dashboard,
			`{}`, "UJRjviTdXFA0xu4duxW9BWVDRZGsmSUDd4RglmzcX4o=",
		}, {
			"authy-python, GET", "foobar123", "1427849783.886085", "GET", dashboard,
			`{}`, "yjA/tsM6Rkxgww9wmZLxRWaouw21ZRsi7QIOdm7cEmA=",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			signature, err := callback.Sign(test.key, test.nonce, test.method, test.url, []byte(test.payload))
			if err != nil || signature != test.signature {
				t.Errorf("payload: got %s, %v, want %s", signature, err, test.signature)
			}
			query, err := callback.Query([]byte(test.payload))
			if err != nil {
				t.Fatal(err)
			}
			signature, err = callback.SignQuery(test.key, test.nonce, test.method, test.url, query)
			if err != nil || signature != test.signature {
				t.Errorf("query: got %s, %v, want %s", signature, err, test.signature)
			}
		})
	}
}

func TestStringToSign(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, payload, parameters string }{
		{ // the vendor's sample servlets, JSONEncoderTest
			"servlets",
			`{"status":"approved","approval_request":{"transaction":{"details":{"email":"bob@example.com",` +
				`"code":"+/A ==","reason":null}}}}`,
			"approval_request%5Btransaction%5D%5Bdetails%5D%5Bcode%5D=%2B%2FA+%3D%3D&" +
				"approval_request%5Btransaction%5D%5Bdetails%5D%5Bemail%5D=bob%40example.com&" +
				"approval_request%5Btransaction%5D%5Bdetails%5D%5Breason%5D=&status=approved",
		},
		{"null is empty", `{"a":null}`, "a="},
		{"empty containers vanish", `{"a":{},"b":[],"c":{"d":{}},"e":"x","f":[[],{}]}`, "e=x"},
		{"booleans", `{"a":true,"b":false}`, "a=true&b=false"},
		{"numbers stay as written", `{"a":15,"b":-0,"c":1.0,"d":12345678901234567890,"e":1E+2}`,
			"a=15&b=-0&c=1.0&d=12345678901234567890&e=1E%2B2"},
		{"list items sort by index, as text, before it goes", `{"a":["0","1","2","3","4","5","6","7","8","9","10"]}`,
			"a%5B%5D=0&a%5B%5D=1&a%5B%5D=10&a%5B%5D=2&a%5B%5D=3&a%5B%5D=4&a%5B%5D=5&a%5B%5D=6&a%5B%5D=7&a%5B%5D=8&a%5B%5D=9"},
		{"objects in lists", `{"l":[{"res":"low","url":"u2"},{"res":"default","url":"u1"}]}`,
			"l%5B%5D%5Bres%5D=low&l%5B%5D%5Burl%5D=u2&l%5B%5D%5Bres%5D=default&l%5B%5D%5Burl%5D=u1"},
		{"escaped order where a name is a prefix", `{"d":{"Account Number":"2","Account":"1"}}`,
			"d%5BAccount%5D=1&d%5BAccount+Number%5D=2"},
		{"every byte but the unreserved is escaped", `{"a":"AZaz09_.-~ *'()!/:é😀\n\u0000"}`,
			"a=AZaz09_.-~+%2A%27%28%29%21%2F%3A%C3%A9%F0%9F%98%80%0A%00"},
		{"escapes of JSON", `{"\u0061\ud83d\ude00":"\"\\\/\b\f\n\r\t\u00E9"}`,
			"a%F0%9F%98%80=%22%5C%2F%08%0C%0A%0D%09%C3%A9"},
		{"digits in a name go, in a value they stay", `{"a":{"1":"[1]","x[2]y":"[2]"}}`,
			"a%5B%5D=%5B1%5D&a%5Bx%5B%5Dy%5D=%5B2%5D"},
		{"a name that looks escaped", `{"%5B1%5D":"x"}`, "%255B1%255D=x"},
		{"white space", " {\n\"a\" :\t[ 1 , true ,null ] , \"b\" : { } }\r\n", "a%5B%5D=1&a%5B%5D=true&a%5B%5D="},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := callback.StringToSign("1", "post", "https://foo.bar", []byte(test.payload))
			if want := "1|POST|https://foo.bar/|" + test.parameters; err != nil || got != want {
				t.Errorf("got  %s, %v\nwant %s", got, err, want)
			}
			if want := reference(t, []byte(test.payload)); want != test.parameters {
				t.Errorf("the rules by their letter give %s", want)
			}
		})
	}
}

func manyMembers(n int) string {
	members := make([]string, n)
	for i := range members {
		members[i] = fmt.Sprintf(`"n%d":{"a":1,"b":2}`, i)
	}
	return strings.Join(members, ",")
}

// What two readers could take for different things is not signed.
func TestSignRefuses(t *testing.T) {
	t.Parallel()
	deep := func(n int) string {
		return `{"a":` + strings.Repeat("[", n) + `1` + strings.Repeat("]", n) + "}"
	}
	for _, test := range []struct {
		name, payload, says string
		kind                error
	}{
		{"nothing", ``, "not JSON", callback.ErrMalformed},
		{"no JSON", `{"a":tru}`, "at byte 9", callback.ErrMalformed},
		{"more after the object", `{} {}`, "not JSON", callback.ErrMalformed},
		{"a list", `[]`, "must be a JSON object", callback.ErrMalformed},
		{"a string", ` "a"`, "must be a JSON object", callback.ErrMalformed},
		{"null", `null`, "must be a JSON object", callback.ErrMalformed},
		{"a name twice", `{"status":"denied","status":"approved"}`, `"status" comes twice`, callback.ErrMalformed},
		{"a name twice, written differently", `{"a":1,"\u0061":1}`, `"a" comes twice`, callback.ErrMalformed},
		{"a name twice, once empty", `{"a":{"b":{},"b":"x"}}`, `"a[b]" comes twice`, callback.ErrMalformed},
		{"a name twice, among many", `{"x":{"y":{"z":1}},` + manyMembers(100) + `,"n\u0034\u0037":1}`, `"n47" comes twice`,
			callback.ErrMalformed},
		{"one name from two places", `{"a":{"b":"x"},"a[b]":"y"}`, `the name "a[b]"`, callback.ErrMalformed},
		{"broken UTF-8", "{\"a\":\"\xff\"}", "UTF-8", callback.ErrMalformed},
		{"half a character", `{"a":"\ud83d"}`, `\ud83d is half`, callback.ErrMalformed},
		{"the other half", `{"a":"\ude00x"}`, `\ude00 is half`, callback.ErrMalformed},
		{"two first halves", `{"a":"\ud83d\ud83d"}`, "half", callback.ErrMalformed},
		{"too deep", deep(32), "32 levels", callback.ErrMalformed},
		{"a long name before many values", `{"` + strings.Repeat("n", 1<<20) + `":[` + strings.Repeat("1,", 20) + `1]}`,
			"16 MiB", callback.ErrTooLarge},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := callback.Sign(apiKey, "1", "POST", callbackURL, []byte(test.payload))
			if !errors.Is(err, test.kind) || !strings.Contains(fmt.Sprint(err), test.says) {
				t.Errorf("got %v, want %v that says %q", err, test.kind, test.says)
			}
			if text := fmt.Sprint(err); strings.ContainsAny(text, "\n") || len(text) > 300 {
				t.Errorf("%q is no line", text)
			}
		})
	}
	for _, payload := range []string{deep(31), "{" + manyMembers(100) + `,"m":1}`} {
		if _, err := callback.Sign(apiKey, "1", "POST", callbackURL, []byte(payload)); err != nil {
			t.Errorf("%s: %v", payload, err)
		}
	}
}

func TestSignQuery(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, query, parameters string }{
		{"sorted and escaped again", "b=val%7cue%262&a=value%31&c=%7E*", "a=value1&b=val%7Cue%262&c=~%2A"},
		{"values without a name's own equals sign", "a=b=c&d&e=", "a=b%3Dc&d=&e="},
		{"lists as forms write them", "events[]=b&name=x&events%5B%5D=a", "events%5B%5D=a&events%5B%5D=b&name=x"},
		{"indices", "l[1][res]=b&l[0][res]=a", "l%5B%5D%5Bres%5D=a&l%5B%5D%5Bres%5D=b"},
		{"empty parts", "&&a=1&", "a=1"},
		{"nothing", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := callback.QueryStringToSign("n", "GET", "http://foo.bar/x?y=z", test.query)
			if want := "n|GET|http://foo.bar/x|" + test.parameters; err != nil || got != want {
				t.Errorf("got  %s, %v\nwant %s", got, err, want)
			}
		})
	}
	for query, says := range map[string]string{
		"a=1&a=2":       `"a"`,
		"a[0]=1&a[0]=2": `"a[0]"`,
		"a=%zz":         "%zz",
		"%=1":           "escape",
		"a=1;b=2":       "semicolon",
		"a=%ff":         "UTF-8",
	} {
		_, err := callback.SignQuery(apiKey, "1", "GET", callbackURL, query)
		if !errors.Is(err, callback.ErrMalformed) || !strings.Contains(fmt.Sprint(err), says) {
			t.Errorf("%s: got %v, want one that says %q", query, err, says)
		}
	}
}

// Whatever a receiver's library does with ports, case or fragments: it is sent to the URL that is signed.
func TestSigningURL(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"https://foo.bar":                       "https://foo.bar/",
		"HTTPS://Foo.BAR:443/Path?q=1#f":        "https://foo.bar/Path",
		"http://foo.bar:80/":                    "http://foo.bar/",
		"http://foo.bar:443/":                   "http://foo.bar:443/",
		"http://user:secret@127.0.0.1:3000/a/b": "http://127.0.0.1:3000/a/b",
		"http://[::1]:8080/cb":                  "http://[::1]:8080/cb",
		"http://[fe80::1%25eth0]/cb":            "http://[fe80::1]/cb",
		"http://foo.bar/a b/é/|~":               "http://foo.bar/a%20b/%C3%A9/%7C~",
		"http://foo.bar/a%2fb":                  "http://foo.bar/a%2fb",
		"http://foo.bar:/":                      "http://foo.bar/",
	} {
		got, err := callback.SigningURL(given)
		if err != nil || got != want {
			t.Errorf("%s: got %s, %v, want %s", given, got, err, want)
		}
	}
	for _, given := range []string{"", "/cb", "foo.bar/cb", "ftp://foo.bar/", "https:///cb", "http://bücher.example/", "http://a|b/",
		"http://foo.bar:x/", "http://foo bar/"} {
		if got, err := callback.SigningURL(given); !errors.Is(err, callback.ErrMalformed) {
			t.Errorf("%q: got %s, %v", given, got, err)
		}
	}
}

func TestNonceAndKeyThatCannotSign(t *testing.T) {
	t.Parallel()
	for _, nonce := range []string{"", "1|2", "1 2", "é", "1\n", strings.Repeat("1", 201)} {
		if _, err := callback.Sign(apiKey, nonce, "POST", callbackURL, []byte(`{}`)); !errors.Is(err, callback.ErrMalformed) {
			t.Errorf("nonce %q: %v", nonce, err)
		}
	}
	if _, err := callback.Sign("", "1", "POST", callbackURL, []byte(`{}`)); err == nil {
		t.Error("an empty API key signs")
	}
}

func TestNewRequest(t *testing.T) {
	t.Parallel()
	post, err := callback.NewRequest(t.Context(), apiKey, "1", "POST", "http://u:p@Foo.bar:80?x=1#y", payload())
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(post.Body)
	if err != nil || string(body) != string(payload()) || post.URL.String() != "http://u:p@foo.bar/?x=1" ||
		post.Header.Get("Content-Type") != "application/json" {
		t.Errorf("got %s %s, %v, %v", post.URL, body, post.Header, err)
	}
	get, err := callback.NewRequest(t.Context(), apiKey, "1", "GET", "http://foo.bar/cb?x=1", payload())
	if err != nil {
		t.Fatal(err)
	}
	values, err := url.ParseQuery(get.URL.RawQuery)
	if err != nil || values.Get("x") != "1" || values.Get("authy_id") != "688611" || get.ContentLength != 0 ||
		values.Get("approval_request[logos][1][res]") != "low" ||
		values.Get("approval_request[transaction][details][City]") != "Bogotá" {
		t.Errorf("got %s, %v", get.URL, err)
	}
	for _, method := range []string{"PUT", "post", ""} {
		if _, err := callback.NewRequest(t.Context(), apiKey, "1", method, callbackURL, payload()); err == nil {
			t.Errorf("method %q is taken", method)
		}
	}
	if _, err := callback.NewRequest(t.Context(), apiKey, "1", http.MethodGet, callbackURL+"?uuid=1", payload()); err == nil {
		t.Error("a URL whose query names a value of the payload is taken")
	}
}
