package authyapi_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// fromXML reads a document of Rails' shape into what encoding/json makes of the same facts.
func fromXML(t *testing.T, document string) any {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(document))
	for {
		token, err := decoder.Token()
		must(t, err)
		if start, isStart := token.(xml.StartElement); isStart {
			value := element(t, decoder, start)
			if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
				t.Fatalf("something follows the root of %s", document)
			}
			return value
		}
	}
}

func attributes(start xml.StartElement) map[string]string {
	all := map[string]string{}
	for _, a := range start.Attr {
		all[a.Name.Local] = a.Value
	}
	return all
}

func element(t *testing.T, decoder *xml.Decoder, start xml.StartElement) any {
	t.Helper()
	var text strings.Builder
	members, items := map[string]any{}, []any{}
	for {
		token, err := decoder.Token()
		must(t, err)
		switch token := token.(type) {
		case xml.CharData:
			text.Write(token)
		case xml.StartElement:
			value := element(t, decoder, token)
			name, given := attributes(token)["name"]
			if !given {
				name = strings.ReplaceAll(token.Name.Local, "-", "_")
			}
			members[name] = value
			items = append(items, value)
		case xml.EndElement:
			return valueOf(t, start, text.String(), members, items)
		}
	}
}

func valueOf(t *testing.T, start xml.StartElement, text string, members map[string]any, items []any) any {
	t.Helper()
	facts := attributes(start)
	switch {
	case facts["nil"] == "true":
		return nil
	case facts["type"] == "array":
		return items
	case facts["type"] == "boolean":
		return text == "true"
	case facts["type"] == "integer":
		n, err := strconv.ParseFloat(text, 64)
		must(t, err)
		return n
	case len(members) > 0 || start.Name.Local == "errors": // recorded empty in 60049
		return members
	default:
		return text
	}
}

// seeded repeats itself: two services that draw from it and are asked the same give the same answers.
type seeded struct {
	mu     sync.Mutex
	source *rand.ChaCha8
}

func (s *seeded) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.source.Read(p)
}

// asked is one call; its path has %s for the format.
type asked struct {
	method, path string
	parameters   url.Values
	success      bool
}

// everyCall lists calls and refusals, in an order in which each finds what it needs.
func (s *service) everyCall(t *testing.T) []asked {
	t.Helper()
	id := s.addUser(t)
	var gone []int64
	for i := range 3 {
		user, err := s.AddUser(t.Context(), s.app.ID, onetouch.NewUser{Email: "a@b.co", Cellphone: decimal(3055550100 + int64(i))})
		must(t, err)
		gone = append(gone, user.AuthyID)
	}
	first, second := s.addPhone(t, id, "android"), s.addPhone(t, id, "ipad")
	pending, answered := s.ask(t, id, transfer()), s.ask(t, id, transfer())
	s.answer(t, first, answered, onetouch.StatusApproved)
	with := func(path string, id int64) string { return fmt.Sprintf(path, "%s", id) }
	return []asked{
		{"POST", "/protected/%s/users/new", userOf("z@example.com", "305-555-0000", "1"), true},
		{"POST", "/protected/%s/users/new", userOf("z", "", "x"), false},
		{"POST", "/protected/%s/users/new", url.Values{"user": {"x"}}, false},
		{"GET", with("/protected/%s/users/%d/status", id), nil, true},
		{"GET", with("/protected/%s/users/%d/status", gone[0]), nil, true},
		{"GET", "/protected/%s/users/tony/status", nil, false},
		{"POST", "/protected/%s/sdk/registrations", url.Values{"authy_id": {decimal(id)}}, true},
		{"POST", "/protected/%s/sdk/registrations", nil, false},
		{"POST", with("/onetouch/%s/users/%d/approval_requests", id), url.Values{"message": {"m"}}, true},
		{"POST", with("/onetouch/%s/users/%d/approval_requests", id), nil, false},
		{"GET", "/onetouch/%s/approval_requests/" + pending.UUID, nil, true},
		{"GET", "/onetouch/%s/approval_requests/" + answered.UUID, nil, true},
		{"GET", "/onetouch/%s/approval_requests/none", nil, false},
		{"DELETE", with("/protected/%s/sdk/devices/%d", second.ID), nil, true},
		{"DELETE", with("/protected/%s/sdk/devices/%d", second.ID), nil, false},
		{"POST", with("/protected/%s/users/%d/delete", gone[0]), nil, true},
		{"POST", with("/protected/%s/users/%d/remove", gone[1]), nil, true},
		{"POST", with("/protected/%s/users/delete/%d", gone[2]), nil, true},
		{"GET", "/protected/%s/users/new", nil, false},
		{"GET", "/protected/%s", nil, false},
	}
}

// Both formats carry the same facts, call by call and refusal by refusal.
func TestFormatsAgree(t *testing.T) {
	t.Parallel()
	inJSON, inXML := newSeededService(t), newSeededService(t)
	calls := inJSON.everyCall(t)
	if same := inXML.everyCall(t); !reflect.DeepEqual(calls, same) {
		t.Fatalf("the two services differ:\n%v\n%v", calls, same)
	}
	for _, c := range calls {
		j := inJSON.call(t, c.method, fmt.Sprintf(c.path, "json"), formType, c.parameters.Encode())
		x := inXML.call(t, c.method, fmt.Sprintf(c.path, "xml"), formType, c.parameters.Encode())
		if j.status != x.status || (j.status == 200) != c.success {
			t.Errorf("%s %s: %d and %d", c.method, c.path, j.status, x.status)
		}
		var want map[string]any
		must(t, json.Unmarshal([]byte(strings.ReplaceAll(j.body, "/json", "/xml")), &want))
		if got := fromXML(t, x.body); !reflect.DeepEqual(got, any(want)) {
			t.Errorf("%s %s:\nJSON %v\nXML  %v", c.method, c.path, want, got)
		}
		root := map[bool]string{true: "<hash>", false: "<errors>"}[c.success]
		if !strings.HasPrefix(x.body, xmlProlog+root) || want["success"] != c.success {
			t.Errorf("%s %s: got %s and %s", c.method, c.path, j, x)
		}
	}
}
