package details

import (
	"bytes"
	"encoding/json"
)

// Most details are plain: ASCII without quotes and control characters, written without white space and each name once.
// Those are read and written here, in a small part of the time that encoding/json takes for all that JSON allows.

// mostPlain bounds how many names are compared with each other.
const mostPlain = 16

// plainLength is how many bytes at the beginning of a text stand for themselves in JSON.
func plainLength[T string | []byte](text T) int {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return i
		}
	}
	return len(text)
}

// appendText appends a JSON string.
func appendText(dst []byte, text string) []byte {
	if plainLength(text) == len(text) {
		return append(append(append(dst, '"'), text...), '"')
	}
	var escaped bytes.Buffer
	encoder := json.NewEncoder(&escaped)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // there is no string that it cannot write
	return append(dst, bytes.TrimSuffix(escaped.Bytes(), []byte("\n"))...)
}

// readPlain reads an object that is plain, and reports whether it is.
func readPlain(data []byte) (List, bool) {
	if string(data) == "{}" {
		return List{}, true
	}
	var list List
	rest, more := bytes.CutPrefix(data, []byte("{"))
	for more && len(list) < mostPlain {
		var name, value []byte
		if name, rest = cutText(rest); len(rest) == 0 || rest[0] != ':' {
			return nil, false
		}
		if value, rest = cutText(rest[1:]); len(rest) == 0 || list.has(name) {
			return nil, false
		}
		list = append(list, Detail{Name: string(name), Value: string(value)})
		if string(rest) == "}" {
			return list, true
		}
		rest, more = bytes.CutPrefix(rest, []byte(","))
	}
	return nil, false
}

// cutText cuts a plain JSON string off the beginning; nothing is left when there is none.
func cutText(data []byte) (text, rest []byte) {
	if len(data) == 0 || data[0] != '"' {
		return nil, nil
	}
	data = data[1:]
	end := plainLength(data)
	if end == len(data) || data[end] != '"' {
		return nil, nil
	}
	return data[:end], data[end+1:]
}

func (l List) has(name []byte) bool {
	for _, d := range l {
		if d.Name == string(name) {
			return true
		}
	}
	return false
}
