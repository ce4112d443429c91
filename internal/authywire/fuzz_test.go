package authywire_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/onetouchkit/onetouch/internal/authywire"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/details"
)

var contentTypes = []string{"", formType, jsonType, xmlType, "multipart/form-data; boundary=b", "text/plain", ";;"}

// Whatever comes in is read or refused in one clear line, and what is read is text.
func FuzzReadParameters(f *testing.F) {
	for _, seed := range []struct {
		contentType byte
		query, body string
	}{
		{1, "", rails()}, {2, rails(), askedJSON}, {3, "api_key=k", askedXML}, {0, "", askedJSON}, {0, "", askedXML},
		{1, "details[a[b]]=1&details[a=1", "a=1&a[b]=2&logos[0][res]=1&logos[]=2"}, {2, "%zz=%ff", `{"a":"\ud83d","b":[null,{}]}`},
		{3, "", `<user><email nil="true"/><a type="array"><b>1</b>x</a></user>`}, {3, "", `<!DOCTYPE a><a>&b;</a>`},
		{4, "", "--b\r\nContent-Disposition: form-data; name=\"details[To]\"\r\n\r\nx\r\n--b--\r\n"},
		{2, "", strings.Repeat("[", 100)}, {1, "a" + strings.Repeat("[]", 9), "a[][b]=1&a[][b]=2&a[][c][]=3"}, {5, "", "x"}, {6, "", "x=1"},
	} {
		f.Add(seed.contentType, seed.query, seed.body)
	}
	f.Fuzz(func(t *testing.T, contentType byte, query, body string) {
		kind := contentTypes[int(contentType)%len(contentTypes)]
		p, err := authywire.ReadParameters(request("POST", query, kind, body), maxBody)
		if err != nil {
			mustBeClear(t, err)
			return
		}
		readAll(t, p)
		if kind == jsonType && query == "" {
			mustAgree(t, p, body)
		}
	})
}

func mustBeClear(t *testing.T, err error) {
	t.Helper()
	var wrong *onetouch.Error
	if !errors.As(err, &wrong) || wrong.Message == "" {
		t.Fatalf("an error of no kind: %v", err)
	}
	if text := err.Error(); strings.ContainsAny(text, "\n\r\x1b") || !utf8.ValidString(text) || utf8.RuneCountInString(text) > 500 {
		t.Fatalf("not one clear line: %q", text)
	}
}

func readAll(t *testing.T, p *authywire.Parameters) {
	t.Helper()
	text := func(text string, _ bool, err error) {
		if err != nil {
			mustBeClear(t, err)
		}
		if !utf8.ValidString(text) {
			t.Fatalf("%q is not UTF-8", text)
		}
	}
	text(p.String("message"))
	text(p.String("user", "email"))
	_, _, err := p.Integer("seconds_to_expire")
	text("", false, err)
	_, _, err = p.Bool("force")
	text("", false, err)
	list, _, err := p.Details("details")
	text("", false, err)
	for i, d := range list {
		text(d.Name+d.Value, false, nil)
		if list.Get(d.Name) != d.Value {
			t.Fatalf("detail %d, %q, is there twice", i, d.Name)
		}
	}
	items, _, err := p.List("logos")
	text("", false, err)
	for _, item := range items {
		text(item.String("res"))
		text(item.String())
	}
}

// mustAgree compares with encoding/json.
func mustAgree(t *testing.T, p *authywire.Parameters, body string) {
	t.Helper()
	body = strings.TrimPrefix(body, "\uFEFF")
	if strings.TrimSpace(body) == "" {
		return
	}
	if !json.Valid([]byte(body)) {
		t.Fatalf("%q is read as JSON", body)
	}
	var object map[string]json.RawMessage
	if json.Unmarshal([]byte(body), &object) != nil {
		return // a list without items
	}
	for name, raw := range object {
		var want *string
		if json.Unmarshal(raw, &want) != nil {
			continue // no text
		}
		if got, given, err := p.String(name); err != nil || given != (want != nil) || want != nil && got != *want {
			t.Fatalf("%q is %q, %v, %v in %s", name, got, given, err, body)
		}
	}
}

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
		p := mustRead(t, request("POST", "", xmlType, string(encoded)))
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
