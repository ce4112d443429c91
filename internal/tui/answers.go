package tui

import (
	"context"
	"errors"
	"fmt"
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

// answers is the part of the screen that gives answers. Times are by this machine's clock.
type answers struct {
	remote  *remote
	held    []*heldAnswer              // longest held first
	sending map[string]onetouch.Status // by request; until the request is seen as decided
	remarks map[string]string          // by request: why this screen's answer did not count
	unsure  map[string]bool            // by request: the answer may have arrived, the connection broke off
}

func newAnswers(r *remote) *answers {
	return &answers{
		remote: r, sending: map[string]onetouch.Status{}, remarks: map[string]string{}, unsure: map[string]bool{},
	}
}

func (a *answers) update(msg tea.Msg, known facts, say func(tea.Msg)) tea.Cmd {
	switch msg := msg.(type) {
	case answerPressed:
		a.answer(msg.status, known, say)
	case undoPressed:
		say(a.takeBack(known.selected.request.UUID))
	case answered:
		a.sent(msg)
	case requestsRead:
		a.forget(msg.missing)
		for r := range msg.all() {
			a.decided(r)
		}
	}
	return nil
}

// answer gives an answer to the request under the cursor, or says why that cannot be.
func (a *answers) answer(status onetouch.Status, known facts, say func(tea.Msg)) {
	request := known.selected.request
	phones := known.names.answering(request)
	if why := a.refusal(status, known); why != "" {
		say(noticed{why})
		if known.selected.exists && len(phones) == 0 {
			say(peopleWanted{}) // one may have been made that no event told of
		}
		return
	}
	a.press(request, status, phones, known.local)
}

// refusal says why the request under the cursor cannot be answered, whether with a key or in a form; "" when it can.
func (a *answers) refusal(status onetouch.Status, known facts) string {
	request, words := known.selected.request, wordsOf(status)
	sent, sending := a.sending[request.UUID]
	phones := known.names.answering(request)
	switch {
	case !known.selected.exists:
		return "Nothing to " + words.verb + " yet."
	case request.Status.Decided():
		return fmt.Sprintf("This request is %s already.%s", request.Status, hintNext(known.selected))
	case !known.selected.armed(known.local):
		return fmt.Sprintf("This request just arrived, so that key was ignored. Press it again to %s.", words.verb)
	case !known.link.up:
		return "Nothing can be answered now: " + known.link.trouble() + "."
	case sending:
		return fmt.Sprintf("Your %s is on its way already.", wordsOf(sent).noun)
	case known.names.removed(request.AuthyID):
		return userRemoved
	case len(phones) == 0 && known.names.onlyAs() != "":
		return known.names.onlyAs()
	case len(phones) == 0:
		return "No device of this user here. Make one: " + registerHint(request)
	}
	return ""
}

func hintNext(s selected) string {
	if s.others == 0 {
		return ""
	}
	return " n goes to the next that waits."
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
func (a *answers) press(r controlapi.ApprovalRequest, status onetouch.Status, phones []phone, now time.Time) {
	a.clear(r.UUID)
	h := a.of(r.UUID)
	if h == nil {
		h = &heldAnswer{request: r}
		a.held = append(a.held, h)
	}
	again := h.status == status
	deliberate := now.Sub(h.pressed) >= keyRepeat
	h.status, h.phones, h.pressed = status, phones, now
	if again && deliberate {
		if soon := now.Add(keyRepeat); soon.Before(h.sendAt) {
			h.sendAt = soon
		}
		return
	}
	h.since, h.sendAt = now, now.Add(holdTime)
}

// clear drops what was said of an earlier answer to a request.
func (a *answers) clear(uuid string) {
	delete(a.remarks, uuid)
	delete(a.unsure, uuid)
}

// begin takes note of an answer that is sent from elsewhere: nothing else is answered until there is word of it.
func (a *answers) begin(r answering) {
	a.clear(r.request)
	a.sending[r.request] = r.status
}

// takeBack takes back the answer to a request, or else the one given last.
func (a *answers) takeBack(uuid string) noticed {
	h := a.of(uuid)
	if h == nil && len(a.held) > 0 {
		h = a.held[len(a.held)-1]
	}
	if h == nil {
		return noticed{"Nothing to undo: what was sent cannot be taken back."}
	}
	a.drop(h)
	return noticed{fmt.Sprintf("Your %s was taken back; nothing was sent.", wordsOf(h.status).noun)}
}

func (a *answers) drop(h *heldAnswer) {
	a.held = slices.DeleteFunc(a.held, func(other *heldAnswer) bool { return other == h })
}

// due sends the answers whose moment is over.
func (a *answers) due(known facts) tea.Cmd {
	var commands []tea.Cmd
	for _, h := range slices.Clone(a.held) {
		if h.sendAt.After(known.local) {
			continue
		}
		a.drop(h)
		switch uuid := h.request.UUID; {
		case !known.link.up:
			a.remarks[uuid] = "Not sent: " + known.link.trouble() + ". Answer again when that is over."
		case known.local.Sub(h.sendAt) > missedTime:
			a.remarks[uuid] = "Not sent: the screen stood still meanwhile. Answer again."
		default:
			a.sending[uuid] = h.status
			commands = append(commands, a.send(*h))
		}
	}
	return tea.Batch(commands...)
}

// send has one of the phones answer.
func (a *answers) send(h heldAnswer) tea.Cmd {
	return a.remote.work.command(func(ctx context.Context) tea.Msg {
		return answered{answering{h.request.UUID, h.status}, firstAnswer(ctx, h.phones, h.request, h.status, "")}
	})
}

// changes is when the next answer is due, or its bar moves; zero when none is held.
func (a *answers) changes(now time.Time) time.Time {
	if len(a.held) == 0 {
		return time.Time{}
	}
	at := now.Add(holdStep)
	for _, h := range a.held {
		at = soonest(now, at, h.sendAt)
	}
	return at
}

// sent takes what became of an answer.
func (a *answers) sent(m answered) {
	_, waiting := a.sending[m.request]
	switch {
	case m.err == nil:
		return // it shows as sending until the request is seen as decided
	case errors.Is(m.err, errNoWord) && !waiting:
		return // the request has been seen as decided meanwhile
	}
	delete(a.sending, m.request)
	a.remarks[m.request] = remark(m.status, m.err)
	a.unsure[m.request] = errors.Is(m.err, errNoWord)
}

// decided takes a request as it stands: once it is decided nothing can be sent any more.
func (a *answers) decided(r controlapi.ApprovalRequest) {
	if !r.Status.Decided() {
		return
	}
	delete(a.sending, r.UUID)
	if a.unsure[r.UUID] {
		a.clear(r.UUID)
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
		a.clear(uuid)
	}
}
