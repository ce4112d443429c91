package evidence_test

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/pkg/details"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// Each want is the canonical JSON, written out by hand from RFC 8785.
func TestDigestIsOverCanonicalJSON(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		shown evidence.Shown
		want  string
	}{
		"nothing": {evidence.Shown{}, `{"app_name":"","details":{},"message":""}`},
		"the example of the device API": {
			evidence.Shown{AppName: "Acme Bank", Message: "Send $12,400 to ACME?",
				Details: details.List{{Name: "Amount", Value: "$12,400"}, {Name: "To", Value: "ACME"}}},
			`{"app_name":"Acme Bank","details":{"Amount":"$12,400","To":"ACME"},"message":"Send $12,400 to ACME?"}`,
		},
		"an empty list is an empty object": {evidence.Shown{Details: details.List{}},
			`{"app_name":"","details":{},"message":""}`},
		"details are sorted": {
			evidence.Shown{Details: details.List{{Name: "b", Value: "2"}, {Name: "a", Value: "1"}, {Name: "B", Value: "3"}}},
			`{"app_name":"","details":{"B":"3","a":"1","b":"2"},"message":""}`,
		},
		// RFC 8785, section 3.2.3: by UTF-16 code units, so that an emoji (U+1F600, which begins with the code unit D83D)
		// comes before U+FB33, although its code point is the greater one.
		"names sort by UTF-16 code units": {
			evidence.Shown{Details: details.List{{Name: "\ufb33", Value: "Hebrew"}, {Name: "\u20ac", Value: "Euro"},
				{Name: "\U0001f600", Value: "Emoji"}, {Name: "\u00f6", Value: "Latin"}, {Name: "1", Value: "One"},
				{Name: "\r", Value: "Return"}, {Name: "\u0080", Value: "Control"}}},
			`{"app_name":"","details":{"\r":"Return","1":"One","` + "\u0080" + `":"Control","ö":"Latin","€":"Euro",` +
				`"😀":"Emoji","` + "\ufb33" + `":"Hebrew"},"message":""}`,
		},
		"emoji stand as they are":           {evidence.Shown{Message: "👩‍👩‍👧 pays"}, `{"app_name":"","details":{},"message":"👩‍👩‍👧 pays"}`},
		"line separators stand as they are": {evidence.Shown{Message: "a\u2028b\u2029c"}, "{\"app_name\":\"\",\"details\":{},\"message\":\"a\u2028b\u2029c\"}"},
		"HTML characters stand as they are": {evidence.Shown{AppName: "<A&B>"}, `{"app_name":"<A&B>","details":{},"message":""}`},
		"quotes and controls have short forms": {evidence.Shown{Message: "\"\\/\b\f\n\r\t\x00\x0f\x1f\x7f"},
			`{"app_name":"","details":{},"message":"\"\\/\b\f\n\r\t\u0000\u000f\u001f` + "\x7f" + `"}`},
		"no Unicode normalisation": {evidence.Shown{Message: "e\u0301 \u00e9"},
			"{\"app_name\":\"\",\"details\":{},\"message\":\"e\u0301 \u00e9\"}"},
		"a replacement character is a character": {evidence.Shown{Message: "\ufffd"},
			"{\"app_name\":\"\",\"details\":{},\"message\":\"\ufffd\"}"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := test.shown.Digest()
			if err != nil {
				t.Fatal(err)
			}
			if sum := sha256.Sum256([]byte(test.want)); got != hex.EncodeToString(sum[:]) {
				t.Errorf("digest is not that of %s", test.want)
			}
		})
	}
}

func TestDigestTellsApartWhatUsersTellApart(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for name, shown := range map[string]evidence.Shown{
		"empty":                  {},
		"app":                    {AppName: "x"},
		"message":                {Message: "x"},
		"detail name":            {Details: details.List{{Name: "x"}}},
		"detail value":           {Details: details.List{{Name: "", Value: "x"}}},
		"quote does not escape":  {Message: `x","y":"z`},
		"another detail":         {Details: details.List{{Name: "x"}, {Name: "y"}}},
		"a detail in a detail":   {Details: details.List{{Name: "x", Value: `","y":"`}}},
		"trailing space":         {Message: "x "},
		"composed letter":        {Message: "\u00e9"},
		"decomposed letter":      {Message: "e\u0301"},
		"digits of another kind": {Message: "١"},
	} {
		digest, err := shown.Digest()
		if err != nil {
			t.Fatal(err)
		}
		if other, taken := seen[digest]; taken {
			t.Errorf("%q and %q have the same digest", name, other)
		}
		seen[digest] = name
	}
}

func TestDigestRefusesWhatHasNoCanonicalForm(t *testing.T) {
	t.Parallel()
	for want, shown := range map[string]evidence.Shown{
		"application name is not valid UTF-8": {AppName: "\xff"},
		"message is not valid UTF-8":          {Message: "half a \xf0\x9f"},
		`detail "To" is not valid UTF-8`:      {Details: details.List{{Name: "To", Value: "\xed\xa0\x80"}}},
		`detail "\xc0" is not valid UTF-8`:    {Details: details.List{{Name: "\xc0"}}},
		"Duplicate key":                       {Details: details.List{{Name: "To", Value: "A"}, {Name: "To", Value: "B"}}},
	} {
		digest, err := shown.Digest()
		if err == nil || digest != "" || !strings.Contains(err.Error(), want) {
			t.Errorf("got %q, %v; want an error with %q", digest, err, want)
		}
	}
}
