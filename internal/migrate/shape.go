package migrate

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/authyapi"
	"github.com/onetouchkit/onetouch/internal/server/authyapi/parameters"
	"github.com/onetouchkit/onetouch/internal/server/wire"
	"github.com/onetouchkit/onetouch/pkg/details"
	"github.com/onetouchkit/onetouch/pkg/verify"
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

// createApprovalRequest is the call whose values matter: Verify takes less than the Authy API did.
const createApprovalRequest = "POST /onetouch/{format}/users/{id}/approval_requests"

// questions is what approval requests had that Verify does not take.
type questions struct {
	withoutExpiry, never, tooLong, longMessage, manyFields, longLabel, longValue, longHidden, logos int
}

func (q *questions) add(given *parameters.Parameters) {
	count := func(counter *int, is bool) {
		if is {
			*counter++
		}
	}
	message, _, _ := given.String("message")
	shown, _, _ := given.Details("details")
	hidden, _, _ := given.Details("hidden_details")
	logos, _, _ := given.List("logos")
	seconds, expires, _ := given.Integer("seconds_to_expire")
	count(&q.withoutExpiry, !expires)
	count(&q.never, expires && seconds == 0)
	count(&q.tooLong, expires && seconds > int64(verify.MaxExpiry.Seconds()))
	count(&q.longMessage, utf8.RuneCountInString(message) > verify.MaxMessage)
	count(&q.manyFields, len(shown) > verify.MaxFields)
	count(&q.longLabel, longest(shown, func(d details.Detail) string { return d.Name }) > verify.MaxLabel)
	count(&q.longValue, longest(shown, func(d details.Detail) string { return d.Value }) > verify.MaxValue)
	object, err := json.Marshal(hidden)
	count(&q.longHidden, err == nil && utf8.RuneCount(object) > verify.MaxHiddenDetails)
	count(&q.logos, len(logos) > 0)
}

func longest(list details.List, text func(details.Detail) string) int {
	most := 0
	for _, d := range list {
		most = max(most, utf8.RuneCountInString(text(d)))
	}
	return most
}

func (q *questions) findings() []string {
	list := []string{}
	for _, one := range []struct {
		times int
		text  string
	}{
		{q.withoutExpiry, fmt.Sprintf("no seconds_to_expire: %d hours until now, 5 minutes with Verify unless ExpirationDate is sent",
			onetouch.DefaultSecondsToExpire/3600)},
		{q.never, "seconds_to_expire=0, never: an hour is the longest"},
		{q.tooLong, "seconds_to_expire above 3600: an hour is the longest"},
		{q.longMessage, fmt.Sprintf("a message of more than %d characters: refused", verify.MaxMessage)},
		{q.manyFields, fmt.Sprintf("more than %d details: refused", verify.MaxFields)},
		{q.longLabel, fmt.Sprintf("a detail whose name has more than %d characters: refused", verify.MaxLabel)},
		{q.longValue, fmt.Sprintf("a detail whose value has more than %d characters: refused", verify.MaxValue)},
		{q.longHidden, fmt.Sprintf("hidden_details of more than %d characters of JSON: refused", verify.MaxHiddenDetails)},
		{q.logos, "logos: the app shows its own"},
	} {
		if one.times > 0 {
			list = append(list, counted(one.times, "call", "calls")+" with "+one.text)
		}
	}
	return list
}
