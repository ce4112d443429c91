package migrate

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// Refusal is an error code of the Authy API that was answered, and what a backend has to expect in its place.
type Refusal struct {
	ErrorCode string `json:"error_code"`
	Times     int    `json:"times"`
	Becomes   string `json:"becomes"`
}

// refusalsOf has the error codes that a backend of approval requests meets. Source of Twilio's numbers: its error dictionary.
func refusalsOf() map[string]string {
	const notValid, notThere = "400, code 60200", "404, code 20404"
	return map[string]string{
		"60001": "401, code 20003", "60002": notValid, "60004": notValid, "60005": notValid, "60027": notValid,
		"60003": "429, code 20429", "60016": notThere, "60026": notThere, "60049": notThere, "60092": notThere,
		"60017": "nothing: nobody is banned, their factors are deleted",
		"60050": "nothing: the list of the user's factors has none that is verified",
		"60020": "the challenge to a totp factor is not approved; of a code that was sent, the status stays pending",
	}
}

// refusals counts error codes.
type refusals map[string]int

func (r refusals) add(call Seen) {
	if call.Status < http.StatusBadRequest {
		return
	}
	if code := cmp.Or(call.ErrorCode, textOf(call.answer(), "error_code")); isCode(code) {
		r[code]++
	}
}

// isCode reports whether a text is an error code, and not something of somebody else's that stands in its place.
func isCode(text string) bool {
	const digits = 5
	return len(text) == digits && strings.Trim(text, "0123456789") == ""
}

func (r refusals) list() []Refusal {
	list := []Refusal{}
	for _, code := range slices.Sorted(maps.Keys(r)) {
		list = append(list, Refusal{
			ErrorCode: code, Times: r[code], Becomes: cmp.Or(refusalsOf()[code], "no counterpart that is known"),
		})
	}
	return list
}
