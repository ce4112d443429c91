package parameters_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/authyapi/parameters"
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
		p, err := parameters.Read(request("POST", query, kind, body), maxBody)
		if kind == jsonType && query == "" {
			mustAgree(t, p, err, body)
		}
		if err != nil {
			mustBeClear(t, err)
			return
		}
		readAll(t, p)
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

func readAll(t *testing.T, p *parameters.Parameters) {
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
