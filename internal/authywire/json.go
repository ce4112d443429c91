package authywire

import (
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/onetouchkit/onetouch/pkg/details"
)

// AppendJSON appends the object as JSON: compact, because authy-python looks for the bytes "token":"is valid"; in the
// given order; everything but ASCII escaped. Bytes that are no UTF-8 become U+FFFD. It panics on a value of a kind
// that a [Member] does not take: a fault in the program, not in its data.
func AppendJSON(dst []byte, object Object) []byte {
	dst = append(dst, '{')
	for i, m := range object {
		dst = appendMemberName(dst, i, m.Name)
		dst = appendJSONValue(dst, m.Value)
	}
	return append(dst, '}')
}

func appendJSONValue(dst []byte, value any) []byte {
	switch v := value.(type) {
	case nil:
		return append(dst, "null"...)
	case bool:
		return strconv.AppendBool(dst, v)
	case string:
		return appendJSONText(dst, v)
	case int:
		return strconv.AppendInt(dst, int64(v), 10)
	case int64:
		return strconv.AppendInt(dst, v, 10)
	case Object:
		return AppendJSON(dst, v)
	case Array:
		return appendJSONArray(dst, v)
	case details.List:
		return appendJSONDetails(dst, v)
	default:
		panic(unknownKind(value))
	}
}

func unknownKind(value any) string { return fmt.Sprintf("authywire: a member cannot be a %T", value) }

func appendMemberName(dst []byte, position int, name string) []byte {
	if position > 0 {
		dst = append(dst, ',')
	}
	return append(appendJSONText(dst, name), ':')
}

func appendJSONArray(dst []byte, array Array) []byte {
	dst = append(dst, '[')
	for i, item := range array {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendJSONValue(dst, item)
	}
	return append(dst, ']')
}

func appendJSONDetails(dst []byte, list details.List) []byte {
	dst = append(dst, '{')
	for i, d := range list {
		dst = appendMemberName(dst, i, d.Name)
		dst = appendJSONText(dst, d.Value)
	}
	return append(dst, '}')
}

func appendJSONText(dst []byte, text string) []byte {
	dst = append(dst, '"')
	plain := 0 // where the bytes begin that need no escape
	for i := 0; i < len(text); {
		if c := text[i]; c >= ' ' && c < utf8.RuneSelf && c != '"' && c != '\\' {
			i++
			continue
		}
		dst = append(dst, text[plain:i]...)
		char, size := utf8.DecodeRuneInString(text[i:])
		dst = appendJSONEscape(dst, char)
		i += size
		plain = i
	}
	return append(append(dst, text[plain:]...), '"')
}

func appendJSONEscape(dst []byte, char rune) []byte {
	switch char {
	case '"', '\\':
		return append(dst, '\\', byte(char))
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	}
	if high, low := utf16.EncodeRune(char); high != utf8.RuneError {
		return appendUnit(appendUnit(dst, high), low)
	}
	return appendUnit(dst, char)
}

// appendUnit appends one UTF-16 code unit.
func appendUnit(dst []byte, unit rune) []byte {
	const digits = "0123456789abcdef"
	return append(dst, '\\', 'u', digits[unit>>12&15], digits[unit>>8&15], digits[unit>>4&15], digits[unit&15])
}
