package callback

import (
	"bytes"
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrMalformed}, args...)...)
}

// parameterChoices returns the parameters as the rules write them, and other ways to write them. The error says that the
// rules cannot; there may be other ways nevertheless.
func parameterChoices(r Received) (right string, others []choice, err error) {
	add := func(kind MistakeKind, text, parameters string) {
		others = append(others, choice{Mistake{kind, text}, func(d *draft) { d.parameters = parameters }})
	}
	p, err := r.parameters()
	var canonical []byte
	if err == nil {
		canonical, err = p.appendCanonical(nil)
	}
	if err == nil {
		for _, other := range otherPayloads(r) {
			add(MistakeBody, other.text, other.parameters)
		}
		for _, other := range otherWritings(p) {
			add(other.kind, other.text, other.write(p))
		}
	}
	for _, other := range otherReadings(r) {
		add(other.kind, other.text, other.parameters)
	}
	if err == nil {
		for _, other := range wholeNumbers(p) {
			add(other.kind, other.text, other.write(p))
		}
	}
	return string(canonical), others, err
}

func (r Received) parameters() (*parameters, error) {
	if r.Method == http.MethodGet {
		return readQuery(r.query())
	}
	return flatten(r.Payload)
}

// writing is a way to write parameters that is not the rules'.
type writing struct {
	kind  MistakeKind
	text  string
	write func(*parameters) string
}

func otherWritings(p *parameters) []writing {
	order := func(text string, compare func(a, b pair) int) writing {
		return writing{MistakeOrder, text, func(p *parameters) string {
			sorted := slices.Clone(p.pairs)
			if compare != nil {
				slices.SortStableFunc(sorted, compare)
			}
			return joined(sorted, func(pair pair) string { return string(appendWithoutIndices(nil, pair.name())) + "=" + pair.value() })
		}}
	}
	escape := func(text string, again func(string) string) writing {
		return writing{MistakeEscaping, text, func(p *parameters) string {
			return joined(byByte(p), func(pair pair) string {
				return again(string(appendWithoutIndices(nil, pair.name()))) + "=" + again(pair.value())
			})
		}}
	}
	writings := []writing{
		order("sorted by the names before they are escaped, as authy-java does", func(a, b pair) int {
			return strings.Compare(unescaped(a.name()), unescaped(b.name()))
		}),
		order("sorted without regard to capitals, as authy-client does", func(a, b pair) int {
			return cmp.Or(strings.Compare(strings.ToLower(a.text), strings.ToLower(b.text)), -strings.Compare(a.text, b.text))
		}),
		order("sorted by the names alone, after their indices are gone", func(a, b pair) int {
			return bytes.Compare(appendWithoutIndices(nil, a.name()), appendWithoutIndices(nil, b.name()))
		}),
		order("not sorted", nil),
		{MistakeEscaping, "the indices of lists stay: [0] must become []", func(p *parameters) string {
			return joined(byByte(p), func(pair pair) string { return pair.text })
		}},
		escape("blanks are written %20: they must be +", func(text string) string { return strings.ReplaceAll(text, "+", "%20") }),
		escape("* and ~ are written as Java does: they must be %2A and ~", func(text string) string {
			return strings.NewReplacer("%2A", "*", "~", "%7E").Replace(text)
		}),
		escape("written as encodeURIComponent does: blanks must be + and !'()* escaped", func(text string) string {
			return strings.NewReplacer("+", "%20", "%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*").Replace(text)
		}),
		escape("escapes are in small letters", lowerEscapes),
		escape("nothing is escaped", unescaped),
		{MistakeEscaping, "empty values are left out: null must be written as an empty value", func(p *parameters) string {
			pairs := slices.DeleteFunc(byByte(p), func(pair pair) bool { return pair.value() == "" })
			return joined(pairs, func(pair pair) string { return string(appendWithoutIndices(nil, pair.name())) + "=" + pair.value() })
		}},
	}
	writings = append(writings, otherStatus(topStatus), otherStatus(topStatus, innerStatus))
	return append(writings, withoutMembers(p)...)
}

