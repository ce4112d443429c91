package authywire

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/onetouchkit/onetouch/pkg/details"
)

// AppendXML appends the object as an XML document in the shape of Rails, as authy-java recorded it: names dashed
// (error-code), type="integer" and type="boolean", null as nil="true", text untyped. Authy's root is hash for answers
// and errors for refusals. The panic of [AppendJSON] is its too.
//
// No recording has an array; they take the shape of Rails, too: the array is typed and its items are named in the
// singular, <devices type="array"><device>…</device></devices>.
//
// A name that could not be read back from its element, because it is no XML name (a detail called "Account Number")
// or has dashes of its own, stands in full in the attribute name beside it: <Account-Number name="Account Number">.
// Characters that XML cannot carry, such as most control characters, become U+FFFD.
func AppendXML(dst []byte, root string, object Object) []byte {
	dst = append(dst, `<?xml version="1.0" encoding="UTF-8"?>`+"\n"...)
	return appendElement(dst, root, root, object)
}

// appendElement appends a value under an element name. key is the name that the element stands for.
func appendElement(dst []byte, element, key string, value any) []byte {
	dst = append(append(dst, '<'), element...)
	if keyOf(element) != key {
		dst = append(appendXMLText(append(dst, ` name="`...), key), '"')
	}
	kind, content := "", value
	switch v := value.(type) {
	case nil:
		return append(dst, ` nil="true"/>`...)
	case bool:
		kind, content = "boolean", strconv.FormatBool(v)
	case int:
		kind, content = "integer", strconv.Itoa(v)
	case int64:
		kind, content = "integer", strconv.FormatInt(v, 10)
	case Array:
		kind = "array"
	}
	if kind != "" {
		dst = append(append(append(dst, ` type="`...), kind...), '"')
	}
	dst = appendContent(append(dst, '>'), key, content)
	return append(append(append(dst, "</"...), element...), '>')
}

func appendContent(dst []byte, key string, content any) []byte {
	switch v := content.(type) {
	case string:
		return appendXMLText(dst, v)
	case Object:
		for _, m := range v {
			dst = appendElement(dst, elementName(m.Name), m.Name, m.Value)
		}
	case details.List:
		for _, d := range v {
			dst = appendElement(dst, elementName(d.Name), d.Name, d.Value)
		}
	case Array:
		item := elementName(strings.TrimSuffix(key, "s"))
		for _, value := range v {
			dst = appendElement(dst, item, keyOf(item), value)
		}
	default:
		panic(unknownKind(content))
	}
	return dst
}

// elementName turns a name into an XML name as ActiveSupport does: underscores become dashes, but for those at its
// ends. Whatever XML or an old parser could stumble over becomes a dash, too.
func elementName(key string) string {
	trimmed := strings.TrimLeft(key, "_")
	left := len(key) - len(trimmed)
	middle := strings.TrimRight(trimmed, "_")
	name := key[:left] + strings.Map(nameCharacter, middle) + trimmed[len(middle):]
	if name == "" || !startsName(name[0]) || len(name) >= 3 && strings.EqualFold(name[:3], "xml") {
		return "_" + name
	}
	return name
}

func nameCharacter(char rune) rune {
	if char < utf8.RuneSelf && (startsName(byte(char)) && char != '_' || char >= '0' && char <= '9' || char == '.') {
		return char
	}
	return '-'
}

func startsName(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }

// keyOf is the name that a client reads from an element: dashes stand for underscores.
func keyOf(element string) string { return strings.ReplaceAll(element, "-", "_") }

func appendXMLText(dst []byte, text string) []byte {
	plain := 0 // where the bytes begin that need no escape
	for i := 0; i < len(text); {
		if c := text[i]; c >= ' ' && c < utf8.RuneSelf && !strings.ContainsRune(`<>&"`, rune(c)) {
			i++
			continue
		}
		dst = append(dst, text[plain:i]...)
		char, size := utf8.DecodeRuneInString(text[i:])
		if !inXML(char) {
			char = utf8.RuneError
		}
		dst = append(dst, "&#"...)
		dst = append(strconv.AppendInt(dst, int64(char), 10), ';')
		i += size
		plain = i
	}
	return append(dst, text[plain:]...)
}

// inXML reports whether XML 1.0 can carry the character at all (production Char).
func inXML(char rune) bool {
	return char == '\t' || char == '\n' || char == '\r' || char >= ' ' && char != 0xFFFE && char != 0xFFFF
}
