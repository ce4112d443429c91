package parameters_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/onetouchkit/onetouch/internal/server/authyapi/parameters"
)

// A body of JSON is read as encoding/json reads it, token by token: the same bodies, and the same of each.
func FuzzJSON(f *testing.F) {
	for _, seed := range []string{
		askedJSON, "{}", "[]", "[null]", "null", `""`, "7", `{"a":1}x`, `{"a":1}{}`, "\uFEFF{\"a\":1}", `{"a":1,}`, `{"a" : [ 1 , "b" ] } `,
		`{"a":1,"b":2,"a":null,"b":3,"":4}`, `{"\u0061":1,"a":"\ud83d\ude80\"\\\/\b\f\n\r\t"}`, `{"a":"\ud83d"}`, "{\"a\":\"\xff\"}",
		`{"a":[{"b":-0.5e+10},[[1.0]],true,false,null,"null"]}`, `{"a":` + strings.Repeat("[", 8) + strings.Repeat("]", 8) + "}",
		strings.Repeat(`{"a":`, 9) + "1" + strings.Repeat("}", 9), "{\r\n\t\"a\"\t:\r1\n}",
		strings.Repeat(`{"a":`, 8) + "1" + strings.Repeat("}", 8), `{"a":01}`, `{"a":"\u00e9é"}`, "{\"a\":\"\x00\"}", `{"\\":"\\"}`,
		"{" + strings.TrimSuffix(strings.Repeat(`"a":1,"b":[],`, 20), ",") + "}", "\v{}", `{"a":{"b":null},"c":[{}]}`, `{a:1}`, `{"a":nul}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		p, err := parameters.Read(request("POST", "", jsonType, body), maxBody)
		mustAgree(t, p, err, body)
	})
}

// mustAgree compares what was read of a body, or why it was not, with encoding/json.
func mustAgree(t *testing.T, p *parameters.Parameters, refused error, body string) {
	t.Helper()
	if strings.TrimSpace(body) == "" {
		return // nothing is read of it
	}
	want, wrong := decoded(body)
	switch {
	case refused != nil && wrong == nil:
		t.Fatalf("%q is refused: %v", body, refused)
	case refused != nil:
		mustBeClear(t, refused)
	case wrong != nil:
		t.Fatalf("%q is read: %v", body, wrong)
	case p.Form(true) != want:
		t.Fatalf("%q is read as\n%s\nnot\n%s", body, p.Form(true), want)
	}
}

// decoded is the form of a body of JSON as encoding/json reads it, or why it is to be refused.
func decoded(body string) (form string, err error) {
	if !utf8.ValidString(body) {
		return "", errors.New("it is no UTF-8")
	}
	d := decoder{Decoder: json.NewDecoder(strings.NewReader(strings.TrimPrefix(body, "\uFEFF"))), written: body}
	d.UseNumber()
	root, err := d.value("", 0)
	if err != nil {
		return "", err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return "", errors.New("something follows")
	}
	if list, is := root.([]any); root == nil || root == "" || is && len(list) == 0 {
		return "", nil
	}
	object, is := root.(*object)
	if !is {
		return "", errors.New("it is no object")
	}
	return strings.Join(formOf(nil, "", object), "&"), nil
}

// object is an object in the order in which its names came first. Of a name the last value holds.
type object struct {
	names  []string
	values map[string]any
}

type decoder struct {
	*json.Decoder
	written string
	count   int
}

// value is a string, an *object, a []any or nil, as it is in a body within the bounds of one.
func (d *decoder) value(name string, depth int) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	if d.count++; d.count > 5000 || depth > 8 || len(name) > 1024 {
		return nil, errors.New("it is beyond the bounds")
	}
	switch token := token.(type) {
	case json.Delim:
		if depth == 8 {
			return nil, errors.New("it is too deep")
		}
		if token == '[' {
			return d.list(depth + 1)
		}
		return d.object(depth + 1)
	case string:
		return token, d.whole(token)
	case nil:
		return nil, nil
	default:
		return fmt.Sprint(token), nil
	}
}

func (d *decoder) list(depth int) (any, error) {
	list := []any{}
	for d.More() {
		item, err := d.value("", depth)
		if err != nil {
			return nil, err
		}
		if item != nil {
			list = append(list, item)
		}
	}
	_, err := d.Token()
	return list, err
}

func (d *decoder) object(depth int) (any, error) {
	o := &object{values: map[string]any{}}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		name, is := token.(string)
		if !is || d.whole(name) != nil {
			return nil, errors.New("it has a name that is none")
		}
		if !slices.Contains(o.names, name) {
			o.names = append(o.names, name)
		}
		if o.values[name], err = d.value(name, depth); err != nil {
			return nil, err
		}
	}
	_, err := d.Token()
	return o, err
}

// whole refuses a text of an escape that is half of a character, in whose place encoding/json puts another one.
func (d *decoder) whole(text string) error {
	count := strings.Count(d.written, "\uFFFD") + strings.Count(strings.ToLower(d.written), `\ufffd`)
	if strings.Count(text, "\uFFFD") > count {
		return errors.New("it has half a character")
	}
	return nil
}

func formOf(form []string, name string, value any) []string {
	switch v := value.(type) {
	case string:
		return append(form, url.QueryEscape(name)+"="+url.QueryEscape(v))
	case []any:
		for i, item := range v {
			form = formOf(form, fmt.Sprintf("%s[%d]", name, i), item)
		}
	case *object:
		for _, member := range v.names {
			part := member
			if name != "" {
				part = name + "[" + member + "]"
			}
			form = formOf(form, part, v.values[member])
		}
	}
	return form
}
