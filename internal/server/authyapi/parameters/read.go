package parameters

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/onetouchkit/onetouch/internal/server/wire"
)

// Limits of one request, far above what any client sends.
const (
	maxDepth      = 8    // data[a][b] has depth 3
	maxParameters = 5000 // texts, objects and lists together
	maxName       = 1024 // bytes of one name, without those around it
)

// largestShared is how many bytes a body has at most of which texts are parts. Who keeps a text keeps all that it is a part of.
const largestShared = 16 << 10

// Types of bodies.
const (
	formType = "application/x-www-form-urlencoded"
	jsonType = "application/json"
	xmlType  = "application/xml"
)

// Read reads the parameters of a request from its query and its body, whatever its method; the body is used
// up. Where both have the same parameter the body's holds, and of a text that is repeated the last one.
//
// A body without a content type is taken for what it looks like. maxBody is in bytes. Every error is a
// *[onetouch.Error].
func Read(r *http.Request, maxBody int64) (*Parameters, error) {
	parameters := reader{}
	all, err := parameters.form("query", r.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	body, err := wire.ReadBody(r, maxBody)
	if err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(body)) > 0 {
		inBody, err := parameters.body(r.Header.Get("Content-Type"), body)
		if err != nil {
			return nil, err
		}
		if len(body) > largestShared {
			inBody.detach()
		}
		all.merge(inBody)
	}
	return &Parameters{root: all}, nil
}

// reader reads the encodings and counts what it has read.
type reader struct{ count int }

// took counts one parameter.
func (r *reader) took(name string) error {
	if len(name) > maxName {
		return wrongParameter(name, "has a name of more than %d bytes", maxName)
	}
	if r.count++; r.count > maxParameters {
		return wrongRequest("there are more than %d parameters", maxParameters)
	}
	return nil
}

func tooDeep() error { return wrongRequest("parameters are nested more than %d levels deep", maxDepth) }

// body reads a body that is not blank.
func (r *reader) body(contentType string, body []byte) (*node, error) {
	mediaType, options := wire.MediaType(contentType)
	looks := looksLike(body)
	if mediaType == "" {
		mediaType = looks
	}
	switch {
	case isType(mediaType, "json"):
		return r.json(body)
	case isType(mediaType, "xml"):
		return r.xml(body)
	case mediaType == "multipart/form-data":
		return r.multipart(body, options["boundary"])
	case mediaType != formType:
		return nil, wrongRequest("Content-Type %s is not known, use %s, application/json or application/xml",
			wire.Shown(mediaType), formType)
	case looks == jsonType: // curl's --data says that everything is a form
		return nil, wrongRequest("Content-Type says form, but the body is JSON: send Content-Type: application/json")
	default:
		return r.form("body", string(body))
	}
}

// isType reports whether the media type is one of a language, such as application/vnd.api+json of json.
func isType(mediaType, language string) bool {
	return mediaType == "application/"+language || mediaType == "text/"+language || strings.HasSuffix(mediaType, "+"+language)
}

func looksLike(body []byte) string {
	body = bytes.TrimSpace(withoutBOM(body))
	switch {
	case bytes.HasPrefix(body, []byte("{")) || bytes.HasPrefix(body, []byte("[")):
		return jsonType
	case bytes.HasPrefix(body, []byte("<")):
		return xmlType
	default:
		return formType
	}
}

// withoutBOM drops the byte order mark that .NET writes.
func withoutBOM(body []byte) []byte { return bytes.TrimPrefix(body, []byte("\uFEFF")) }

// checkUTF8 says where a body stops being UTF-8.
func checkUTF8(body []byte) error {
	if utf8.Valid(body) {
		return nil
	}
	for at := 0; ; {
		char, size := utf8.DecodeRune(body[at:])
		if char == utf8.RuneError && size == 1 {
			return wrongEncoding("", fmt.Sprintf("the body is not valid UTF-8 at byte %d", at+1))
		}
		at += size
	}
}
