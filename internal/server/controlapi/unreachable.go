package controlapi

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// ErrUnreachable says that no server answered.
var ErrUnreachable = errors.New("no server answers")

// unreachable says in one line where no server answered and why. Its cause can be inspected.
type unreachable struct {
	place string
	cause error
}

func (e *unreachable) Error() string {
	return fmt.Sprintf("%s at %s: %s", ErrUnreachable, e.place, reason(e.cause))
}

func (e *unreachable) Unwrap() []error { return []error{ErrUnreachable, e.cause} }

// stranger says that something answered that is no server of this kind.
type stranger struct{ place string }

func (e *stranger) Error() string { return "no OneTouch server answers at " + e.place }

func (e *stranger) Unwrap() error { return ErrUnreachable }

// placeOf is a base URL without what may be secret.
func placeOf(base string) string {
	parsed, err := url.Parse(base)
	if err != nil {
		return base
	}
	return strings.TrimSuffix(parsed.Redacted(), "/")
}

// reason is the part of an error of net/http that says what went wrong, without the layers that repeat where.
func reason(err error) string {
	var timeout net.Error
	var lookup *net.DNSError
	switch {
	case errors.Is(err, http.ErrSchemeMismatch):
		return "it speaks http, not https"
	case errors.As(err, &lookup):
		return "looking up " + lookup.Name + ": " + lookup.Err
	case errors.As(err, &timeout) && timeout.Timeout():
		return "it took too long"
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection was closed"
	}
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	return err.Error()
}
