package authywire

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

func wrongParameter(name, format string, args ...any) *onetouch.Error {
	return onetouch.InvalidParameter(shown(name), fmt.Sprintf(format, args...))
}

// wrongRequest is for the query or body as a whole: it cannot be read, is too deep or has too many parameters.
func wrongRequest(format string, args ...any) *onetouch.Error {
	return onetouch.InvalidRequest(fmt.Sprintf(format, args...))
}

// wrongEncoding is for bytes that are not valid UTF-8. name is "" when they are in no single parameter.
func wrongEncoding(name, reason string) *onetouch.Error {
	if name == "" {
		return onetouch.InvalidRequest(reason).With(onetouch.CodeInvalidEncoding)
	}
	return onetouch.InvalidParameter(shown(name), reason).With(onetouch.CodeInvalidEncoding)
}

// maxShown is how much of a name the client made up an error repeats, in characters.
const maxShown = 100

// shown makes a name fit for one line of an error.
func shown(name string) string {
	name = strings.Map(func(char rune) rune {
		if unicode.IsPrint(char) {
			return char
		}
		return unicode.ReplacementChar
	}, name)
	if chars := []rune(name); len(chars) > maxShown {
		return string(chars[:maxShown]) + "…"
	}
	return name
}
