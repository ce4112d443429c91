package tui

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

// answerWords are the forms of an answer in sentences.
type answerWords struct{ verb, doing, noun string }

func wordsOf(s onetouch.Status) answerWords {
	if s == onetouch.StatusDenied {
		return answerWords{"deny", "Denying", "denial"}
	}
	return answerWords{"approve", "Approving", "approval"}
}

// remark says why this screen's answer did not count.
func remark(status onetouch.Status, err error) string {
	noun := wordsOf(status).noun
	switch {
	case errors.Is(err, errTooLate):
		return fmt.Sprintf("Your %s came too late and does not count.", noun)
	case errors.Is(err, errNoWord):
		return fmt.Sprintf("The connection broke off: whether your %s arrived is not known yet.", noun)
	case errors.Is(err, errNoReason):
		return "A phone of the Verify API gives no reasons, so nothing was sent: leave with esc and deny without one."
	case errors.Is(err, errRemoved):
		return fmt.Sprintf("Your %s does not count: this machine's device was removed on the server.", noun)
	}
	return fmt.Sprintf("Your %s does not count: %s", noun, line(err.Error()))
}

// sign is a request's state as one character.
func sign(s onetouch.Status) string {
	signs := map[onetouch.Status]string{
		onetouch.StatusPending: "●", onetouch.StatusApproved: "✓", onetouch.StatusDenied: "✗", onetouch.StatusExpired: "○",
	}
	return signs[s]
}

// httpStatus writes a status code with its name.
func httpStatus(code int) string {
	if name := http.StatusText(code); name != "" {
		return strconv.Itoa(code) + " " + name
	}
	return strconv.Itoa(code)
}

// userRemoved is said where a request waits for a user who is gone.
const userRemoved = "The user was removed: nobody can answer."

// keyElsewhere is said where a phone is chosen that cannot be answered for.
const keyElsewhere = "The key of this phone is not on this machine, so nothing here can answer for it."

// registerHint is the command that makes a device for a user.
func registerHint(r controlapi.ApprovalRequest) string {
	return fmt.Sprintf("onetouch device register --user %d", r.AuthyID)
}
