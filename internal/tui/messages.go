package tui

import (
	"slices"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

// What the screen is told. Its parts hear these messages and know nothing of each other. What a part reads for itself is a
// message of that part's file.

// resized says how large the window is, in cells.
type resized struct{ width, height int }

// joinsReported says that the terminal can count joined characters in Unicode's way, and whether it does.
type joinsReported struct{ setting ansi.ModeSetting }

// tick says that the time has come that the screen asked for.
type tick struct{ number int }

// What the feed tells of the server.

// connected says that the event stream stands: from now on no event is missed.
type connected struct {
	server controlapi.Server
	readAt time.Time // by this machine's clock
	// placed is set when title and url say where the server is now.
	placed     bool
	title, url string
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

// happened brings the server's events, in their order. A part picks those that it shows something of.
type happened struct{ events []controlapi.Event }

// has reports whether there is an event of one of these types.
func (h happened) has(types ...onetouch.EventType) bool {
	return slices.ContainsFunc(h.events, func(e controlapi.Event) bool { return slices.Contains(types, e.Type) })
}

// requests are the approval requests that events of these types are about.
func (h happened) requests(types ...onetouch.EventType) []string {
	var uuids []string
	for _, e := range h.events {
		if slices.Contains(types, e.Type) {
			uuids = append(uuids, e.RequestUUID)
		}
	}
	return uuids
}

// reply is the part of a message that says whether the server gave what it was asked for.
type reply struct{ err error }

func (r reply) failure() error { return r.err }

// What keys ask for.

// forCursor are the messages that concern the cursor of the shown tab and nothing elsewhere.
type forCursor interface{ forCursor() }

func (moved) forCursor()         {}
func (movedToEnd) forCursor()    {}
func (nextPressed) forCursor()   {}
func (scrolled) forCursor()      {}
func (searched) forCursor()      {}
func (wholePressed) forCursor()  {}
func (copyPressed) forCursor()   {}
func (actAsPressed) forCursor()  {}
func (replayPressed) forCursor() {}

// answerPressed asks to answer the request under the cursor.
type answerPressed struct{ status onetouch.Status }

// undoPressed asks to take back an answer that was not sent yet.
type undoPressed struct{}

// moved asks to move the cursor down, or up.
type moved struct{ rows, pages int }

// movedToEnd asks to move the cursor to the first row, or to the last.
type movedToEnd struct{ last bool }

// nextPressed asks to move the cursor to the next request that waits.
type nextPressed struct{}

// scrolled asks to move the text by lines.
type scrolled struct{ lines int }

// helpPressed asks to open the help, or to close it.
type helpPressed struct{}

// suspendPressed asks to give the terminal back for a while.
type suspendPressed struct{}

// quitPressed asks to end, as does the interrupt of the keyboard.
type quitPressed struct{ interrupted bool }

// What parts say to each other.

// noticed is a line for the user that goes away by itself.
type noticed struct{ text string }

// peopleWanted asks to read again who is who.
type peopleWanted struct{}

// actingAs says which phone of this machine the screen answers as from now on; 0: as whichever the user has.
type actingAs struct{ device int64 }

// selected says which approval request is under the cursor, or that none is.
type selected struct {
	request controlapi.ApprovalRequest
	exists  bool
	movedAt time.Time // when the cursor went there by itself, see [armTime]; zero when the user moved it
	others  int       // how many other requests wait
}

// armed reports whether a key that answers is meant for this request.
func (s selected) armed(now time.Time) bool { return !s.armedAt().After(now) }

// armedAt is when keys that answer are heeded again; zero when they always were.
func (s selected) armedAt() time.Time {
	if s.movedAt.IsZero() {
		return time.Time{}
	}
	return s.movedAt.Add(armTime)
}

// answering is an answer to the request with a UUID.
type answering struct {
	request string
	status  onetouch.Status
}

// answered says what became of an answer that was sent.
type answered struct {
	answering
	err error
}
