package tui

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/terminal"
)

// deliveries is the tab of what the server sends: callbacks, pushes, webhooks, each with its attempts. The one under the
// cursor is read by itself, because only that tells what was sent.
type deliveries struct {
	roster[controlapi.Delivery]
	reader listReader[controlapi.Delivery]
	opened controlapi.Delivery
	asking bool
}

// replayPressed asks to send the callback under the cursor again.
type replayPressed struct{}

// deliveryRead brings one delivery with what was sent.
type deliveryRead struct {
	reply
	delivery controlapi.Delivery
}

// replayed says that a callback is sent again.
type replayed struct {
	reply
	of, as int64
}

func newDeliveries(r *remote) *deliveries {
	d := &deliveries{reader: listReader[controlapi.Delivery]{remote: r, read: readDeliveries}}
	d.kind = kind[controlapi.Delivery]{
		tab: tabDeliveries, noun: "Delivery", nothing: "Nothing yet: callbacks, pushes and webhooks appear here.",
		id:  func(d controlapi.Delivery) string { return strconv.FormatInt(d.ID, 10) },
		row: deliveryRow, whole: d.whole, words: deliveryWords, hear: d.hear,
	}
	return d
}

func readDeliveries(ctx context.Context, c control) ([]controlapi.Delivery, error) {
	return c.FindDeliveries(ctx, controlapi.DeliveryQuery{Limit: newestRead})
}

func (d *deliveries) hear(msg tea.Msg, known facts, say func(tea.Msg)) tea.Cmd {
	cmds := []tea.Cmd{d.reader.hear(msg, known, &d.roster)}
	switch msg := msg.(type) {
	case deliveryRead:
		d.asking = false
		if msg.err == nil {
			d.opened = msg.delivery
		}
	case replayPressed:
		cmds = append(cmds, d.replay(known, say))
	case replayed:
		if msg.err == nil {
			say(noticed{fmt.Sprintf("Delivery %d is sent again, as delivery %d.", msg.of, msg.as)})
		}
	}
	return tea.Batch(append(cmds, d.open(known))...)
}

// open reads the delivery under the cursor with what was sent, unless that is known as it stands.
func (d *deliveries) open(known facts) tea.Cmd {
	current, exists := d.current()
	if !exists || !d.shown || !known.link.up || d.asking || isSame(d.opened, current) {
		return nil
	}
	d.asking = true
	return d.reader.remote.ask(func(ctx context.Context) tea.Msg {
		delivery, err := d.reader.remote.control.Delivery(ctx, current.ID)
		return deliveryRead{delivery: delivery, reply: reply{err}}
	})
}

// isSame reports whether two readings of a delivery tell the same.
func isSame(a, b controlapi.Delivery) bool {
	return a.ID == b.ID && a.State == b.State && len(a.Attempts) == len(b.Attempts)
}

func (d *deliveries) replay(known facts, say func(tea.Msg)) tea.Cmd {
	current, exists := d.current()
	switch {
	case !exists:
		return nil
	case !known.link.up:
		say(noticed{"Nothing can be sent again now: " + known.link.trouble() + "."})
		return nil
	case !current.Kind.Signed():
		say(noticed{fmt.Sprintf("A %s is not sent again: only callbacks are.", current.Kind)})
		return nil
	}
	return d.reader.remote.ask(func(ctx context.Context) tea.Msg {
		again, err := d.reader.remote.control.Replay(ctx, current.ID, controlapi.Replay{})
		return replayed{of: current.ID, as: again.ID, reply: reply{err}}
	})
}

// deliverySign is the state as one character.
func (f frame) deliverySign(d controlapi.Delivery) (string, lipgloss.Style) {
	switch {
	case d.State == onetouch.DeliverySent:
		return "✓", f.look.good
	case d.State == onetouch.DeliveryFailed:
		return "✗", f.look.bad
	case d.Obsolete != "":
		return "○", f.look.muted
	case len(d.Attempts) > 0:
		return "●", f.look.warn
	}
	return "●", f.look.accent
}

func deliveryRow(f frame, d controlapi.Delivery) row {
	sign, style := f.deliverySign(d)
	text := f.ruler.fit(string(d.Kind), len("callback")) + "  " + deliveryTarget(f, d)
	right := f.ruler.fitRight(terminal.Age(f.now.Sub(d.CreatedAt)), ageColumn)
	if n := len(d.Attempts); n > 0 && d.Attempts[n-1].StatusCode != 0 {
		right = strconv.Itoa(d.Attempts[n-1].StatusCode) + " " + right
	}
	return row{style.Render(sign), text, f.look.muted.Render(right)}
}

