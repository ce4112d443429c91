package parameters

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"unicode/utf16"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// json reads a JSON object. Of a repeated name the last value holds. An empty list is what PHP makes of no
// parameters.
func (r *reader) json(body []byte) (*node, error) {
	body = withoutBOM(body)
	if err := checkUTF8(body); err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	root, err := r.jsonValue(decoder, "", 0)
	if err == nil {
		err = nothingFollows(decoder)
	}
	if err != nil {
		return nil, jsonError(body, err)
	}
	if at := loneSurrogate(body); at >= 0 {
		return nil, wrongRequest("the body is not valid JSON: the escape at byte %d is half of a character", at+1)
	}
	switch {
	case root.blank() || root.kind == isList && len(root.items) == 0:
		return &node{kind: isObject}, nil
	case root.kind != isObject:
		return nil, wrongRequest(`the body must be a JSON object, such as {"message":"Log in?"}`)
	}
	return root, nil
}

func nothingFollows(decoder *json.Decoder) error {
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the value")
	}
	return nil
}

// jsonError says where the body breaks. The decoder's own positions are off by the space it skips.
func jsonError(body []byte, err error) error {
	var refusal *onetouch.Error
	if errors.As(err, &refusal) {
		return refusal
	}
	at := int64(len(body))
	var syntax *json.SyntaxError
	if errors.As(json.Unmarshal(body, new(json.RawMessage)), &syntax) {
		at = syntax.Offset
	}
	return wrongRequest("the body is not valid JSON: it breaks at byte %d", at)
}

// jsonValue reads one value; nil for null.
func (r *reader) jsonValue(decoder *json.Decoder, name string, depth int) (*node, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	if err := r.took(name); err != nil {
		return nil, err
	}
	switch t := token.(type) {
	case json.Delim:
		if depth >= maxDepth {
			return nil, tooDeep()
		}
		if t == '[' {
			return r.jsonList(decoder, depth+1)
		}
		return r.jsonObject(decoder, depth+1)
	case string:
		return &node{kind: isText, text: t}, nil
	case json.Number:
		return &node{kind: isText, text: t.String()}, nil
	case bool:
		return &node{kind: isText, text: strconv.FormatBool(t)}, nil
	default:
		return nil, nil
	}
}

func (r *reader) jsonObject(decoder *json.Decoder, depth int) (*node, error) {
	object := &node{kind: isObject}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		name, _ := token.(string) // the decoder lets nothing else be a name
		value, err := r.jsonValue(decoder, name, depth)
		if err != nil {
			return nil, err
		}
		object.set(name, value)
	}
	_, err := decoder.Token()
	object.dropNulls()
	return object, err
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

func (r *reader) jsonList(decoder *json.Decoder, depth int) (*node, error) {
	list := &node{kind: isList}
	for decoder.More() {
		item, err := r.jsonValue(decoder, "", depth)
		if err != nil {
			return nil, err
		}
		if item != nil {
			list.items = append(list.items, item)
		}
	}
	_, err := decoder.Token()
	return list, err
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
