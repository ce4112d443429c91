package deviceapi

import (
	"net/http"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/authyapi/codes"
	"github.com/onetouchkit/onetouch/internal/server/problem"
	"github.com/onetouchkit/onetouch/internal/server/wire"
)

// failure is the body of a refusal: the shape of the Authy API with a symbolic code.
type failure struct {
	ErrorCode string      `json:"error_code"`
	Message   string      `json:"message"`
	Errors    failureCode `json:"errors"`
	Success   bool        `json:"success"`
}

type failureCode struct {
	Message   string        `json:"message"`
	Code      onetouch.Code `json:"code"`
	Parameter string        `json:"parameter,omitempty"` // the one input that was wrong
	Reason    string        `json:"reason,omitempty"`    // what is wrong with it
}

// answerError answers any error in the shape of the device API. A refusal of the access token carries the challenge that HTTP
// wants (RFC 6750, section 3).
func answerError(w http.ResponseWriter, _ *http.Request, err error) {
	p := problem.Of(err)
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="onetouch"`)
	}
	wire.JSON(w, p.Status, failure{
		ErrorCode: codes.NumberOf(p.Code), Message: p.Message,
		Errors: failureCode{Message: p.Message, Code: p.Code, Parameter: p.Parameter, Reason: p.Reason},
	})
}
