package callback

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// parameters are the values of a payload, each under the name that its place in the payload gives it.
type parameters struct {
	pairs []pair
	// lists says that a name with [] may come more than once, as forms write lists.
	lists bool
}

// pair is one escaped "name=value". An equals sign within name or value is escaped, so the first one parts them.
type pair struct {
	text   string
	equals int
}

func (p pair) name() string  { return p.text[:p.equals] }
func (p pair) value() string { return p.text[p.equals+1:] }

const (
	openBracket  = "%5B"
	closeBracket = "%5D"
	listBrackets = openBracket + closeBracket
)

// maxFlattened bounds the escaped pairs in bytes. The payload of the largest approval request that the service takes
// stays below it; a small hostile one (a long name before many values) does not.
const maxFlattened = 16 << 20

// appendCanonical appends the parameters as they are signed.
func (p *parameters) appendCanonical(dst []byte) ([]byte, error) {
	sorted := slices.Clone(p.pairs)
	slices.SortFunc(sorted, func(a, b pair) int { return strings.Compare(a.text, b.text) })
	for i, pair := range sorted {
		// Pairs of one name share the prefix "name=", so sorting has brought them together.
		if i > 0 && pair.name() == sorted[i-1].name() && !p.mayRepeat(pair.name()) {
			return nil, fmt.Errorf("%w: two values have the name %s", ErrMalformed, readable(pair.name()))
		}
		if i > 0 {
			dst = append(dst, '&')
		}
		dst = appendWithoutIndices(dst, pair.name())
		dst = append(dst, pair.text[pair.equals:]...)
	}
	return dst, nil
}

func (p *parameters) mayRepeat(name string) bool {
	return p.lists && strings.Contains(name, listBrackets)
}

// appendWithoutIndices appends the escaped name with every [0], [12], … turned into []. Values are left alone: in
// authy-java and authy-client they are too, and a digit of a value that is not signed could be forged.
func appendWithoutIndices(dst []byte, name string) []byte {
	for {
		open := strings.Index(name, openBracket)
		if open < 0 {
			return append(dst, name...)
		}
		inside := open + len(openBracket)
		end := inside
		for end < len(name) && name[end] >= '0' && name[end] <= '9' {
			end++
		}
		dst = append(dst, name[:inside]...)
		if !strings.HasPrefix(name[end:], closeBracket) {
			end = inside
		}
		name = name[end:]
	}
}

// query is the parameters as a GET carries them: in the order of the payload, with the indices of lists, so that they
// make the same tree again wherever they are read.
func (p *parameters) query() string {
	texts := make([]string, len(p.pairs))
	for i, pair := range p.pairs {
		texts[i] = pair.text
	}
	return strings.Join(texts, "&")
}

// get returns the value at a place of the payload.
func (p *parameters) get(path ...string) (string, bool) {
	name := string(appendName(nil, path...))
	for _, pair := range p.pairs {
		if pair.name() == name {
			return unescaped(pair.value()), true
		}
	}
	return "", false
}

// under returns the values of an object in the payload.
func (p *parameters) under(path ...string) map[string]string {
	values := map[string]string{}
	prefix := string(appendName(nil, path...)) + openBracket
	for _, pair := range p.pairs {
		name, inside := strings.CutPrefix(pair.name(), prefix)
		if !inside {
			continue
		}
		if name, closed := strings.CutSuffix(name, closeBracket); closed {
			values[unescaped(name)] = unescaped(pair.value())
		}
	}
	return values
}

// appendName appends a path in its escaped form: the first step as it is, the others in brackets.
func appendName(dst []byte, path ...string) []byte {
	for i, step := range path {
		if i == 0 {
			dst = appendEscaped(dst, step)
			continue
		}
		dst = append(dst, openBracket...)
		dst = appendEscaped(dst, step)
		dst = append(dst, closeBracket...)
	}
	return dst
}

// appendEscaped appends text as [url.QueryEscape] writes it.
func appendEscaped[T string | []byte](dst []byte, text T) []byte {
	const digits = "0123456789ABCDEF"
	for i := range len(text) {
		switch c := text[i]; {
		case unreserved(c):
			dst = append(dst, c)
		case c == ' ':
			dst = append(dst, '+')
		default:
			dst = append(dst, '%', digits[c>>4], digits[c&15])
		}
	}
	return dst
}

// unreserved are the bytes that stand for themselves; see RFC 3986, section 2.3.
func unreserved(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
		c == '-' || c == '_' || c == '.' || c == '~'
}

// unescaped undoes appendEscaped.
func unescaped(text string) string {
	plain, err := url.QueryUnescape(text)
	if err != nil {
		return text // not reached: everything in a pair was escaped by appendEscaped
	}
	return plain
}

// readable is a name for an error: one line, and no longer than a name has to be.
func readable(name string) string {
	const most = 100
	name = unescaped(name)
	if len(name) > most {
		name = name[:most] + "…"
	}
	return fmt.Sprintf("%q", name)
}
