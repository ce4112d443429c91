package linearizability_test

import (
	"fmt"

	"github.com/anishathalye/porcupine"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// kind is what a client does.
type kind int

const (
	answers       kind = iota // a phone
	polls                     // somebody reads the request: backend, phone or operator
	lists                     // likewise, in a list
	advances                  // the clock moves on by a second
	writesDown                // of what has expired
	removesDevice             // the backend
	removesUser
	authenticates // a phone shows its access token
	forgets       // all that has ended is removed, as serve --keep does
)

// deed is what a client does, and came what it saw.
type deed struct {
	kind   kind
	device int // 0 or 1, of a deed about one
	status onetouch.Status
}

type came struct {
	code   onetouch.Code   // of a refusal; "": none
	status onetouch.Status // what was seen; of a refusal because the request is decided, as what
	device int             // that answered; -1: none
}

// state is an approval request with all that its life depends on. It expires at life.
type state struct {
	status      onetouch.Status
	by          int // the device that answered; -1: none
	clock       int // seconds since the creation
	removed     [2]bool
	userRemoved bool
	forgotten   bool
}

// life of a request, in seconds.
const life = 3

// now is where the request stands: its time may be over.
func (s state) now() onetouch.Status {
	if s.status == onetouch.StatusPending && s.clock >= life {
		return onetouch.StatusExpired
	}
	return s.status
}

// step returns what can be after a deed that came to that; nothing: it could not come to that. A refusal may give any reason that
// holds.
func (s state) step(d deed, c came) (next []any) {
	could, after := s.after(d, c)
	if could {
		next = append(next, after)
	}
	if could && d.kind == forgets && s.now() != onetouch.StatusPending { // unless something is owed, or it was looked at before
		after.forgotten = true
		next = append(next, after)
	}
	return next
}

func (s state) after(d deed, c came) (bool, state) {
	switch d.kind {
	case answers:
		return s.answer(d, c)
	case polls, lists:
		if s.forgotten {
			return c.code == onetouch.CodeApprovalRequestNotFound, s
		}
		return c.code == "" && c.status == s.now() && c.device == s.by, s
	case advances:
		s.clock++
		return true, s
	case removesDevice:
		gone := s.removed[d.device]
		s.removed[d.device] = true
		return gone == (c.code == onetouch.CodeDeviceNotFound), s
	case removesUser:
		gone := s.userRemoved
		s.userRemoved, s.removed = true, [2]bool{true, true}
		return gone == (c.code == onetouch.CodeUserNotFound), s
	case authenticates:
		return s.removed[d.device] == (c.code == onetouch.CodeAccessTokenInvalid), s
	default:
		return c.code == "", s
	}
}

func (s state) answer(d deed, c came) (bool, state) {
	switch c.code {
	case onetouch.CodeAccessTokenInvalid:
		return s.removed[d.device], s
	case onetouch.CodeApprovalRequestNotFound:
		return s.forgotten, s
	}
	if s.forgotten {
		return false, s
	}
	switch c.code {
	case "":
		taken := s.now() == onetouch.StatusPending && !s.removed[d.device]
		s.status, s.by = d.status, d.device
		return taken, s
	case onetouch.CodeApprovalRequestNotPending:
		return s.now() == c.status, s
	case onetouch.CodeApprovalRequestExpired:
		return s.now() == onetouch.StatusExpired, s
	default:
		return false, s
	}
}

func model() porcupine.Model {
	of := porcupine.NondeterministicModel{
		Partition: partition,
		Init:      func() []any { return []any{state{status: onetouch.StatusPending, by: -1}} },
		Step: func(before, input, output any) []any {
			return before.(state).step(input.(deed), output.(came))
		},
		DescribeOperation: func(input, output any) string { return describe(input.(deed), output.(came)) },
		DescribeState:     func(s any) string { return fmt.Sprintf("%+v", s) },
	}
	return of.ToModel()
}

// partition takes access tokens apart, each for itself: a service remembers some of them, and knows of a removal at the latest when
// that is acknowledged, while the request is removed from under its phone, and tokens that it does not remember, with the commit.
func partition(history []porcupine.Operation) [][]porcupine.Operation {
	var life []porcupine.Operation
	var access [2][]porcupine.Operation
	for _, o := range history {
		d := o.Input.(deed)
		if d.kind != authenticates {
			life = append(life, o)
		}
		for device := range access {
			if d.kind == removesUser || d.device == device && (d.kind == authenticates || d.kind == removesDevice) {
				access[device] = append(access[device], o)
			}
		}
	}
	return [][]porcupine.Operation{life, access[0], access[1]}
}

func describe(d deed, c came) string {
	did := map[kind]string{
		answers: fmt.Sprintf("phone %d: %s", d.device, d.status), polls: "read", lists: "list", advances: "clock +1 s",
		writesDown: "write down what has expired", removesDevice: fmt.Sprintf("remove phone %d", d.device),
		forgets: "remove what has ended", removesUser: "remove user", authenticates: fmt.Sprintf("token of phone %d", d.device),
	}[d.kind]
	switch {
	case c.code != "":
		return fmt.Sprintf("%s → %s %s", did, c.code, c.status)
	case c.status != "":
		return fmt.Sprintf("%s → %s by %d", did, c.status, c.device)
	default:
		return did + " → done"
	}
}
