// Package wire is what every API does alike with HTTP: reading a body, a query and a bearer token, answering in JSON, and
// keeping a stream open. It knows no call and no rule.
package wire

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

// Answer serves a call whose result is answered in JSON.
func Answer(
	call func(*http.Request) (any, error), refuse func(http.ResponseWriter, *http.Request, error),
) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		result, err := call(r)
		if err != nil {
			refuse(w, r, err)
			return
		}
		JSON(w, http.StatusOK, result)
	}
}

// JSON answers a value as encoding/json writes it.
func JSON(w http.ResponseWriter, status int, value any) {
	body, err := Encode(value)
	if err != nil { // no answer holds anything that JSON cannot
		status, body = http.StatusInternalServerError, []byte("{}")
	}
	header := w.Header()
	header.Set("Content-Type", "application/json")
	Bytes(w, status, body)
}

// Bytes answers a body, of which no cache keeps a copy.
func Bytes(w http.ResponseWriter, status int, body []byte) {
	header := w.Header()
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client may have left; there is nobody to tell
}

// Encode writes one line of JSON, in which <, > and & stay as they are.
func Encode(value any) ([]byte, error) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return body.Bytes(), err
}

// Bearer is the token of RFC 6750, section 2.1; "" when there is none.
func Bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}
