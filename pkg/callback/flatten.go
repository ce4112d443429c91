package callback

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth bounds how deep objects and lists stand in each other; a callback needs four levels.
const maxDepth = 32

// flatten reads a JSON object. Numbers stay as they are written. Text that two readers could take for different things
// is refused: names that come twice, bytes that are no UTF-8, halves of surrogate pairs.
func flatten(payload []byte) (*parameters, error) {
	if err := checkJSON(payload); err != nil {
		return nil, err
	}
	const usual = 64 // values and names of a callback
	f := &flattener{
		json: payload, text: make([]byte, 0, 3*len(payload)), ends: make([]bounds, 0, usual),
		names: memberNames{names: make([][]byte, 0, usual)},
	}
	if f.next() != '{' {
		return nil, fmt.Errorf("%w: the payload must be a JSON object", ErrMalformed)
	}
	if err := f.value(0); err != nil {
		return nil, err
	}
	return f.parameters(), nil
}

// checkJSON makes sure of the syntax, so that the flattener need not.
func checkJSON(payload []byte) error {
	if !utf8.Valid(payload) {
		return fmt.Errorf("%w: the payload is not valid UTF-8", ErrMalformed)
	}
	if json.Valid(payload) {
		return nil
	}
	var syntax *json.SyntaxError
	if err := json.Unmarshal(payload, new(json.RawMessage)); errors.As(err, &syntax) {
		return fmt.Errorf("%w: the payload is not JSON: %w at byte %d", ErrMalformed, syntax, syntax.Offset)
	}
	return fmt.Errorf("%w: the payload is not JSON", ErrMalformed)
}

// flattener walks through JSON of sound syntax once.
type flattener struct {
	json  []byte
	at    int    // the byte to read next
	path  []byte // escaped name of the value that is read
	text  []byte // escaped pairs, one after another
	ends  []bounds
	names memberNames
	// decoded is the string that is read, if it has escapes.
	decoded []byte
}

// bounds say where a pair in the text parts and ends.
type bounds struct{ equals, end int }

// parameters cuts the text into its pairs.
func (f *flattener) parameters() *parameters {
	text := string(f.text)
	p := &parameters{pairs: make([]pair, len(f.ends))}
	start := 0
	for i, b := range f.ends {
		p.pairs[i] = pair{text: text[start:b.end], equals: b.equals - start}
		start = b.end
	}
	return p
}

// next skips white space and returns the byte after it.
func (f *flattener) next() byte {
	for {
		switch c := f.json[f.at]; c {
		case ' ', '\t', '\r', '\n':
			f.at++
		default:
			return c
		}
	}
}

func (f *flattener) value(depth int) error {
	switch f.next() {
	case '{':
		return f.object(depth + 1)
	case '[':
		return f.list(depth + 1)
	case '"':
		text, err := f.string()
		if err != nil {
			return err
		}
		return f.add(text)
	default:
		return f.add(f.literal())
	}
}

func (f *flattener) object(depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("%w: the payload is more than %d levels deep", ErrMalformed, maxDepth)
	}
	f.at++ // {
	path, names := len(f.path), f.names.open()
	for f.next() != '}' {
		if f.json[f.at] == ',' {
			f.at++
			f.next()
		}
		name, err := f.string()
		if err != nil {
			return err
		}
		f.path = f.enter(name, depth)
		if !names.add(name) {
			return fmt.Errorf("%w: the name %s comes twice", ErrMalformed, readable(string(f.path)))
		}
		f.next()
		f.at++ // :
		if err := f.value(depth); err != nil {
			return err
		}
		f.path = f.path[:path]
	}
	f.at++ // }
	names.close()
	return nil
}

// enter is the path of a member of the object that is read.
func (f *flattener) enter(name []byte, depth int) []byte {
	if depth == 1 {
		return appendEscaped(f.path, name)
	}
	path := appendEscaped(append(f.path, openBracket...), name)
	return append(path, closeBracket...)
}

func (f *flattener) list(depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("%w: the payload is more than %d levels deep", ErrMalformed, maxDepth)
	}
	f.at++ // [
	path := len(f.path)
	for i := 0; f.next() != ']'; i++ {
		if f.json[f.at] == ',' {
			f.at++
		}
		f.path = strconv.AppendInt(append(f.path, openBracket...), int64(i), 10)
		f.path = append(f.path, closeBracket...)
		if err := f.value(depth); err != nil {
			return err
		}
		f.path = f.path[:path]
	}
	f.at++ // ]
	return nil
}

// add ends the pair of the value that was read.
func (f *flattener) add(value []byte) error {
	f.text = append(f.text, f.path...)
	equals := len(f.text)
	f.text = appendEscaped(append(f.text, '='), value)
	if len(f.text) > maxFlattened {
		return fmt.Errorf("%w: its values with their names take more than %d MiB", ErrTooLarge, maxFlattened>>20)
	}
	f.ends = append(f.ends, bounds{equals: equals, end: len(f.text)})
	return nil
}

// literal reads a number, true or false as it is written; null is empty.
func (f *flattener) literal() []byte {
	text := f.json[f.at:]
	text = text[:bytes.IndexAny(text, ",]} \t\r\n")]
	f.at += len(text)
	if text[0] == 'n' {
		return nil
	}
	return text
}

// string reads a string.
func (f *flattener) string() ([]byte, error) {
	f.at++ // the opening quote
	start := f.at
	for f.json[f.at] != '"' && f.json[f.at] != '\\' {
		f.at++
	}
	if f.json[f.at] == '"' {
		f.at++
		return f.json[start : f.at-1], nil
	}
	f.decoded = bytes.Clone(f.json[start:f.at])
	for f.json[f.at] != '"' {
		if c := f.json[f.at]; c != '\\' {
			f.decoded = append(f.decoded, c)
			f.at++
		} else if err := f.escape(); err != nil {
			return nil, err
		}
	}
	f.at++ // the closing quote
	return f.decoded, nil
}

// escape reads one escape sequence.
func (f *flattener) escape() error {
	char := f.json[f.at+1]
	if char != 'u' {
		f.decoded = append(f.decoded, shortEscape(char))
		f.at += 2
		return nil
	}
	first := f.unit()
	if !utf16.IsSurrogate(first) {
		f.decoded = utf8.AppendRune(f.decoded, first)
		return nil
	}
	if f.json[f.at] == '\\' && f.json[f.at+1] == 'u' {
		if whole := utf16.DecodeRune(first, f.unit()); whole != utf8.RuneError {
			f.decoded = utf8.AppendRune(f.decoded, whole)
			return nil
		}
	}
	return fmt.Errorf("%w: \\u%04x is half of a character", ErrMalformed, first)
}

func shortEscape(char byte) byte {
	switch char {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	default: // ", \ and /
		return char
	}
}

// unit reads \uXXXX.
func (f *flattener) unit() rune {
	const length = len(`\u0000`)
	var unit rune
	for _, c := range f.json[f.at+2 : f.at+length] {
		unit = unit<<4 | rune(hexadecimal(c))
	}
	f.at += length
	return unit
}

func hexadecimal(c byte) byte {
	switch {
	case c >= 'a':
		return c - 'a' + 10
	case c >= 'A':
		return c - 'A' + 10
	default:
		return c - '0'
	}
}
