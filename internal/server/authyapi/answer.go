package authyapi

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/onetouchkit/onetouch/internal/authywire"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/authyapi/codes"
	"github.com/onetouchkit/onetouch/internal/server/wire"
)

// formatOf reads the format from the path, also of a path that no route takes.
func formatOf(r *http.Request) string {
	format := r.PathValue("format")
	if parts := strings.FieldsFunc(r.URL.Path, func(char rune) bool { return char == '/' }); format == "" && len(parts) > 1 {
		format = parts[1] // protected, xml, …
	}
	if format == "xml" {
		return "xml"
	}
	return "json"
}

// answerError answers an error in the shape of the Authy API, in the format that the path names. The fields that were
// wrong are named twice, as recorded. Every text is a string, error_code too, and errors is flat: clients break on
// anything else.
func answerError(w http.ResponseWriter, r *http.Request, err error) {
	p := codes.Of(err)
	p.Message = inOneLine(p.Message)
	var fields authywire.Object
	for _, name := range slices.Sorted(maps.Keys(p.Fields)) {
		fields = append(fields, authywire.Member{Name: name, Value: p.Fields[name]})
	}
	inner := append(slices.Clone(fields), authywire.Member{Name: "message", Value: p.Message})
	answer := authywire.Object{{Name: "message", Value: p.Message}}
	switch p.Code {
	case onetouch.CodeApprovalRequestNotFound: // recorded so by authy-java
		inner = authywire.Object{}
	case onetouch.CodeTokenInvalid, onetouch.CodeTokenReused: // recorded so by authy-java, authy-python
		answer = append(answer, authywire.Member{Name: "token", Value: "is invalid"})
	default:
	}
	answer = append(answer, authywire.Member{Name: "success", Value: false}, authywire.Member{Name: "errors", Value: inner})
	answer = append(answer, fields...)
	answer = append(answer, authywire.Member{Name: "error_code", Value: p.Number})
	if p.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.FormatInt(int64((p.RetryAfter+time.Second-1)/time.Second), 10)) // rounded up
	}
	write(w, p.Status, formatOf(r), "errors", answer)
}

// inOneLine makes what a refusal repeats of the call, such as a name in its path, the same in JSON and in XML.
func inOneLine(message string) string {
	return strings.Map(func(char rune) rune {
		if unicode.IsPrint(char) {
			return char
		}
		return unicode.ReplacementChar
	}, message)
}

// write sends an answer. root is the name of its root in XML.
func write(w http.ResponseWriter, status int, format, root string, answer authywire.Object) {
	var body []byte
	if format == "xml" {
		body = authywire.AppendXML(nil, root, answer)
	} else {
		body = authywire.AppendJSON(nil, answer)
	}
	w.Header().Set("Content-Type", "application/"+format+"; charset=utf-8")
	wire.Bytes(w, status, body)
}
