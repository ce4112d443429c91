package authy

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/onetouchkit/onetouch/pkg/internal/httpcall"
)

// What a call can fail with; to be used with errors.Is. The numbers are the error codes that stand for it on the wire.
var (
	ErrInvalidAPIKey        = errors.New("API key is invalid")       // 60001
	ErrInvalidRequest       = errors.New("the request is invalid")   // 60002
	ErrInvalidParameter     = errors.New("a parameter is invalid")   // 60004, 60042
	ErrInvalidEncoding      = errors.New("a parameter is not UTF-8") // 60005
	ErrTooManyRequests      = errors.New("a limit is reached")       // 60003, 60009 to 60012, 60120: tokens, checks, calls
	ErrApplicationSuspended = errors.New("application is suspended") // 60008, 60057, 60060, 60061

	ErrUserNotFound  = errors.New("the application has no such user")        // 60016, 60026
	ErrUserNotValid  = errors.New("e-mail address or phone number is wrong") // 60027; see [Error.Fields]
	ErrUserSuspended = errors.New("user is suspended")                       // 60017, 60018, 60106, 60107
	ErrEmailInvalid  = errors.New("e-mail address is wrong")                 // 60038

	ErrTokenInvalid  = errors.New("token is invalid")               // 60020
	ErrTokenReused   = errors.New("token was used before")          // 60019
	ErrSMSDisabled   = errors.New("the application sends no texts") // 60007
	ErrSMSNotSent    = errors.New("the text could not be sent")     // 60015
	ErrCallsDisabled = errors.New("the application makes no calls") // 60006

	ErrPhoneNumberInvalid          = errors.New("phone number is invalid")                   // 60033, 60059
	ErrPhoneVerificationNotCreated = errors.New("phone verification could not be created")   // 60021
	ErrVerificationCodeIncorrect   = errors.New("verification code is incorrect")            // 60022
	ErrNoPendingVerification       = errors.New("no verification of the phone is pending")   // 60023
	ErrPhoneInfo                   = errors.New("phone information could not be had")        // 60024, 60025
	ErrLandline                    = errors.New("the phone is a landline and gets no texts") // 60082
	ErrCustomMessageNotAllowed     = errors.New("the application may not word messages")     // 60091

	ErrApprovalRequestNotFound = errors.New("approval request is unknown")              // 60049
	ErrUserWithoutDevice       = errors.New("the user has no device that could answer") // 60050
	ErrConnection              = errors.New("the service cannot reach its phones")      // 60052
	ErrDeviceNotFound          = errors.New("device is unknown")                        // 60092
	ErrRegistrationNotFound    = errors.New("registration is unknown")                  // 60035
	ErrAuthenticatorNotFound   = errors.New("the user has no authenticator app")        // 60113
	ErrQRCode                  = errors.New("the label is too long for a QR code")      // 60122

	ErrAccessKey       = errors.New("access key is missing or invalid")    // 60069, 60071 to 60074
	ErrSignature       = errors.New("signature of the request is invalid") // 60087
	ErrWebhookInvalid  = errors.New("webhook is invalid")                  // 60098
	ErrWebhookNotFound = errors.New("webhook is unknown")                  // 60100

	// ErrUnreachable says that no server answered, or not to the end. It is unknown whether it did what was asked.
	ErrUnreachable = errors.New("no server answers")
	// ErrUnexpectedAnswer says that something answered that is no Authy API.
	ErrUnexpectedAnswer = errors.New("unexpected answer")
)

