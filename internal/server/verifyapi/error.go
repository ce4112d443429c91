package verifyapi

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/problem"
	"github.com/onetouchkit/onetouch/internal/server/wire"
)

// failure is an error as the API answers it.
type failure struct {
	Code     int    `json:"code"`
	Message  string `json:"message"`
	MoreInfo string `json:"more_info"`
	Status   int    `json:"status"`
}

// Codes of Twilio's that are on record in its error dictionary. What has no code of its own here has that of its HTTP status.
const (
	codeInvalidParameter = 60200
	codeAuthenticate     = 20003
	codeMethod           = 20004
	codeForbidden        = 20403
	codeNotFound         = 20404
	codeConflict         = 20409
	codeTooMany          = 20429
	codeInternal         = 20500
	codeUnavailable      = 20503
)

// numberOf is Twilio's number of a refusal. That what is wrong with a request as a whole is 60200 too is our choice.
func numberOf(p problem.Problem) int {
	switch p.Status {
	case http.StatusUnauthorized:
		return codeAuthenticate
	case http.StatusForbidden:
		return codeForbidden
	case http.StatusNotFound:
		return codeNotFound
	case http.StatusMethodNotAllowed:
		return codeMethod
	case http.StatusConflict:
		return codeConflict
	case http.StatusTooManyRequests:
		return codeTooMany
	case http.StatusServiceUnavailable:
		return codeUnavailable
	case http.StatusInternalServerError:
		return codeInternal
	default:
		return codeInvalidParameter
	}
}

func answerError(w http.ResponseWriter, err error) {
	p := problem.Of(err)
	number := numberOf(p)
	message := p.Message
	if p.Code == onetouch.CodeApprovalRequestNotFound {
		message = "Challenge not found"
	}
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Basic realm="Twilio API"`)
	}
	if p.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(p.RetryAfter.Seconds())+1))
	}
	wire.JSON(w, p.Status, failure{
		Code: number, Message: message, MoreInfo: fmt.Sprintf("https://www.twilio.com/docs/errors/%d", number), Status: p.Status,
	})
}
