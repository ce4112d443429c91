package wire

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/problem"
)

// MaxBody bounds a request body of every API, in bytes.
const MaxBody = 1 << 20

// maxDiscard is how many bytes of a body that is too large are read and thrown away.
const maxDiscard = 32 << 20

// ReadBody reads the body of a request, of at most maxBody bytes. Of a larger one a bounded rest is read and thrown away,
// so that a client that sends before it listens gets to hear why it was refused. A body that says to be in something else
// than UTF-8 is refused, as is one that is compressed. Every error is a *[onetouch.Error].
func ReadBody(r *http.Request, maxBody int64) ([]byte, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	tooLarge := onetouch.InvalidRequest(fmt.Sprintf("the body has more than %d bytes", maxBody)).With(problem.CodeBodyTooLarge)
	if r.ContentLength > maxBody && r.Header.Get("Expect") != "" {
		return nil, tooLarge // the client waits for leave before it sends
	}
	var body bytes.Buffer
	if r.ContentLength > 0 && r.ContentLength <= maxBody {
		body.Grow(int(r.ContentLength) + bytes.MinRead)
	}
	_, err := body.ReadFrom(io.LimitReader(r.Body, maxBody+1))
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return nil, onetouch.InvalidRequest("the body did not arrive in time")
	}
	if err != nil {
		return nil, onetouch.InvalidRequest("the body ended early")
	}
	if int64(body.Len()) > maxBody {
		_, _ = io.CopyN(io.Discard, r.Body, maxDiscard)
		return nil, tooLarge
	}
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return nil, onetouch.InvalidRequest("a body with Content-Encoding " + Shown(encoding) + " cannot be read, send it plain")
	}
	if err := checkCharset(r.Header.Get("Content-Type"), body.Bytes()); err != nil {
		return nil, err
	}
	return body.Bytes(), nil
}

// checkCharset refuses what would be read wrongly. Old Java clients call a form of ASCII ISO-8859-1, which makes no
// difference.
func checkCharset(contentType string, body []byte) error {
	_, options := MediaType(contentType)
	switch charset := strings.ToLower(options["charset"]); charset {
	case "", "utf-8", "utf8", "us-ascii":
		return nil
	case "iso-8859-1", "windows-1252":
		if !bytes.ContainsFunc(body, func(char rune) bool { return char >= utf8.RuneSelf }) {
			return nil
		}
		fallthrough
	default:
		return onetouch.InvalidRequest("a body in the charset " + Shown(charset) + " cannot be read, send it in UTF-8")
	}
}

// MediaType reads a content type; what stands before a broken part is enough.
func MediaType(contentType string) (mediaType string, options map[string]string) {
	switch contentType {
	case "", "application/json", "application/x-www-form-urlencoded": // what nearly all clients send
		return contentType, nil
	}
	mediaType, options, err := mime.ParseMediaType(contentType)
	if err != nil {
		mediaType, _, _ = strings.Cut(contentType, ";")
		mediaType = strings.ToLower(strings.TrimSpace(mediaType))
	}
	return mediaType, options
}

// maxShown is how much of that an error repeats, in characters.
const maxShown = 100

// Shown makes what a client wrote, such as the name of a parameter, fit for one line of an error.
func Shown(text string) string {
	text = strings.Map(func(char rune) rune {
		if unicode.IsPrint(char) {
			return char
		}
		return unicode.ReplacementChar
	}, text)
	if chars := []rune(text); len(chars) > maxShown {
		return string(chars[:maxShown]) + "…"
	}
	return text
}
