package device

import (
	"bytes"
	"encoding/json"
	"io"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// readPushJSON reads the body of a push as the device API reads bodies: no member twice, of which one reader would see the
// first and another the last, and no half of a surrogate pair, in whose place encoding/json would put what nobody wrote.
func readPushJSON(body []byte) (map[string]any, *pushRefusal) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	value, refused := readPushValue(decoder, "")
	if refused != nil {
		return nil, refused
	}
	whole, isObject := value.(map[string]any)
	if _, err := decoder.Token(); err != io.EOF || !isObject {
		return nil, noObject()
	}
	if hasHalfPair(body) {
		return nil, badPush("the body holds half of a surrogate pair")
	}
	return whole, nil
}

func noObject() *pushRefusal { return badPush("the body is not one JSON object") }

// readPushValue reads the next value, which stands at the given place.
func readPushValue(decoder *json.Decoder, place string) (any, *pushRefusal) {
	token, err := decoder.Token()
	if err != nil {
		return nil, noObject()
	}
	switch token {
	case json.Delim('{'):
		return readPushObject(decoder, place)
	case json.Delim('['):
		return readPushList(decoder, place)
	default:
		return token, nil
	}
}

func readPushObject(decoder *json.Decoder, place string) (any, *pushRefusal) {
	members := map[string]any{}
	for decoder.More() {
		token, err := decoder.Token()
		name, isName := token.(string)
		if err != nil || !isName {
			return nil, noObject()
		}
		if _, twice := members[name]; twice {
			return nil, badPush(place + name + " stands twice")
		}
		value, refused := readPushValue(decoder, place+name+".")
		if refused != nil {
			return nil, refused
		}
		members[name] = value
	}
	return members, closed(decoder)
}

func readPushList(decoder *json.Decoder, place string) (any, *pushRefusal) {
	var list []any
	for decoder.More() {
		value, refused := readPushValue(decoder, place)
		if refused != nil {
			return nil, refused
		}
		list = append(list, value)
	}
	return list, closed(decoder)
}

// closed reads the end of an object or list.
func closed(decoder *json.Decoder) *pushRefusal {
	if _, err := decoder.Token(); err != nil {
		return noObject()
	}
	return nil
}

// hasHalfPair reports whether valid JSON has an escape such as \ud83d without its other half.
func hasHalfPair(body []byte) bool {
	const short, long = 2, len(`\ud83d`)
	for {
		at := bytes.IndexByte(body, '\\')
		if at < 0 {
			return false
		}
		body = body[at:]
		unit, isUnit := escapedUnit(body)
		switch {
		case !isUnit:
			body = body[short:]
		case !utf16.IsSurrogate(unit):
			body = body[long:]
		default:
			second, isUnit := escapedUnit(body[long:])
			if !isUnit || utf16.DecodeRune(unit, second) == utf8.RuneError {
				return true
			}
			body = body[2*long:]
		}
	}
}

// escapedUnit is the UTF-16 code unit of an escape that a text begins with.
func escapedUnit(text []byte) (unit rune, isUnit bool) {
	const length = len(`\ud83d`)
	if len(text) < length || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	value, err := strconv.ParseUint(string(text[2:length]), 16, 16)
	return rune(value), err == nil
}
