package callback

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"
)

// otherPayloads are what a payload may have been before somebody read it and wrote it anew. That the members have another
// order, blanks stand between them, or characters are escaped makes no difference to the signature.
func otherPayloads(r Received) []reading {
	if r.Method == http.MethodGet {
		return nil
	}
	var readings []reading
	for _, other := range []struct {
		text  string
		value func(any) any
	}{
		{"numbers were signed as JavaScript writes them anew: 1 for 1.0, and large ones rounded", asFloat},
		{"the text of the body was taken for Latin-1 and encoded as UTF-8 again", ofText(decodedTwice)},
		{"the text was signed after it was taken for Latin-1 and encoded as UTF-8 again", ofText(encodedTwice)},
		{"line ends were changed to CRLF", ofText(func(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") })},
		{"line ends were changed to LF", ofText(func(s string) string {
			return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\n", "\r\n")
		})},
	} {
		if parameters, ok := written(r.Payload, other.value); ok {
			readings = append(readings, reading{MistakeBody, other.text, parameters})
		}
	}
	return readings
}

// written flattens a payload whose values are changed.
func written(payload []byte, value func(any) any) (string, bool) {
	decoder := json.NewDecoder(bytes.NewReader(payload))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		return "", false
	}
	again, err := json.Marshal(eachValue(tree, value))
	if err != nil {
		return "", false
	}
	p, err := flatten(again)
	if err != nil {
		return "", false
	}
	canonical, err := p.appendCanonical(nil)
	return string(canonical), err == nil
}

func eachValue(tree any, value func(any) any) any {
	switch t := tree.(type) {
	case map[string]any:
		changed := make(map[string]any, len(t))
		for name, member := range t {
			if text, ok := value(name).(string); ok {
				name = text
			}
			changed[name] = eachValue(member, value)
		}
		return changed
	case []any:
		changed := make([]any, len(t))
		for i, item := range t {
			changed[i] = eachValue(item, value)
		}
		return changed
	default:
		return value(t)
	}
}

func asFloat(value any) any {
	number, ok := value.(json.Number)
	if !ok {
		return value
	}
	f, err := strconv.ParseFloat(number.String(), 64)
	if err != nil {
		return value
	}
	return f
}

func ofText(change func(string) string) func(any) any {
	return func(value any) any {
		if text, ok := value.(string); ok {
			return change(text)
		}
		return value
	}
}

// decodedTwice undoes encodedTwice; text that was not encoded twice stays.
func decodedTwice(text string) string {
	once := make([]byte, 0, len(text))
	for _, char := range text {
		if char > 0xff {
			return text
		}
		once = append(once, byte(char))
	}
	if !utf8.Valid(once) {
		return text
	}
	return string(once)
}

// encodedTwice takes the bytes of UTF-8 for characters of Latin-1.
func encodedTwice(text string) string {
	var twice strings.Builder
	for i := range len(text) {
		twice.WriteRune(rune(text[i]))
	}
	return twice.String()
}

// wholeNumbers are payloads in which numbers were whole ones with a fraction, which is lost when somebody reads 1.0 and writes
// it anew as 1.
func wholeNumbers(p *parameters) (writings []writing) {
	with := func(text string, changes func(pair) bool) writing {
		return writing{MistakeBody, text, func(p *parameters) string {
			return joined(byByte(p), func(pair pair) string {
				value := pair.value()
				if isWhole(value) && changes(pair) {
					value += ".0"
				}
				return string(appendWithoutIndices(nil, pair.name())) + "=" + value
			})
		}}
	}
	const text = "the body was read and written anew, not taken as it came: "
	const most = 32
	for _, one := range p.pairs {
		if isWhole(one.value()) && len(writings) < most {
			says := fmt.Sprintf("%s%s was signed as %s.0 and is %[3]s now", text, readable(one.name()), one.value())
			writings = append(writings, with(says, func(other pair) bool { return other.text == one.text }))
		}
	}
	if len(writings) > 1 {
		writings = append(writings, with(text+"every whole number was signed with .0 after it", func(pair) bool { return true }))
	}
	return writings
}

// isWhole reports whether a value is written as whole numbers are.
func isWhole(value string) bool { return allDigits(strings.TrimPrefix(value, "-")) }
