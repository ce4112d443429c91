package tui

import (
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

// What the screen is told. Panes hear these messages and nothing of each other.

// resized says how large the window is, in cells.
type resized struct{ width, height int }

// joinsReported says that the terminal can count joined characters in Unicode's way, and whether it does.
type joinsReported struct{ setting ansi.ModeSetting }

// connected says that the event stream stands: from now on no event is missed.
type connected struct {
	server controlapi.Server
	readAt time.Time // by this machine's clock
}

// disconnected says that the server is gone, and when it is looked for again.
type disconnected struct {
	err     error
	retryAt time.Time // by this machine's clock
}

// serverRead is how the server describes itself now, above all its clock.
type serverRead struct {
	server controlapi.Server
	readAt time.Time
}

// requestsChanged says that approval requests were created or decided.
type requestsChanged struct{ uuids []string }

// callbacksChanged says that something became of the callbacks of these approval requests.
type callbacksChanged struct{ requests []string }

// peopleChanged says that users or devices came or went.
type peopleChanged struct{}

// requestsRead brings approval requests.
type requestsRead struct {
	first   *firstPages                  // everything was read afresh
	older   *requestPage                 // the next page of the history
	single  []controlapi.ApprovalRequest // these changed
	missing []string                     // the server no longer has these
	err     error
}

// firstPages is the beginning of both lists.
type firstPages struct{ pending, history requestPage }

// requestPage is one page of a list of approval requests.
type requestPage struct {
	requests []controlapi.ApprovalRequest
	last     bool // there are none after these
}

// callbacksRead brings the callbacks of one approval request.
type callbacksRead struct {
	request    string
	deliveries []controlapi.Delivery
	err        error
}

// peopleRead brings everybody's names, and the devices this machine can answer with.
type peopleRead struct {
	users   []controlapi.User
	devices []controlapi.Device
	phones  []phone
	err     error
}

// selected says which approval request is under the cursor, or that none is.
type selected struct {
	request controlapi.ApprovalRequest
	exists  bool
}

// answered says what became of an answer that was sent.
type answered struct {
	request string
	status  onetouch.Status
	err     error
}

// tick says that the time has come that the screen asked for.
type tick struct{ number int }