// The escaped names of the members that say how a request was answered.
const (
	topStatus   = "status"
	innerStatus = "approval_request%5Btransaction%5D%5Bstatus%5D"
)

// otherStatus is a payload in which somebody has changed the answer.
func otherStatus(names ...string) writing {
	others := map[string]string{"approved": "denied", "denied": "approved"}
	const text = "the status was changed: signed was the other one of approved and denied"
	return writing{MistakeBody, text, func(p *parameters) string {
		return joined(byByte(p), func(pair pair) string {
			value := pair.value()
			if other, known := others[value]; known && slices.Contains(names, pair.name()) {
				value = other
			}
			return string(appendWithoutIndices(nil, pair.name())) + "=" + value
		})
	}}
}

// withoutMembers leave out one member of the payload, or those that Rails adds to its parameters.
func withoutMembers(p *parameters) []writing {
	without := func(text string, names ...string) writing {
		return writing{MistakeBody, text, func(p *parameters) string {
			pairs := slices.DeleteFunc(byByte(p), func(pair pair) bool { return slices.Contains(names, topName(pair)) })
			return joined(pairs, func(pair pair) string { return string(appendWithoutIndices(nil, pair.name())) + "=" + pair.value() })
		}}
	}
	writings := []writing{without("the payload has controller and action, which Rails adds", "controller", "action")}
	var seen []string
	const most = 32
	for _, pair := range p.pairs {
		if name := topName(pair); !slices.Contains(seen, name) && len(seen) < most {
			seen = append(seen, name)
			writings = append(writings, without("the payload has "+readable(name)+", which was not signed", name))
		}
	}
	return writings
}

// topName is the escaped name of the member of the payload in which a value stands.
func topName(p pair) string {
	name, _, _ := strings.Cut(p.name(), openBracket)
	return name
}

func byByte(p *parameters) []pair {
	sorted := slices.Clone(p.pairs)
	slices.SortFunc(sorted, func(a, b pair) int { return strings.Compare(a.text, b.text) })
	return sorted
}

func joined(pairs []pair, write func(pair) string) string {
	texts := make([]string, len(pairs))
	for i, pair := range pairs {
		texts[i] = write(pair)
	}
	return strings.Join(texts, "&")
}

// lowerEscapes writes %2F as %2f.
func lowerEscapes(text string) string {
	lower := []byte(text)
	for i := 0; i+2 < len(lower); i++ {
		if lower[i] == '%' {
			copy(lower[i+1:i+3], bytes.ToLower(lower[i+1:i+3]))
		}
	}
	return string(lower)
}

// reading is a payload that is taken for something else.
type reading struct {
	kind       MistakeKind
	text       string
	parameters string
}

func otherReadings(r Received) []reading {
	text := string(r.Payload)
	readings := []reading{
		{MistakeBody, "signed with the body as it is: its values must be flattened and sorted", text},
		{MistakeBody, "signed without the payload: was it read before, or as another content type?", ""},
	}
	add := func(kind MistakeKind, text string, p *parameters, err error) {
		if err != nil {
			return
		}
		if canonical, err := p.appendCanonical(nil); err == nil {
			readings = append(readings, reading{kind, text, string(canonical)})
		}
	}
	if r.Method == http.MethodGet {
		p, err := flatten(r.Payload)
		add(MistakeBody, "the payload is JSON: a GET carries it in its query", p, err)
		return readings
	}
	p, err := readQuery(text)
	add(MistakeBody, "the body is a form: it must be JSON", p, err)
	if u, err := url.Parse(r.URL); err == nil && u.RawQuery != "" {
		p, err := flatten(r.Payload)
		query, wrong := readQuery(u.RawQuery)
		if err == nil && wrong == nil {
			p.pairs, p.lists = append(p.pairs, query.pairs...), true
		}
		add(MistakeQuery, "the query of the URL was signed with the body", p, cmp.Or(err, wrong))
	}
	return readings
}
