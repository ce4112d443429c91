package authywire

import (
	"fmt"
	"strings"
	"unicode"
)

// Fault says what kind of mistake a [ParameterError] is.
type Fault int

// Kinds of mistake.
const (
	FaultParameter Fault = iota // the value of one parameter
	FaultRequest                // the query or body as a whole: it cannot be read, is too deep or has too many parameters
	FaultEncoding               // bytes that are not valid UTF-8
	FaultTooLarge               // the body has too many bytes
)

// ParameterError says which parameter is wrong and what would be right, in one line.
type ParameterError struct {
	Fault  Fault
	Name   string // such as user[cellphone]; "" when it is not about one parameter
	Reason string
}

// Error is worded as Authy words it. Source: recorded by authy-ruby ("Invalid parameter: country_code - Parameter is
// required").
func (e *ParameterError) Error() string {
	if e.Name == "" {
		return "Invalid request: " + e.Reason
	}
	return "Invalid parameter: " + e.Name + " - " + e.Reason
}

func wrongParameter(name, format string, args ...any) *ParameterError {
	return &ParameterError{Fault: FaultParameter, Name: shown(name), Reason: fmt.Sprintf(format, args...)}
}

func wrongRequest(format string, args ...any) *ParameterError {
	return &ParameterError{Fault: FaultRequest, Reason: fmt.Sprintf(format, args...)}
}

func wrongEncoding(name, reason string) *ParameterError {
	return &ParameterError{Fault: FaultEncoding, Name: shown(name), Reason: reason}
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