// kinds are the codes that errors.Is can tell apart.
func kinds() map[string]error {
	return map[string]error{
		"60001": ErrInvalidAPIKey, "60002": ErrInvalidRequest, "60004": ErrInvalidParameter, "60042": ErrInvalidParameter,
		"60005": ErrInvalidEncoding,
		"60003": ErrTooManyRequests, "60009": ErrTooManyRequests, "60010": ErrTooManyRequests, "60011": ErrTooManyRequests,
		"60012": ErrTooManyRequests, "60120": ErrTooManyRequests,
		"60008": ErrApplicationSuspended, "60057": ErrApplicationSuspended, "60060": ErrApplicationSuspended,
		"60061": ErrApplicationSuspended,
		"60016": ErrUserNotFound, "60026": ErrUserNotFound, "60027": ErrUserNotValid, "60038": ErrEmailInvalid,
		"60017": ErrUserSuspended, "60018": ErrUserSuspended, "60106": ErrUserSuspended, "60107": ErrUserSuspended,
		"60019": ErrTokenReused, "60020": ErrTokenInvalid,
		"60006": ErrCallsDisabled, "60007": ErrSMSDisabled, "60015": ErrSMSNotSent,
		"60033": ErrPhoneNumberInvalid, "60059": ErrPhoneNumberInvalid, "60021": ErrPhoneVerificationNotCreated,
		"60022": ErrVerificationCodeIncorrect, "60023": ErrNoPendingVerification, "60024": ErrPhoneInfo, "60025": ErrPhoneInfo,
		"60082": ErrLandline, "60091": ErrCustomMessageNotAllowed,
		"60049": ErrApprovalRequestNotFound, "60050": ErrUserWithoutDevice, "60052": ErrConnection,
		"60092": ErrDeviceNotFound,
		"60035": ErrRegistrationNotFound, "60113": ErrAuthenticatorNotFound, "60122": ErrQRCode,
		"60069": ErrAccessKey, "60071": ErrAccessKey, "60072": ErrAccessKey, "60073": ErrAccessKey, "60074": ErrAccessKey,
		"60087": ErrSignature, "60098": ErrWebhookInvalid, "60100": ErrWebhookNotFound,
	}
}

// Error is a refusal of the service.
type Error struct {
	StatusCode int    // of HTTP
	ErrorCode  string // five digits; "" when the service gave none
	Message    string // for people
	// Parameter is the one parameter that was wrong, such as seconds_to_expire, and Reason says what is wrong with it, as
	// far as Message tells; both are empty when it does not.
	Parameter, Reason string
	// Fields names the parameters that were wrong and says what is wrong with each: "cellphone": "is invalid".
	Fields map[string]string
}

// Error is the service's message with the parameters that were wrong.
func (e *Error) Error() string {
	wrong := make([]string, 0, len(e.Fields))
	for _, name := range slices.Sorted(maps.Keys(e.Fields)) {
		wrong = append(wrong, name+" "+e.Fields[name])
	}
	if len(wrong) == 0 {
		return e.Message
	}
	return e.Message + ": " + strings.Join(wrong, ", ")
}

// Is reports whether the error is of the kind that its code stands for.
func (e *Error) Is(target error) bool {
	kind, known := kinds()[e.ErrorCode]
	return known && kind == target
}

func (o outcome) refusal(response *http.Response) *Error {
	e := &Error{StatusCode: response.StatusCode, ErrorCode: string(o.ErrorCode), Message: o.Message, Fields: o.Errors}
	e.Parameter, e.Reason = parameterOf(o.Message)
	delete(e.Fields, "message")
	if e.Message == "" {
		e.Message = "the service answered " + response.Status + " without a reason"
	}
	return e
}

// parameterOf takes apart how the service words the refusal of a parameter: the wire has nothing else that tells which one
// it was. A name may have the separator in it, a reason never does.
// Source: recorded by authy-ruby ("Invalid parameter: country_code - Parameter is required").
func parameterOf(message string) (name, reason string) {
	const separator = " - "
	words, refused := strings.CutPrefix(message, "Invalid parameter: ")
	at := strings.LastIndex(words, separator)
	if !refused || at < 0 {
		return "", ""
	}
	return words[:at], words[at+len(separator):]
}

// unanswered is an error of a call that got no answer.
func (c *Client) unanswered(ctx context.Context, err error) error {
	return httpcall.Unanswered(ctx, c.place(), err, ErrUnreachable)
}
