package httpcall

import "strings"

// wrongParameter is how the server of this project begins a message about a parameter, in the Verify API too, which has no place
// of its own for its name.
const wrongParameter = "Invalid parameter: "

// WrongParameter is the parameter that a message of the Verify API is about, and what is wrong with it; both are empty when it is
// about none.
func WrongParameter(message string) (name, reason string) {
	rest, is := strings.CutPrefix(message, wrongParameter)
	name, reason, cut := strings.Cut(rest, " - ")
	if !is || !cut {
		return "", ""
	}
	return name, reason
}
