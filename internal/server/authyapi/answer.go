package authyapi

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/onetouchkit/onetouch/internal/authywire"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/problem"
)

// formatOf reads the format from the path, also of a path that no route takes.
func formatOf(r *http.Request) string {
	parts := strings.SplitN(r.URL.Path, "/", 4) // "", protected, xml, …
	if len(parts) > 2 && parts[2] == "xml" {
		return "xml"
	}
	return "json"
}

// Refuse answers an error in the shape of the Authy API, in the format that the path names.
func Refuse(w http.ResponseWriter, r *http.Request, err error) {
	p := problem.Of(err)
	inner := authywire.Object{{Name: "message", Value: p.Message}}
	if p.Code == onetouch.CodeApprovalRequestNotFound {
		inner = authywire.Object{} // recorded so
	}
	answer := authywire.Object{
		{Name: "message", Value: p.Message}, {Name: "success", Value: false}, {Name: "error_code", Value: p.ErrorCode},
	}
	fields := make([]string, 0, len(p.Fields))
	for name := range p.Fields {
		fields = append(fields, name)
	}
	slices.Sort(fields)
	for _, name := range fields { // recorded at both places
		inner = append(inner, authywire.Member{Name: name, Value: p.Fields[name]})
		answer = append(answer, authywire.Member{Name: name, Value: p.Fields[name]})
	}
	answer = append(answer, authywire.Member{Name: "errors", Value: inner})
	write(w, p.Status, formatOf(r), nil, answer)
}

// write sends an answer or, when it is nil, an error.
func write(w http.ResponseWriter, status int, format string, answer, failure authywire.Object) {
	root, contentType := "hash", "application/json; charset=utf-8"
	if answer == nil {
		root, answer = "errors", failure
	}
	var body []byte
	if format == "xml" {
		contentType = "application/xml; charset=utf-8"
		body = authywire.AppendXML(nil, root, answer)
	} else {
		body = authywire.AppendJSON(nil, answer)
	}
	header := w.Header()
	header.Set("Content-Type", contentType)
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client may have left; there is nobody to tell
}
