package codes

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/problem"
)

// Problem is an error as the Authy API answers it.
type Problem struct {
	problem.Problem

	Number string // error_code on the wire
}

// Of translates any error.
func Of(err error) Problem {
	var named *NamedError
	if errors.As(err, &named) {
		return named.problem
	}
	p := problem.Of(err)
	return Problem{p, NumberOf(p.Code)}
}

// NamedError is an answer that somebody asked for by its number; see [Named].
type NamedError struct{ problem Problem }

func (e *NamedError) Error() string { return e.problem.Message }

// Status is the HTTP status of the answer.
func (e *NamedError) Status() int { return e.problem.Status }

// Named is the answer with an error code of the table, whether or not our behaviour ever gives it. status 0 is the
// code's own.
func Named(number string, status int) (*NamedError, error) {
	row, known := rows.byNumber[number]
	if !known {
		return nil, onetouch.InvalidParameter("error",
			strconv.Quote(number)+" is no error code of the Authy API, such as 60050")
	}
	if status == 0 {
		status = row.Status
	}
	if status < http.StatusBadRequest || status > 599 {
		return nil, onetouch.InvalidParameter("status", "must be an HTTP status from 400 to 599, such as 503")
	}
	p := Problem{problem.Problem{Status: status, Message: row.Message}, row.Number}
	if len(row.Refusals) > 0 {
		p.Code = row.Refusals[0]
	}
	return &NamedError{p}, nil
}

// IsFailure is [problem.IsFailure], but for the answers that somebody asked for.
func IsFailure(err error) bool {
	return !errors.As(err, new(*NamedError)) && problem.IsFailure(err)
}
