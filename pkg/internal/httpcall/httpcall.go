// Package httpcall has what the clients in pkg do alike: how a call of one server is made over HTTP, and what is said of a
// server that does not answer.
package httpcall

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// timeout ends a call when a client's user brings no HTTP client.
const timeout = 30 * time.Second

// Client is an HTTP client with the transport, cookies and timeout of the given one, or, of nil, one that gives up after 30
// seconds. It follows no redirects: they would carry secrets to another place.
func Client(given *http.Client) *http.Client {
	own := http.Client{Timeout: timeout}
	if given != nil {
		own = *given
	}
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &own
}

// CanBeCalled reports whether a text can be the base URL of an API.
func CanBeCalled(base string) bool {
	u, err := url.Parse(base)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}

// Place is where a base URL leads, without what may be secret in it.
func Place(base string) string {
	if u, err := url.Parse(base); err == nil && u.Host != "" {
		return u.Scheme + "://" + u.Host
	}
	return "an invalid base URL"
}

// Body reads an answer of at most so many bytes; of a longer one it returns one byte more.
func Body(response *http.Response, most int64) ([]byte, error) {
	const usual = 8 << 10 // bytes; more is set aside only as it arrives
	var body bytes.Buffer
	if response.ContentLength > 0 {
		body.Grow(int(min(response.ContentLength, usual)) + bytes.MinRead)
	}
	_, err := body.ReadFrom(io.LimitReader(response.Body, most+1))
	return body.Bytes(), err
}

// Unanswered is the error of a call that got no answer: the end of its context, or that the server at a place is unreachable,
// which is the error that errors.Is finds.
func Unanswered(ctx context.Context, place string, err, unreachable error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("asking %s: %w", place, context.Cause(ctx))
	}
	return &unanswered{place: place, kind: unreachable, cause: err}
}

// unanswered says in one line where no server answered and why. Its cause can be inspected.
type unanswered struct {
	place       string
	kind, cause error
}

func (e *unanswered) Error() string {
	return fmt.Sprintf("%s at %s: %s", e.kind, e.place, Reason(e.cause))
}

func (e *unanswered) Unwrap() []error { return []error{e.kind, e.cause} }

// Reason is the part of an error of net/http that says what went wrong, without the layers that repeat where.
func Reason(err error) error {
	var timeout net.Error
	var lookup *net.DNSError
	switch {
	case errors.As(err, &lookup):
		return errors.New("looking up " + lookup.Name + ": " + lookup.Err)
	case errors.As(err, &timeout) && timeout.Timeout():
		return errors.New("it took too long")
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the connection was closed")
	}
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	return err
}
