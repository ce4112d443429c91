package tui

import (
	"errors"
	"maps"
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

// An answer cannot be taken back, and one key must be enough. A question "are you sure?" would make it two keys, and soon
// be answered without reading. So the one key answers, but the answer is held for a moment first, in full view:
//
//   - holdTime is long enough to see what one has done and to press u, and short enough that nobody waits for it.
//   - The same key once more sends at once. A key that is held down repeats itself, which would send by accident; its
//     presses come closer together than deliberate ones, so presses within keyRepeat only start the moment anew, and a
//     second press counts when that time has passed without a third.
//   - The other key changes the answer and starts the moment anew.
//   - The cursor keeps to its request whatever arrives. Only from a request that is decided it goes to one that arrives;
//     then keys that answer are ignored for armTime: they were meant for what was under the cursor before.
//   - A paste is no answer. What is held when the screen ends is not sent, nor what was held while the screen stood still
//     for longer than missedTime, as after ctrl+z: nobody saw it and could have undone it.
const (
	holdTime   = 1500 * time.Millisecond
	keyRepeat  = 150 * time.Millisecond
	armTime    = 400 * time.Millisecond
	missedTime = 5 * time.Second
)

// heldAnswer is an answer that waits to be sent.
type heldAnswer struct {
	request controlapi.ApprovalRequest
	status  onetouch.Status
	phones  []phone
	since   time.Time // when the moment began
	pressed time.Time // when the key was last pressed
	sendAt  time.Time
}

// part is how much of the moment is over at a time, from 0 to 1.
func (h heldAnswer) part(now time.Time) float64 { return float64(now.Sub(h.since)) / float64(holdTime) }

// answers are those this screen gives. Times are by this machine's clock.
type answers struct {
	held    []*heldAnswer              // longest held first
	sending map[string]onetouch.Status // by request; until the request is seen as decided
	remarks map[string]string          // by request: why this screen's answer did not count
	unsure  map[string]bool            // by request: the answer may have arrived, the connection broke off
	now     time.Time
}

func newAnswers() *answers {
	return &answers{sending: map[string]onetouch.Status{}, remarks: map[string]string{}, unsure: map[string]bool{}}
}

// open are the requests for which it matters here that they are decided.
func (a *answers) open() []string {
	uuids := slices.Concat(slices.Collect(maps.Keys(a.sending)), slices.Collect(maps.Keys(a.unsure)))
	for _, h := range a.held {
		uuids = append(uuids, h.request.UUID)
	}
	return uuids
}

func (a *answers) of(uuid string) *heldAnswer {
	for _, h := range a.held {
		if h.request.UUID == uuid {
			return h
		}
	}
	return nil
}

// press is one press of the key for an answer.
func (a *answers) press(r controlapi.ApprovalRequest, status onetouch.Status, phones []phone) {
	if _, sending := a.sending[r.UUID]; sending {
		return
	}
	delete(a.remarks, r.UUID)
	delete(a.unsure, r.UUID)
	h := a.of(r.UUID)
	if h == nil {
		h = &heldAnswer{request: r}
		a.held = append(a.held, h)
	}
	again := h.status == status
	deliberate := a.now.Sub(h.pressed) >= keyRepeat
	h.status, h.phones, h.pressed = status, phones, a.now
	if again && deliberate {
		h.sendAt = earlier(h.sendAt, a.now.Add(keyRepeat))
		return
	}
	h.since, h.sendAt = a.now, a.now.Add(holdTime)
}

// undo takes back the answer to a request, or else the one given last. It returns the answer, or nil when none is held.
func (a *answers) undo(uuid string) *heldAnswer {
	h := a.of(uuid)
	if h == nil && len(a.held) > 0 {
		h = a.held[len(a.held)-1]
	}
	if h != nil {
		a.drop(h)
	}
	return h
}

func (a *answers) drop(h *heldAnswer) {
	a.held = slices.DeleteFunc(a.held, func(other *heldAnswer) bool { return other == h })
}

// due sends the answers whose moment is over.
func (a *answers) due(w *world, l link) []tea.Cmd {
	var commands []tea.Cmd
	for _, h := range slices.Clone(a.held) {
		if h.sendAt.After(a.now) {
			continue
		}
		a.drop(h)
		switch uuid := h.request.UUID; {
		case !l.up:
			a.remarks[uuid] = "Not sent: " + l.trouble() + ". Answer again when that is over."
		case a.now.Sub(h.sendAt) > missedTime:
			a.remarks[uuid] = "Not sent: the screen stood still meanwhile. Answer again."
		default:
			a.sending[uuid] = h.status
			commands = append(commands, w.send(*h))
		}
	}
	return commands
}

// next is when the next answer is due; zero when none is held.
func (a *answers) next() (at time.Time) {
	for _, h := range a.held {
		if at.IsZero() || h.sendAt.Before(at) {
			at = h.sendAt
		}
	}
	return at
}

// sent takes what became of an answer.
func (a *answers) sent(m answered) {
	if m.err == nil {
		return // it shows as sending until the request is seen as decided
	}
	delete(a.sending, m.request)
	a.remarks[m.request] = remark(m.status, m.err)
	if errors.Is(m.err, errNoWord) {
		a.unsure[m.request] = true
	}
}

// decided takes a request as it stands: once it is decided nothing can be sent any more.
func (a *answers) decided(r controlapi.ApprovalRequest) {
	if r.Status == onetouch.StatusPending {
		return
	}
	delete(a.sending, r.UUID)
	if a.unsure[r.UUID] {
		delete(a.unsure, r.UUID)
		delete(a.remarks, r.UUID)
	}
	if h := a.of(r.UUID); h != nil {
		a.drop(h)
		a.remarks[r.UUID] = remark(h.status, errTooLate)
	}
}

// forget drops what concerns requests that the server no longer has.
func (a *answers) forget(uuids []string) {
	for _, uuid := range uuids {
		if h := a.of(uuid); h != nil {
			a.drop(h)
		}
		delete(a.sending, uuid)
		delete(a.unsure, uuid)
		delete(a.remarks, uuid)
	}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
