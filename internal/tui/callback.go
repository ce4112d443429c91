package tui

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/terminal"
)

// callback is the pane that shows what became of the callback of the request under the cursor.
type callback struct {
	selected
	remote     *remote
	deliveries []controlapi.Delivery // newest first
	known      bool                  // they have been read
	reading    bool
	again      bool // something changed during the reading that runs
}

// callbacksRead brings the callbacks of one approval request.
type callbacksRead struct {
	reply
	request    string
	deliveries []controlapi.Delivery
}

func (p *callback) update(msg tea.Msg, _ facts, _ func(tea.Msg)) tea.Cmd {
	switch msg := msg.(type) {
	case selected:
		return p.show(msg)
	case happened:
		changed := msg.requests(onetouch.EventCallbackSent, onetouch.EventCallbackFailed, onetouch.EventCallbackRetried)
		if slices.Contains(changed, p.request.UUID) {
			return p.read()
		}
	case connected:
		return p.read()
	case serverRead: // a time to try again what failed
		if !p.known && !p.reading {
			return p.read()
		}
	case callbacksRead:
		return p.take(msg)
	}
	return nil
}

func (p *callback) show(s selected) tea.Cmd {
	before := p.request
	p.selected = s
	if s.request.UUID != before.UUID {
		p.deliveries, p.known = nil, false
	} else if s.request.Status == before.Status {
		return nil
	}
	return p.read()
}

// owed reports whether a callback can be owed at all.
func (p *callback) owed() bool {
	return p.exists && p.request.Status.Answered()
}

func (p *callback) read() tea.Cmd {
	if !p.owed() {
		return nil
	}
	if p.reading {
		p.again = true
		return nil
	}
	p.reading, p.again = true, false
	request := p.request.UUID
	return p.remote.ask(func(ctx context.Context) tea.Msg {
		deliveries, err := p.remote.control.Deliveries(ctx, request, onetouch.DeliveryCallback)
		return callbacksRead{request: request, deliveries: deliveries, reply: reply{err}}
	})
}

func (p *callback) take(m callbacksRead) tea.Cmd {
	p.reading = false
	current := m.request == p.request.UUID
	if current && m.err == nil {
		p.deliveries, p.known = m.deliveries, true
	}
	if p.again || !current {
		return p.read()
	}
	return nil
}

// changes: the countdown to the next try moves.
func (p *callback) changes(known facts) time.Time {
	if len(p.deliveries) == 0 || !p.deliveries[0].Owed {
		return time.Time{}
	}
	return known.local.Add(countStep)
}

// layout has nothing to prepare.
func (p *callback) layout(frame) {}

func (p *callback) title(frame) (title, note string) { return "Callback", "" }

// view draws the pane: the fate in one line, why, where to, and the tries with the newest on top.
func (p *callback) view(f frame) []string {
	if !p.exists {
		return nil
	}
	lines := []string{p.summary(f)}
	if len(p.deliveries) == 0 {
		if app, known := f.names.app(p.request.AppID); known && app.CallbackURL != "" && !p.known {
			lines = append(lines, p.target(f, app.CallbackMethod, app.CallbackURL))
		}
		return lines
	}
	d := p.deliveries[0]
	for _, text := range f.ruler.wrapAtMost(line(d.LastError), f.width, 2) {
		if text != "" {
			lines = append(lines, f.look.warn.Bold(false).Render(text))
		}
	}
	if d.LastError == "" || f.height > lowBox {
		lines = append(lines, p.target(f, d.Method, d.URL))
	}
	for _, a := range slices.Backward(d.Attempts) {
		lines = append(lines, p.attempt(f, a))
	}
	return lines
}

// target is where to, without the secrets that may be in it.
func (p *callback) target(f frame, method, address string) string {
	return f.look.muted.Render(f.ruler.cut(line(method)+" "+line(terminal.URL(address)), f.width))
}

// summary is the fate in one line.
func (p *callback) summary(f frame) string {
	if p.owed() && p.known && len(p.deliveries) > 0 {
		text, style := fate(f, p.deliveries[0])
		return style.Render(f.ruler.cut(text, f.width))
	}
	return f.look.muted.Render(f.ruler.cut(p.prospect(f), f.width))
}

// prospect says what is to be expected where nothing was sent.
func (p *callback) prospect(f frame) string {
	app, known := f.names.app(p.request.AppID)
	switch {
	case p.request.Status == onetouch.StatusExpired:
		return "None: only an answer is called back."
	case p.owed() && p.known:
		return "None: no callback URL was set at the time."
	case p.owed() || !known:
		return "…"
	case app.CallbackURL == "":
		return "No callback URL is set; the backend polls."
	}
	return "Follows the answer."
}

// fate is what became of a delivery.
func fate(f frame, d controlapi.Delivery) (string, lipgloss.Style) {
	switch d.State {
	case onetouch.DeliverySent:
		return delivered(d.Attempts), f.look.good
	case onetouch.DeliveryFailed:
		return "✗ given up after " + tryCount(len(d.Attempts)), f.look.bad
	case onetouch.DeliveryPending:
	}
	if len(d.Attempts) == 0 {
		return "● on its way", f.look.accent
	}
	text := fmt.Sprintf("✗ try %d failed", len(d.Attempts))
	if d.NextAttemptAt != nil {
		text += " · next in " + countdown(d.NextAttemptAt.Sub(f.now))
	}
	return text, f.look.warn
}

func delivered(attempts []controlapi.Attempt) string {
	tries := len(attempts)
	if tries == 0 {
		return "✓ delivered"
	}
	parts := []string{"✓ delivered"}
	if tries > 1 {
		parts = append(parts, fmt.Sprintf("try %d", tries))
	}
	last := attempts[tries-1]
	return strings.Join(append(parts, httpStatus(last.StatusCode), duration(last.DurationMS)), " · ")
}

func tryCount(n int) string {
	if n == 1 {
		return "1 try"
	}
	return fmt.Sprintf("%d tries", n)
}

func (p *callback) attempt(f frame, a controlapi.Attempt) string {
	result := "no answer"
	if a.StatusCode != 0 {
		result = strconv.Itoa(a.StatusCode)
	}
	text := fmt.Sprintf("try %d  %s  %s  %s", a.Number, f.clockTime(a.StartedAt), result, duration(a.DurationMS))
	return f.look.muted.Render(f.ruler.cut(text, f.width))
}