// deliveryTarget is where to, without the secrets that may be in it.
func deliveryTarget(f frame, d controlapi.Delivery) string {
	if d.URL == "" && d.DeviceID != nil {
		return f.names.device(*d.DeviceID)
	}
	return line(d.Method) + " " + line(terminal.URL(d.URL))
}

func deliveryWords(known facts, d controlapi.Delivery) []string {
	words := []string{
		string(d.Kind), string(d.State), d.URL, d.RequestUUID, d.LastError, string(d.Event), strconv.FormatInt(d.ID, 10),
	}
	if d.DeviceID != nil {
		words = append(words, known.names.device(*d.DeviceID))
	}
	return words
}

func (d *deliveries) whole(f frame, of controlapi.Delivery) []string {
	shown := of
	if d.opened.ID == of.ID {
		shown.Attempts, shown.Payload = d.opened.Attempts, d.opened.Payload
	}
	text, style := fate(f, shown)
	if shown.Obsolete != "" {
		text, style = "○ not needed any more: "+shown.Obsolete, f.look.muted
	}
	rows := [][2]string{{"Kind", kindText(shown)}, {"To", deliveryTarget(f, shown)}}
	if shown.RequestUUID != "" {
		rows = append(rows, [2]string{"Request", line(shown.RequestUUID)})
	}
	rows = append(rows, [2]string{"Owed since", f.moment(shown.CreatedAt)}, [2]string{"ID", strconv.FormatInt(shown.ID, 10)})
	lines := append([]string{style.Render(f.ruler.cut(oneLine(text), f.width)), ""}, table(f, rows, f.look.plain.Render)...)
	for _, a := range slices.Backward(shown.Attempts) {
		lines = append(append(lines, ""), attemptLines(f, a)...)
	}
	return lines
}

func kindText(d controlapi.Delivery) string {
	if d.Event != "" {
		return string(d.Kind) + " of " + line(string(d.Event))
	}
	return string(d.Kind)
}

// sideBySide is from which width on request and response stand beside each other.
const sideBySide = 64

// attemptLines tell of an attempt: what took its time, what was sent and what came back.
func attemptLines(f frame, a controlapi.Attempt) []string {
	heading := fmt.Sprintf("Attempt %d  %s  %s", a.Number, f.moment(a.StartedAt), duration(a.DurationMS))
	lines := []string{f.look.strong.Render(f.ruler.cut(heading, f.width))}
	if phases := phasesText(a.Phases); phases != "" {
		lines = append(lines, f.mutedLines(phases)...)
	}
	if a.Error != "" {
		for _, text := range f.ruler.wrap(oneLine(a.Error), f.width) {
			lines = append(lines, f.look.warn.Bold(false).Render(text))
		}
	}
	return append(lines, f.exchange(sentLines(a), gotLines(a))...)
}

// exchange shows a request and its answer, beside each other where there is room.
func (f frame) exchange(sent, got []string) []string {
	if f.width >= sideBySide && len(sent) > 0 && len(got) > 0 {
		half := f.sized((f.width-2)/2, 0)
		return f.columns(half.wrapped(sent), half.wrapped(got), half.width)
	}
	if len(sent) > 0 {
		sent = append(sent, "")
	}
	return f.wrapped(append(sent, got...))
}

func (f frame) wrapped(texts []string) []string {
	var lines []string
	for _, text := range texts {
		lines = append(lines, f.ruler.wrap(block(text), f.width)...)
	}
	return lines
}

// columns puts two texts beside each other.
func (f frame) columns(left, right []string, width int) []string {
	lines := make([]string, max(len(left), len(right)))
	for i := range lines {
		lines[i] = f.ruler.fit(nth(left, i), width) + "  " + f.ruler.cut(nth(right, i), width)
	}
	return lines
}

// phasesText says what took the time.
func phasesText(p controlapi.Phases) string {
	var parts []string
	for _, phase := range p.Parts() {
		parts = append(parts, phase.Name+" "+duration(phase.MS))
	}
	if p.Reused {
		parts = append(parts, "connection reused")
	}
	return strings.Join(parts, " · ")
}

func sentLines(a controlapi.Attempt) []string {
	if a.Request == nil {
		return nil
	}
	first := "→ " + a.Request.Method + " " + a.Request.URL
	if !a.Request.Same {
		first += " (what it is about has changed since)"
	}
	return messageLines(first, a.Request.Headers, a.Request.Body, false)
}

func gotLines(a controlapi.Attempt) []string {
	if a.StatusCode == 0 {
		return nil
	}
	return messageLines("← "+httpStatus(a.StatusCode), a.ResponseHeaders, a.Response, false)
}
