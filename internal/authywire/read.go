package authywire

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/onetouchkit/onetouch/internal/server/problem"
)

// Limits of one request, far above what any client sends.
const (
	maxDepth      = 8    // data[a][b] has depth 3
	maxParameters = 5000 // texts, objects and lists together
	maxName       = 1024 // bytes of one name, without those around it
	// maxDiscard is how many bytes of a body that is too large are read and thrown away, so that a client that sends
	// before it listens gets to hear why it was refused.
	maxDiscard = 32 << 20
)

// Types of bodies.
const (
	formType = "application/x-www-form-urlencoded"
	jsonType = "application/json"
	xmlType  = "application/xml"
)

// ReadParameters reads the parameters of a request from its query and its body, whatever its method; the body is used
// up. Where both have the same parameter the body's holds, and of a text that is repeated the last one.
//
// A body without a content type is taken for what it looks like. maxBody is in bytes. Every error is a
// *[onetouch.Error].
func ReadParameters(r *http.Request, maxBody int64) (*Parameters, error) {
	parameters := reader{}
	all, err := parameters.form("query", r.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	body, err := ReadBody(r, maxBody)
	if err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(body)) > 0 {
		inBody, err := parameters.body(r.Header.Get("Content-Type"), body)
		if err != nil {
			return nil, err
		}
		all.merge(inBody)
	}
	return &Parameters{root: all}, nil
}

// ReadBody reads the body of a request, of at most maxBody bytes. Of a larger one a bounded rest is read and thrown away,
// so that a client that sends before it listens gets to hear why it was refused. A body that says to be in something else
// than UTF-8 is refused, as is one that is compressed. Every error is a *[onetouch.Error].
func ReadBody(r *http.Request, maxBody int64) ([]byte, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	tooLarge := wrongRequest("the body has more than %d bytes", maxBody).With(problem.CodeBodyTooLarge)
	if r.ContentLength > maxBody && r.Header.Get("Expect") != "" {
		return nil, tooLarge // the client waits for leave before it sends
	}
	var body bytes.Buffer
	if r.ContentLength > 0 && r.ContentLength <= maxBody {
		body.Grow(int(r.ContentLength) + bytes.MinRead)
	}
	_, err := body.ReadFrom(io.LimitReader(r.Body, maxBody+1))
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return nil, wrongRequest("the body did not arrive in time")
	}
	if err != nil {
		return nil, wrongRequest("the body ended early")
	}
	if int64(body.Len()) > maxBody {
		_, _ = io.CopyN(io.Discard, r.Body, maxDiscard)
		return nil, tooLarge
	}
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return nil, wrongRequest("a body with Content-Encoding %s cannot be read, send it plain", shown(encoding))
	}
	if err := checkCharset(r.Header.Get("Content-Type"), body.Bytes()); err != nil {
		return nil, err
	}
	return body.Bytes(), nil
}

// checkCharset refuses what would be read wrongly. Old Java clients call a form of ASCII ISO-8859-1, which makes no
// difference.
func checkCharset(contentType string, body []byte) error {
	_, options := mediaTypeOf(contentType)
	switch charset := strings.ToLower(options["charset"]); charset {
	case "", "utf-8", "utf8", "us-ascii":
		return nil
	case "iso-8859-1", "windows-1252":
		if !bytes.ContainsFunc(body, func(char rune) bool { return char >= utf8.RuneSelf }) {
			return nil
		}
		fallthrough
	default:
		return wrongRequest("a body in the charset %s cannot be read, send it in UTF-8", shown(charset))
	}
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
	mediaType, options := mediaTypeOf(contentType)
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
			shown(mediaType), formType)
	case looks == jsonType: // curl's --data says that everything is a form
		return nil, wrongRequest("Content-Type says form, but the body is JSON: send Content-Type: application/json")
	default:
		return r.form("body", string(body))
	}
}

// mediaTypeOf reads a content type; what stands before a broken part is enough.
func mediaTypeOf(contentType string) (mediaType string, options map[string]string) {
	mediaType, options, err := mime.ParseMediaType(contentType)
	if err != nil {
		mediaType, _, _ = strings.Cut(contentType, ";")
		mediaType = strings.ToLower(strings.TrimSpace(mediaType))
	}
	return mediaType, options
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
