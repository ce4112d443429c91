package migrate

import (
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/onetouchkit/onetouch/internal/server/authyapi"
	"github.com/onetouchkit/onetouch/internal/server/authyapi/parameters"
	"github.com/onetouchkit/onetouch/internal/server/wire"
)

// Parameter is a parameter that was seen, without its values.
type Parameter struct {
	Name    string `json:"name"`
	Times   int    `json:"times"`
	Shape   string `json:"shape"`   // such as "text of up to 12 characters"
	Becomes string `json:"becomes"` // "": it has no counterpart
}

// shape is what the values of one parameter look like.
type shape struct {
	kind        authyapi.Kind
	times       int
	least, most int64 // of a number: its value; of a text its characters; of a list its entries
}

func (s *shape) add(size int64) {
	if s.times == 0 || size < s.least {
		s.least = size
	}
	s.most = max(s.most, size)
	s.times++
}

func (s *shape) String() string {
	switch s.kind {
	case authyapi.Text:
		return "text of up to " + counted(int(s.most), "character", "characters")
	case authyapi.Integer:
		if s.least == s.most {
			return fmt.Sprintf("number %d", s.most)
		}
		return fmt.Sprintf("number from %d to %d", s.least, s.most)
	case authyapi.Bool:
		return "true or false"
	case authyapi.Names:
		return "up to " + counted(int(s.most), "name with a value", "names with values")
	default:
		return "list of up to " + counted(int(s.most), "entry", "entries")
	}
}

func parameterOf(name string, s *shape, becomes string) Parameter {
	return Parameter{Name: name, Times: s.times, Shape: s.String(), Becomes: becomes}
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// read looks at the parameters of a call, and reports whether it could.
func (o *observed) read(r *http.Request) bool {
	given, err := parameters.Read(r, wire.MaxBody)
	if err != nil {
		return false
	}
	for _, p := range o.endpoint.Parameters {
		size, there := sizeOf(given, p)
		if !there {
			continue
		}
		if o.shapes[p.Name] == nil {
			o.shapes[p.Name] = &shape{kind: p.Kind}
		}
		o.shapes[p.Name].add(size)
	}
	if o.question != nil {
		o.question.add(given)
	}
	return true
}

// sizeOf measures the value of a parameter; what cannot be read is not there.
func sizeOf(given *parameters.Parameters, p authyapi.Parameter) (size int64, there bool) {
	path := strings.FieldsFunc(p.Name, func(char rune) bool { return char == '[' || char == ']' })
	switch p.Kind {
	case authyapi.Integer:
		number, there, err := given.Integer(path...)
		return number, there && err == nil
	case authyapi.Names:
		list, there, err := given.Details(p.Name)
		return int64(len(list)), there && err == nil
	case authyapi.Texts, authyapi.Objects:
		list, there, err := given.List(p.Name)
		return int64(len(list)), there && err == nil
	default:
		text, there, err := given.String(path...)
		return int64(utf8.RuneCountInString(text)), there && err == nil && text != ""
	}
}

// Calls whose values matter: Verify takes less than the Authy API did, and what a poll was answered is how a request ended.
const (
	createApprovalRequest = "POST /onetouch/{format}/users/{id}/approval_requests"
	pollApprovalRequest   = "GET /onetouch/{format}/approval_requests/{uuid}"
	askUserStatus         = "GET /protected/{format}/users/{id}/status"
)

// questions counts approval requests by what Verify does not take of them, or takes otherwise.
type questions map[string]int // by name of a rule

func (q questions) add(given *parameters.Parameters) {
	asked, _ := askOf(given) // as far as it can be read
	for _, r := range questionRules() {
		if r.holds(asked) {
			q[r.name]++
		}
	}
}

func (q questions) findings() []string {
	list := []string{}
	for _, r := range questionRules() {
		if q[r.name] > 0 {
			list = append(list, counted(q[r.name], "call", "calls")+" with "+r.says)
		}
	}
	return list
}
