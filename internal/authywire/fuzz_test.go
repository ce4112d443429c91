package authywire_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/onetouchkit/onetouch/internal/authywire"
	"github.com/onetouchkit/onetouch/internal/server/authyapi/parameters"
	"github.com/onetouchkit/onetouch/pkg/details"
)

// built makes an answer of two texts, with all kinds of values and a list of details.
func built(name, text string, number int64) (object, details.List) {
	var list details.List
	for part := range strings.SplitSeq(name+"|"+text, "|") {
		list.Set(part, text)
	}
	return object{
		{"details", list}, {"text", text}, {"list", array{text, number, nil, true, object{{"inner", text}}}}, {"number", number},
	}, list
}

var texts = []string{"", "To", "Account Number|a_b|a-b", "xml|XMLa|_xml|1|:|-|é|🚀", "\x00\x1b\r\n\t", "\xff\xed\xa0\x80", "\uFFFE\uFFFF", `"\<>&'|]]>|</hash>`}

// Every answer is the same facts to any reader of JSON.
func FuzzAppendJSON(f *testing.F) {
	for i, text := range texts {
		f.Add(text, texts[len(texts)-1-i], int64(i))
	}
	f.Fuzz(func(t *testing.T, name, text string, number int64) {
		if len(name) > 300 || len(text) > 300 {
			return // more of the same
		}
		answer, list := built(name, text, number)
		encoded := authywire.AppendJSON(nil, answer)
		var decoded struct {
			Details details.List
			Text    string
			List    []any
			Number  int64
		}
		if err := json.Unmarshal(encoded, &decoded); err != nil {
			t.Fatalf("%s: %v", encoded, err)
		}
		clean := func(s string) string { return string([]rune(s)) }
		if want := expected(list, clean); !reflect.DeepEqual(decoded.Details, want) {
			t.Fatalf("details %q, want %q", decoded.Details, want)
		}
		wantList := []any{clean(text), float64(number), nil, true, map[string]any{"inner": clean(text)}}
		if decoded.Text != clean(text) || decoded.Number != number || !reflect.DeepEqual(decoded.List, wantList) {
			t.Fatalf("%s", encoded)
		}
		mustBeASCII(t, encoded)
	})
}

// Every answer is XML to a strict reader, and its details can be read back, whatever their names.
func FuzzAppendXML(f *testing.F) {
	for i, text := range texts {
		f.Add(text, texts[len(texts)-1-i], int64(i))
	}
	f.Fuzz(func(t *testing.T, name, text string, number int64) {
		if len(name) > 300 || len(text) > 300 {
			return // names have a limit when they are read
		}
		answer, list := built(name, text, number)
		encoded := authywire.AppendXML(nil, "hash", answer)
		mustBeStrictXML(t, encoded)
		mustBeASCII(t, encoded)
		r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(encoded))
		r.Header.Set("Content-Type", "application/xml")
		p, err := parameters.Read(r, 1<<20)
		if err != nil {
			t.Fatalf("%s: %v", encoded, err)
		}
		got, _, err := p.Details("details")
		if want := expected(list, cleanXML); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("details %q, want %q, %v in %s", got, want, err, encoded)
		}
		if got, _, err := p.String("text"); got != cleanXML(text) || err != nil {
			t.Fatalf("%q, %v in %s", got, err, encoded)
		}
		if got, _, err := p.Integer("number"); got != number || err != nil {
			t.Fatalf("%d, %v in %s", got, err, encoded)
		}
	})
}

// expected is the list as a reader gets it: names that became the same are one.
func expected(list details.List, clean func(string) string) details.List {
	var want details.List
	for _, d := range list {
		want.Set(clean(d.Name), clean(d.Value))
	}
	return want
}

func cleanXML(text string) string {
	return strings.Map(func(char rune) rune {
		if char < ' ' && !strings.ContainsRune("\t\n\r", char) || char == 0xFFFE || char == 0xFFFF {
			return utf8.RuneError
		}
		return char
	}, text)
}

func mustBeStrictXML(t *testing.T, document []byte) {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(string(document)))
	for {
		_, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("%s: %v", document, err)
		}
	}
}

func mustBeASCII(t *testing.T, text []byte) {
	t.Helper()
	for _, c := range text {
		if c >= utf8.RuneSelf {
			t.Fatalf("not ASCII: %s", text)
		}
	}
}
