package onetouch

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// validText checks length in characters and encoding. least 1 also refuses blanks.
func validText(name, text string, least, most int) error {
	if !utf8.ValidString(text) {
		return refuse(CodeInvalidEncoding, "Invalid parameter: %s - is not valid UTF-8", name)
	}
	if least > 0 && strings.TrimSpace(text) == "" {
		return invalidParameter(name, "Parameter is required")
	}
	if n := utf8.RuneCountInString(text); n > most {
		return invalidParameter(name, fmt.Sprintf("has %d characters, at most %d are allowed", n, most))
	}
	return nil
}
