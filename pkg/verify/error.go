package verify

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/onetouchkit/onetouch/pkg/internal/httpcall"
)

// What a call can fail with; to be used with errors.Is.
var (
	ErrCredentials     = errors.New("account SID or auth token is wrong") // HTTP 401, 403
	ErrNotFound        = errors.New("there is no such resource")          // HTTP 404
	ErrExists          = errors.New("the resource exists already")        // HTTP 409
	ErrTooManyRequests = errors.New("a limit is reached")                 // HTTP 429; see [Error.RetryAfter]
	ErrInvalid         = errors.New("the request is invalid")             // HTTP 400
	// ErrUnreachable says that no server answered, or not to the end. It is unknown whether it did what was asked.
	ErrUnreachable = errors.New("no server answers")
	// ErrUnexpectedAnswer says that something answered that is no Verify API.
	ErrUnexpectedAnswer = errors.New("unexpected answer")
)

// kindOf is the kind of error that a status stands for; nil: none.
func kindOf(status int) error {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return ErrCredentials
	case http.StatusNotFound:
		return ErrNotFound
	case http.StatusConflict:
		return ErrExists
	case http.StatusTooManyRequests:
		return ErrTooManyRequests
	case http.StatusBadRequest:
		return ErrInvalid
	default:
		return nil
	}
}

// Error is a refusal of the service.
type Error struct {
	StatusCode int    // of HTTP
	Code       int    // five digits, such as 20404; 0 when the service gave none
	Message    string // for people
	MoreInfo   string // URL of a page about the code
	RetryAfter time.Duration
	// Parameter is the one input that was wrong, and Reason says what is wrong with it; both are empty when the refusal is not
	// about one, or the message does not say so in a form that is known here.
	Parameter, Reason string
}

// Error is the service's message.
func (e *Error) Error() string { return e.Message }

// Is reports whether the error is of the kind that its status stands for.
func (e *Error) Is(target error) bool {
	kind := kindOf(e.StatusCode)
	return kind != nil && kind == target
}

// refusal reads an error body. What is no error body of the Verify API, such as the page of a proxy, is unexpected,
// unless its status says enough.
func (c *Client) refusal(response *http.Response, body []byte, isJSON bool) error {
	var wire struct {
		Code     int    `json:"code"`
		Message  string `json:"message"`
		MoreInfo string `json:"more_info"`
	}
	known := isJSON && json.Unmarshal(body, &wire) == nil && wire.Message != ""
	if !known && response.StatusCode != http.StatusTooManyRequests {
		return c.unexpected(response)
	}
	e := &Error{StatusCode: response.StatusCode, Code: wire.Code, Message: wire.Message, MoreInfo: wire.MoreInfo}
	e.Parameter, e.Reason = httpcall.WrongParameter(e.Message)
	if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil && seconds > 0 {
		e.RetryAfter = time.Duration(seconds) * time.Second
	}
	if e.Message == "" {
		e.Message = "the service answered " + response.Status + " without a reason"
	}
	return e
}

// unanswered is an error of a call that got no answer.
func (c *Client) unanswered(ctx context.Context, err error) error {
	return httpcall.Unanswered(ctx, c.place(), err, ErrUnreachable)
}
