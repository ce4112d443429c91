package deviceapi

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/problem"
)

// query reads typed parameters and keeps the first error.
type query struct {
	url.Values
	err error
}

func readQuery(r *http.Request) (*query, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, problem.New(onetouch.CodeInvalidRequest, "Query must be of the form name=value&name=value.")
	}
	return &query{Values: values}, nil
}

func (q *query) fail(name, reason string) {
	if q.err == nil {
		q.err = onetouch.InvalidParameter(name, reason)
	}
}

// number is a whole number from least to most; otherwise when it is not given.
func (q *query) number(name string, otherwise, least, most int64) int64 {
	text := q.Get(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < least || n > most {
		q.fail(name, fmt.Sprintf("must be a whole number from %d to %d", least, most))
	}
	return n
}

// latest is the last second that a store which counts nanoseconds in 64 bits can hold, in the year 2262.
const latest = 1<<63/1_000_000_000 - 1

// time is a time in epoch seconds; zero when it is not given.
func (q *query) time(name string) time.Time {
	if q.Get(name) == "" {
		return time.Time{}
	}
	return time.Unix(q.number(name, 0, 0, latest), 0).UTC()
}

// statuses are the statuses joined by commas; none when there are none.
func (q *query) statuses(name string) []onetouch.Status {
	if q.Get(name) == "" {
		return nil
	}
	var statuses []onetouch.Status
	for word := range strings.SplitSeq(q.Get(name), ",") {
		status := onetouch.Status(word)
		if !slices.Contains(onetouch.Statuses(), status) {
			q.fail(name, "must be pending, approved, denied or expired, or several joined by commas")
		}
		if !slices.Contains(statuses, status) {
			statuses = append(statuses, status)
		}
	}
	return statuses
}
