package problem

import (
	"net/http"
	"strconv"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// NamedError is an answer that somebody asked for by its number; see [Named].
type NamedError struct{ problem Problem }

func (e *NamedError) Error() string { return e.problem.Message }

// Named is the answer with an error code of the table, whether or not our behaviour ever gives it. status 0 is the
// code's own.
func Named(number string, status int) (*NamedError, error) {
	row, known := rows.byNumber[number]
	if !known {
		return nil, onetouch.InvalidParameter("error", strconv.Quote(number)+" is no error code of the Authy API, such as 60050")
	}
	if status == 0 {
		status = row.Status
	}
	if status < http.StatusBadRequest || status > 599 {
		return nil, onetouch.InvalidParameter("status", "must be an HTTP status from 400 to 599, such as 503")
	}
	p := Problem{Status: status, ErrorCode: row.Number, Message: row.Message}
	if len(row.Refusals) > 0 {
		p.Code = row.Refusals[0].Code
	}
	return &NamedError{p}, nil
}
