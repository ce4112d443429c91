package wire

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// Query reads typed parameters and keeps the first error.
type Query struct {
	url.Values

	err error
}

// ReadQuery reads the query of a request.
func ReadQuery(r *http.Request) *Query {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		err = &onetouch.Error{
			Code: onetouch.CodeInvalidRequest, Message: "Query must be of the form name=value&name=value.",
		}
	}
	return &Query{Values: values, err: err}
}

// Err is what was wrong first, nil when nothing was.
func (q *Query) Err() error { return q.err }

// Fail says that a parameter is wrong.
func (q *Query) Fail(name, reason string) {
	if q.err == nil {
		q.err = onetouch.InvalidParameter(name, reason)
	}
}

// Count is a whole number; 0 when it is not given.
func (q *Query) Count(name string) int { return int(q.Number(name, 0, 0, math.MaxInt)) }

// Number is a whole number from least to most; otherwise when it is not given.
func (q *Query) Number(name string, otherwise, least, most int64) int64 {
	text := q.Get(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err == nil && n >= least && n <= most:
		return n
	case most == math.MaxInt:
		q.Fail(name, fmt.Sprintf("must be a whole number, %d or more", least))
	default:
		q.Fail(name, fmt.Sprintf("must be a whole number from %d to %d", least, most))
	}
	return otherwise
}

// Statuses are the statuses joined by commas, each once; none when there are none.
func (q *Query) Statuses(name string) []onetouch.Status {
	if q.Get(name) == "" {
		return nil
	}
	var statuses []onetouch.Status
	for word := range strings.SplitSeq(q.Get(name), ",") {
		status := onetouch.Status(word)
		if !slices.Contains(onetouch.Statuses(), status) {
			q.Fail(name, "must be pending, approved, denied or expired, or several joined by commas")
		}
		if !slices.Contains(statuses, status) {
			statuses = append(statuses, status)
		}
	}
	return statuses
}
