package tui

import (
	"fmt"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// detail is the pane that shows one approval request the way the phone shows it: who asks, the message, the details in
// their order, and below them the two buttons or what was answered.
type detail struct {
	selected

	remote   *remote
	scroller // what the request asks, laid out for key
	key      bodyKey
	whole    whole
}

// bodyKey is what the layout of the body depends on. What a request asks never changes.
type bodyKey struct {
	uuid, email, contact string
	width                int
	compact              bool
	whole                int
	status               onetouch.Status // what the JSON says; not shown before
	method               ansi.Method
	profile              colorprofile.Profile
}

func (p *detail) update(msg tea.Msg, _ facts, _ func(tea.Msg)) tea.Cmd {
	switch msg := msg.(type) {
	case selected:
		if msg.request.UUID != p.request.UUID {
			p.offset = 0
		}
		p.selected = msg
	case scrolled:
		p.scroll(msg.lines)
	case wholePressed:
		p.whole.toggle()
		p.offset = 0
	case lessWanted:
		if p.whole.shown {
			p.whole.toggle()
			p.offset = 0
		}
	case evidenceRead:
		p.whole.take(msg)
	}
	return p.whole.ask(p.remote, p.request)
}

// changes: the countdown moves, and the buttons come to life.
func (p *detail) changes(known facts) time.Time {
	moves := time.Time{}
	if p.exists && !p.request.Status.Decided() {
		moves = known.local.Add(countStep)
	}
	return soonest(known.local, moves, p.armedAt())
}

// layout wraps the text once, not at every tick.
func (p *detail) layout(f frame) {
	email, contact := f.names.contact(p.request.AuthyID)
	key := bodyKey{
		uuid: p.request.UUID, email: email, contact: contact,
		width: f.width, compact: f.compact, whole: p.whole.version, status: p.request.Status,
		method: f.ruler.method, profile: f.look.profile,
	}
	body := p.body
	if key != p.key {
		p.key, body = key, p.bodyLines(f)
	}
	p.lay(body, f.height-len(p.foot(f)))
}

// view draws the pane; layout has been called for the same frame.
func (p *detail) view(f frame) []string {
	if !p.exists {
		return p.nothing(f)
	}
	foot := p.foot(f)
	lines := f.sized(f.width, max(0, f.height-len(foot))).fill(p.visible(f))
	return append(lines, foot...)
}

// nothing is what the pane says before there is a request.
func (p *detail) nothing(f frame) []string {
	if !f.names.known {
		return nil
	}
	lines := f.mutedLines("Requests appear here by themselves. N asks a user, and so does:")
	return append(append(lines, ""), f.ruler.wrap("onetouch request send --user ID --message 'Log in?'", f.width)...)
}

func (p *detail) bodyLines(f frame) []string {
	if !p.exists {
		return nil
	}
	r := p.request
	var lines []string
	if !f.compact {
		lines = append(lines, f.look.accent.Render(f.ruler.centre(oneLine(r.AppName), f.width)),
			f.look.muted.Render(f.ruler.centre("asks "+f.names.user(r.AuthyID), f.width)), "")
	}
	for _, text := range f.ruler.wrap(block(r.Message), f.width) {
		lines = append(lines, f.look.strong.Render(text))
	}
	if len(r.Details) > 0 {
		lines = append(lines, "")
		var rows [][2]string
		for _, d := range r.Details {
			rows = append(rows, [2]string{block(d.Name), block(d.Value)})
		}
		lines = append(lines, table(f, rows, f.look.plain.Render)...)
	}
	lines = append(append(lines, ""), table(f, p.about(f), f.look.muted.Render)...)
	return append(lines, p.whole.lines(f, r)...)
}

// about is what the phone's user does not see, or only as a picture.
func (p *detail) about(f frame) [][2]string {
	email, contact := f.names.contact(p.request.AuthyID)
	rows := [][2]string{
		{"User", email},
		{"", contact},
		{"Sent", f.clockTime(p.request.CreatedAt)},
		{"UUID", line(p.request.UUID)},
	}
	for _, logo := range p.request.Logos {
		rows = append(rows, [2]string{"Logo", line(logo.Resolution) + " " + line(logo.URL)})
	}
	return rows
}

// table draws names and values in two columns, breaking lines in both rather than hiding anything.
func table(f frame, rows [][2]string, style func(...string) string) []string {
	names := 0
	for _, row := range rows {
		names = max(names, f.ruler.width(row[0]))
	}
	names = min(names, f.width/3)
	var lines []string
	for _, row := range rows {
		left, right := f.ruler.wrap(row[0], names), f.ruler.wrap(row[1], f.width-names-2)
		for i := range max(len(left), len(right)) {
			lines = append(lines, f.look.muted.Render(f.ruler.fit(nth(left, i), names))+"  "+style(nth(right, i)))
		}
	}
	return lines
}

func nth(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}

// foot is the lower end of the pane, which never scrolls away.
func (p *detail) foot(f frame) []string {
	if !p.exists {
		return nil
	}
	var foot []string
	if !f.compact {
		foot = append(foot, "")
	}
	if remark := f.answers.remarks[p.request.UUID]; remark != "" {
		for _, text := range f.ruler.wrapAtMost(remark, f.width, 3) {
			foot = append(foot, f.look.warn.Bold(false).Render(text))
		}
	}
	if !p.request.Status.Decided() {
		return append(append(foot, p.time(f)), p.buttons(f)...)
	}
	return append(foot, p.outcome(f)...)
}

// time is how long the request waits still, or how long the answer can be taken back.
func (p *detail) time(f frame) string {
	if h := f.answers.of(p.request.UUID); h != nil {
		left := h.since.Add(holdTime).Sub(f.local)
		words := fmt.Sprintf(" %.1f s", max(0, left.Seconds()))
		bar := f.look.progress(f.statusStyle(h.status), f.width-len(words), 1-h.part(f.local))
		return bar + f.look.strong.Render(words)
	}
	left, part, limited := f.left(p.request)
	if !limited {
		return f.look.muted.Render(f.ruler.cut("This request never expires.", f.width))
	}
	words := " " + left + " left"
	style := f.urgency(part)
	return f.look.progress(style, f.width-len(words), part) + style.Render(words)
}

// Buttons below a request that waits.
const approveButton, denyButton = " a Approve ", " d Deny "

func (p *detail) buttons(f frame) []string {
	if h := f.answers.of(p.request.UUID); h != nil {
		return p.undo(f, h)
	}
	if _, sending := f.answers.sending[p.request.UUID]; sending {
		return []string{f.look.accent.Render(f.ruler.cut("Sending the signed answer…", f.width))}
	}
	phones := f.names.answering(p.request)
	switch {
	case !f.link.up:
		return f.mutedLines("No answers while " + f.link.trouble() + ".")
	case !f.names.known:
		return []string{""}
	case f.names.removed(p.request.AuthyID):
		return []string{f.look.warn.Render(f.ruler.cut(userRemoved, f.width))}
	case len(phones) == 0 && f.names.onlyAs() != "":
		return f.mutedLines(f.names.onlyAs())
	case len(phones) == 0:
		return []string{
			f.look.warn.Render(f.ruler.cut("No device of this user here. Make one:", f.width)),
			f.ruler.cut(registerHint(p.request), f.width),
		}
	}
	approve, deny, note := f.look.approve, f.look.deny, "as "+line(phones[0].Name())
	if !p.armed(f.local) {
		approve, deny, note = f.look.muted, f.look.muted, "just arrived"
	}
	buttons := approve.Render(approveButton) + " " + deny.Render(denyButton) + "  "
	return []string{buttons + f.look.muted.Render(f.ruler.cut(note, f.width-f.ruler.width(buttons)))}
}

func (p *detail) undo(f frame, h *heldAnswer) []string {
	words := wordsOf(h.status)
	text := f.statusStyle(h.status).Render(words.doing+"…") + "  " +
		f.look.strong.Render("u") + " undo  " +
		f.look.strong.Render(words.verb[:1]) + " send now"
	return []string{f.ruler.cut(text, f.width)}
}

// outcome says what was answered, when and by whom.
func (p *detail) outcome(f frame) []string {
	r := p.request
	text := sign(r.Status) + " " + strings.ToUpper(string(r.Status[:1])) + string(r.Status[1:]) + " " + f.clockTime(since(r))
	lines := []string{f.statusStyle(r.Status).Render(f.ruler.cut(text, f.width))}
	switch {
	case r.DeviceID != nil:
		lines = append(lines, f.ruler.cut("  by "+f.names.device(*r.DeviceID), f.width))
	case r.Status == onetouch.StatusExpired:
		lines = append(lines, f.look.muted.Render(f.ruler.cut("  nobody answered", f.width)))
	}
	if r.Reason != "" {
		lines = append(lines, f.ruler.wrapAtMost("Reason: "+line(r.Reason), f.width, 2)...)
	}
	return lines
}

func (p *detail) title(f frame) (title, note string) {
	if !p.exists {
		return "Request", ""
	}
	title = "Request"
	if f.compact {
		title = oneLine(p.request.AppName) + " asks " + f.names.user(p.request.AuthyID)
	}
	return title, f.statusStyle(p.request.Status).Render(string(p.request.Status))
}
