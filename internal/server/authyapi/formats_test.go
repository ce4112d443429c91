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
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/onetouchkit/onetouch/internal/server/authyapi"
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

// asked is one call that is refused; its path has %s for the format.
type asked struct {
	method, path string
	parameters   url.Values
}

// refusedCalls are refusals of every shape.
func (s *service) refusedCalls(t *testing.T) []asked {
	t.Helper()
	id := s.addUser(t)
	return []asked{
		{"POST", "/protected/%s/users/new", userOf("z", "", "x")},
		{"POST", "/protected/%s/users/new", url.Values{"user": {"x"}}},
		{"GET", "/protected/%s/users/tony/status", nil},
		{"POST", "/protected/%s/sdk/registrations", nil},
		{"POST", fmt.Sprintf("/onetouch/%%s/users/%d/approval_requests", id), nil},
		{"GET", "/onetouch/%s/approval_requests/none", nil},
		{"DELETE", "/protected/%s/sdk/devices/1", nil},
		{"GET", "/protected/%s/users/new", nil},
		{"GET", "/protected/%s", nil},
	}
}

// sameFacts checks that an answer in XML says what the one in JSON says, and returns that.
func sameFacts(t *testing.T, inJSON, inXML answer) map[string]any {
	t.Helper()
	var want map[string]any
	host := regexp.MustCompile(`http://127\.0\.0\.1:\d+/qr`) // each format has a server of its own
	inJSON.body, inXML.body = host.ReplaceAllString(inJSON.body, "/qr"), host.ReplaceAllString(inXML.body, "/qr")
	body := regexp.MustCompile(`(/protected|/onetouch|/dashboard)/json`).ReplaceAllString(inJSON.body, "$1/xml")
	body = strings.ReplaceAll(body, `\u0000`, `\ufffd`) // which XML cannot carry
	must(t, json.Unmarshal([]byte(body), &want))
	if got := fromXML(t, inXML.body); inJSON.status != inXML.status || !reflect.DeepEqual(got, any(want)) {
		t.Errorf("%d in JSON: %v\n%d in XML:  %v", inJSON.status, want, inXML.status, got)
	}
	root := map[bool]string{true: "<hash>", false: "<errors>"}[inJSON.status == 200]
	if !strings.HasPrefix(inXML.body, xmlProlog+root) {
		t.Errorf("got %s", inXML)
	}
	return want
}

// Both formats carry the same facts, call by call.
func TestFormatsAgree(t *testing.T) {
	t.Parallel()
	inJSON, inXML := newSeededService(t), newSeededService(t)
	eachEndpoint(t, func(t *testing.T, e authyapi.Endpoint) {
		x, same := inJSON.example(t, e), inXML.example(t, e)
		if !reflect.DeepEqual(x.values, same.values) {
			t.Fatalf("the two services differ:\n%v\n%v", x, same)
		}
		facts := sameFacts(t, inJSON.send(t, x, "json"), inXML.send(t, same, "xml"))
		if facts["success"] != true && facts["success"] != "true" {
			t.Errorf("got %v", facts)
		}
	})
}

func TestFormatsOfRefusalsAgree(t *testing.T) {
	t.Parallel()
	s := newService(t)
	for _, c := range s.refusedCalls(t) {
		j := s.call(t, c.method, fmt.Sprintf(c.path, "json"), formType, c.parameters.Encode())
		x := s.call(t, c.method, fmt.Sprintf(c.path, "xml"), formType, c.parameters.Encode())
		if facts := sameFacts(t, j, x); j.status == 200 || facts["success"] != false {
			t.Errorf("%s %s: got %s", c.method, c.path, j)
		}
	}
}
