package parameters

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"unicode/utf16"
)

// json reads a JSON object. Of a repeated name the last value holds. An empty list is what PHP makes of no
// parameters.
func (r *reader) json(body []byte) (*node, error) {
	body = withoutBOM(body)
	if err := checkUTF8(body); err != nil {
		return nil, err
	}
	if !json.Valid(body) {
		return nil, jsonError(body)
	}
	if at := loneSurrogate(body); at >= 0 {
		return nil, wrongRequest("the body is not valid JSON: the escape at byte %d is half of a character", at+1)
	}
	root, err := r.jsonValue(&jsonText{rest: string(body)}, "", 0)
	switch {
	case err != nil:
		return nil, err
	case root.blank() || root.kind == isList && len(root.items) == 0:
		return &node{kind: isObject}, nil
	case root.kind != isObject:
		return nil, wrongRequest(`the body must be a JSON object, such as {"message":"Log in?"}`)
	}
	return root, nil
}

// jsonError says where the body breaks, unless it was nested too deep before that.
func jsonError(body []byte) error {
	at := int64(len(body))
	var syntax *json.SyntaxError
	if errors.As(json.Unmarshal(body, new(json.RawMessage)), &syntax) {
		at = syntax.Offset
	}
	if jsonDepth(body[:at]) > maxDepth {
		return tooDeep()
	}
	return wrongRequest("the body is not valid JSON: it breaks at byte %d", at)
}

// jsonDepth is how deep values are nested in the beginning of a JSON text.
func jsonDepth(text []byte) (deepest int) {
	depth, inText := 0, false
	for at := 0; at < len(text); at++ {
		switch char := text[at]; {
		case char == '"':
			inText = !inText
		case inText && char == '\\':
			at++
		case inText:
		case char == '{' || char == '[':
			depth++
			deepest = max(deepest, depth)
		case char == '}' || char == ']':
			depth--
		}
	}
	return deepest
}

// jsonText is the rest of a text that is valid JSON. What is read from it are parts of that text, where nothing is escaped: a
// body has many small ones.
type jsonText struct{ rest string }

// jsonSpace is what may stand between any two tokens.
const jsonSpace = " \t\r\n"

// next is the first byte of the next token.
func (t *jsonText) next() byte {
	at := 0
	for strings.IndexByte(jsonSpace, t.rest[at]) >= 0 {
		at++
	}
	t.rest = t.rest[at:]
	return t.rest[0]
}

// skip reports whether the next token is the one byte, and goes past it then.
func (t *jsonText) skip(token byte) bool {
	is := t.next() == token
	if is {
		t.rest = t.rest[1:]
	}
	return is
}

// take goes past so many bytes, and returns them.
func (t *jsonText) take(length int) string {
	taken := t.rest[:length]
	t.rest = t.rest[length:]
	return taken
}

// word is a number, true, false or null.
func (t *jsonText) word() string {
	if end := strings.IndexAny(t.rest, ",]}"+jsonSpace); end >= 0 {
		return t.take(end)
	}
	return t.take(len(t.rest))
}

// text is what a text says whose quote comes next.
func (t *jsonText) text() (string, error) {
	t.skip('"')
	end := strings.IndexByte(t.rest, '"')
	if said := t.rest[:end]; strings.IndexByte(said, '\\') < 0 {
		t.take(end + 1)
		return said, nil
	}
	for end = 0; t.rest[end] != '"'; end++ {
		if t.rest[end] == '\\' {
			end++
		}
	}
	var said string
	err := json.Unmarshal([]byte(`"`+t.take(end+1)), &said)
	return said, err
}

// jsonValue reads one value; nil for null.
func (r *reader) jsonValue(text *jsonText, name string, depth int) (*node, error) {
	if err := r.took(name); err != nil {
		return nil, err
	}
	switch text.next() {
	case '{', '[':
		if depth >= maxDepth {
			return nil, tooDeep()
		}
		if text.skip('[') {
			return r.jsonList(text, depth+1)
		}
		return r.jsonObject(text, depth+1)
	case '"':
		said, err := text.text()
		return &node{kind: isText, text: said}, err
	}
	word := text.word()
	if word == nullText {
		return nil, nil
	}
	return &node{kind: isText, text: word}, nil
}

func (r *reader) jsonObject(text *jsonText, depth int) (*node, error) {
	text.skip('{')
	object := &node{kind: isObject}
	for !text.skip('}') {
		text.skip(',')
		text.next()
		name, err := text.text()
		if err != nil {
			return nil, err
		}
		text.skip(':')
		value, err := r.jsonValue(text, name, depth)
		if err != nil {
			return nil, err
		}
		object.set(name, value)
	}
	object.dropNulls()
	return object, nil
}

// dropNulls takes the members out that are null: they are absent.
func (n *node) dropNulls() {
	kept := n.members[:0]
	for _, m := range n.members {
		if m.value != nil {
			kept = append(kept, m)
		}
	}
	n.members, n.index = kept, nil
}

func (r *reader) jsonList(text *jsonText, depth int) (*node, error) {
	list := &node{kind: isList}
	for !text.skip(']') {
		text.skip(',')
		item, err := r.jsonValue(text, "", depth)
		if err != nil {
			return nil, err
		}
		if item != nil {
			list.items = append(list.items, item)
		}
	}
	return list, nil
}

// loneSurrogate finds an escape such as \ud83d without its other half in valid JSON; -1 when there is none.
func loneSurrogate(body []byte) int {
	for at := 0; ; {
		next := bytes.IndexByte(body[at:], '\\')
		if next < 0 {
			return -1
		}
		at += next
		first := escapedUnit(body[at:])
		switch {
		case first < 0: // an escape of one character
			at += 2
		case !utf16.IsSurrogate(first):
			at += 6
		case utf16.DecodeRune(first, escapedUnit(body[at+6:])) == '\uFFFD':
			return at
		default:
			at += 12
		}
	}
}

// escapedUnit is the UTF-16 code unit of an escape at the beginning of the text; -1 when there is none.
func escapedUnit(text []byte) rune {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return -1
	}
	unit, err := strconv.ParseUint(string(text[2:6]), 16, 16)
	if err != nil {
		return -1
	}
	return rune(unit)
}
