package evidence

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/gowebpki/jcs"
)

// part is the least that has a checksum of its own.
type part struct {
	path      string
	canonical []byte // JSON by RFC 8785
}

// parts are the record's values as they have checksums.
func (r *Record) parts() ([]part, error) {
	var parts []part
	for _, m := range r.members() {
		values := []member{m}
		switch m.path {
		case pathDetails:
			values = r.details()
		case pathJWS:
			values = r.jwsParts()
		}
		for _, value := range values {
			text, err := canonicalOf(value.value)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", value.path, err)
			}
			parts = append(parts, part{value.path, text})
		}
	}
	return parts, nil
}

func (r *Record) details() []member {
	details := make([]member, len(r.Shown.Details))
	for i, d := range r.Shown.Details {
		details[i] = member{pathDetails + "." + d.Name, d.Value}
	}
	return details
}

// jwsParts are the three parts of the JWS; dots beyond them belong to the last.
func (r *Record) jwsParts() []member {
	header, rest, _ := strings.Cut(r.JWS, ".")
	payload, signature, _ := strings.Cut(rest, ".")
	return []member{{pathHeader, header}, {pathPayload, payload}, {pathSignature, signature}}
}

func checksumsOf(parts []part) map[string]string {
	checksums := make(map[string]string, len(parts))
	for _, p := range parts {
		sum := sha256.Sum256(p.canonical)
		checksums[p.path] = hex.EncodeToString(sum[:])
	}
	return checksums
}

var errBrokenText = errors.New("it is not valid UTF-8")

func canonicalOf(value any) ([]byte, error) {
	if pointer, isPointer := value.(*string); isPointer {
		value = *pointer
	}
	if text, isText := value.(string); isText && !utf8.ValidString(text) {
		return nil, errBrokenText // encoding/json would replace it without a word
	}
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	return canonicalJSON(text)
}

// canonicalJSON is the form by RFC 8785 of any JSON value; the library takes objects and arrays only.
func canonicalJSON(text []byte) ([]byte, error) {
	if !utf8.Valid(text) {
		return nil, errBrokenText
	}
	canonical, err := jcs.Transform(append(append([]byte{'['}, text...), ']'))
	if err != nil {
		return nil, err
	}
	return canonical[1 : len(canonical)-1], nil
}
