package onetouch

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// validText checks length in characters and encoding. least 1 also refuses blanks.
func validText(name, text string, least, most int) error {
	if !utf8.ValidString(text) {
		return InvalidParameter(name, "is not valid UTF-8").With(CodeInvalidEncoding)
	}
	if least > 0 && strings.TrimSpace(text) == "" {
		return InvalidParameter(name, "Parameter is required")
	}
	if n := utf8.RuneCountInString(text); n > most {
		return InvalidParameter(name, fmt.Sprintf("has %d characters, at most %d are allowed", n, most))
	}
	return nil
}

// validLine checks a text of one line that answers repeat, in JSON and in XML: a name or a label.
func validLine(name, text string, least, most int) error {
	if err := validText(name, text, least, most); err != nil {
		return err
	}
	if strings.ContainsFunc(text, func(char rune) bool { return unicode.IsControl(char) || !inBothFormats(char) }) {
		return InvalidParameter(name, "must not have control characters")
	}
	return nil
}

// canBeRepeated reports whether answers can repeat a text of any number of lines, in JSON and in XML.
func canBeRepeated(text string) bool {
	return !strings.ContainsFunc(text, func(char rune) bool { return !inBothFormats(char) })
}

// inBothFormats reports whether XML can carry the character, as JSON can: otherwise the same answer would say different
// things. Source: XML 1.0, production Char.
func inBothFormats(char rune) bool {
	return char == '\t' || char == '\n' || char == '\r' || char >= ' ' && char != 0xFFFE && char != 0xFFFF
}

// withCode gives the refusal of a parameter that has an error code of its own that code.
func withCode(code Code, err error) error {
	var refusal *Error
	if !errors.As(err, &refusal) || refusal.Code != CodeInvalidParameter {
		return err
	}
	return refusal.With(code)
}
