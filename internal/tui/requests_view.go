package tui

import (
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/lipgloss"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/terminal"
)

// Columns of the list, in cells.
const (
	barColumn      = 8
	countColumn    = 7
	userColumn     = 24
	wordColumn     = 8
	ageColumn      = 4
	wideList       = 64 // from this width on there is a column for the user
	narrowList     = 48 // below it a pending request takes two lines, if there are enough
	manyLines      = 14
	historyHeading = "History"
)

// share is how high the list is in a small window: as high as it needs to be, but it leaves room for the request.
func (p *requests) share(f frame) int { return max(1, min(p.rows(), f.height*2/5)) }

func (p *requests) layout(f frame) { p.height = f.height }

// changes: countdowns and their bars move.
func (p *requests) changes(known facts) time.Time {
	if len(p.pending.items) == 0 {
		return time.Time{}
	}
	return known.local.Add(countStep)
}

// listLine is a line of the list, and the request that it shows, if it shows one.
type listLine struct{ text, uuid string }

// view draws the list.
func (p *requests) view(f frame) []string {
	lines := p.lines(f)
	texts := make([]string, len(lines))
	for i, l := range lines {
		texts[i] = l.text
	}
	return texts
}

// lines are those of the list.
func (p *requests) lines(f frame) []listLine {
	if !p.known {
		return []listLine{{text: f.look.muted.Render("Reading…")}}
	}
	var lines []listLine
	from, to := window(len(p.pending.items), p.pendingRows(f), p.pending.index(p.cursor))
	for _, r := range p.pending.items[from:to] {
		for _, text := range p.waitingRow(f, r) {
			lines = append(lines, listLine{text, r.UUID})
		}
	}
	if len(p.pending.items) == 0 {
		lines = append(lines, listLine{text: f.look.muted.Render("  " + p.nothingWaits())})
	}
	if len(p.history.items) == 0 {
		return lines
	}
	if f.height >= manyLines {
		lines = append(lines, listLine{})
	}
	lines = append(lines, listLine{text: f.look.muted.Render(historyHeading)})
	from, to = window(len(p.history.items), f.height-len(lines), p.history.index(p.cursor))
	for _, r := range p.history.items[from:to] {
		lines = append(lines, listLine{p.row(f, r, p.past(f, r)), r.UUID})
	}
	return lines
}

func (p *requests) nothingWaits() string {
	if p.search != "" {
		return "Nothing that waits has “" + p.search + "” in it."
	}
	return "Nothing waits."
}

// twoLines reports whether a pending request has its countdown on a line of its own.
func twoLines(f frame) bool { return f.width < narrowList && f.height >= manyLines }

// rows is how many lines the whole list takes with one line for each request.
func (p *requests) rows() int {
	rows := max(1, len(p.pending.items))
	if len(p.history.items) > 0 {
		rows += 1 + len(p.history.items)
	}
	return rows
}

// pendingRows is how many pending requests are drawn.
func (p *requests) pendingRows(f frame) int {
	lines := f.height
	if len(p.history.items) > 0 {
		lines -= min(4, f.height/3+1) // a blank, the heading and two rows, where there is room for them
	}
	if p.visiting {
		lines = f.height / 2
	}
	if twoLines(f) {
		lines /= 2
	}
	return min(len(p.pending.items), max(1, lines))
}

func (p *requests) waitingRow(f frame, r controlapi.ApprovalRequest) []string {
	if !twoLines(f) {
		return []string{p.row(f, r, p.progress(f, r, barColumn))}
	}
	room := f.width - 5
	marked := r.UUID == p.cursor
	return []string{p.row(f, r, ""), f.row(marked, row{" ", "", p.progress(f, r, room-countColumn-1)})}
}

// row draws a request's sign and message, its user where there is room, and what stands on the right.
func (p *requests) row(f frame, r controlapi.ApprovalRequest, right string) string {
	if f.width >= wideList {
		right = strings.TrimRight(f.look.muted.Render(f.ruler.fit(f.names.user(r.AuthyID), userColumn))+" "+right, " ")
	}
	return f.row(r.UUID == p.cursor, row{f.statusStyle(r.Status).Render(sign(r.Status)), oneLine(r.Message), right})
}

// past says what was answered, and when.
func (p *requests) past(f frame, r controlapi.ApprovalRequest) string {
	text := f.ruler.fitRight(terminal.Age(f.now.Sub(since(r))), ageColumn)
	if f.width >= narrowList {
		text = f.ruler.fitRight(string(r.Status), wordColumn) + "  " + text
	}
	return f.look.muted.Render(text)
}

// progress shows how long the answer may take still, or how far it is; bar is the width of the countdown's bar.
func (p *requests) progress(f frame, r controlapi.ApprovalRequest, bar int) string {
	width := bar + 1 + countColumn
	if h := f.answers.of(r.UUID); h != nil {
		return f.statusStyle(h.status).Render(f.ruler.fitRight(strings.ToLower(wordsOf(h.status).doing)+"…", width))
	}
	if _, sending := f.answers.sending[r.UUID]; sending {
		return f.look.accent.Render(f.ruler.fitRight("sending…", width))
	}
	left, part, limited := f.left(r)
	if !limited {
		return f.look.muted.Render(f.ruler.fitRight("no limit", width))
	}
	style := f.urgency(part)
	return f.look.progress(style, bar, part) + style.Render(f.ruler.fitRight(left, countColumn+1))
}

func since(r controlapi.ApprovalRequest) time.Time {
	if r.ProcessedAt != nil {
		return *r.ProcessedAt
	}
	return r.CreatedAt
}

// left is how long a request still waits, in words and as a part of the whole. limited is false for one that never expires.
func (f frame) left(r controlapi.ApprovalRequest) (words string, part float64, limited bool) {
	if r.ExpiresAt == nil {
		return "", 1, false
	}
	left := r.ExpiresAt.Sub(f.now)
	whole := r.ExpiresAt.Sub(r.CreatedAt)
	if whole <= 0 {
		return countdown(left), 0, true
	}
	return countdown(left), float64(left) / float64(whole), true
}

// urgency is the colour of a countdown.
func (f frame) urgency(part float64) lipgloss.Style {
	switch {
	case part > 0.5:
		return f.look.good
	case part > 0.15:
		return f.look.warn
	}
	return f.look.bad
}

func (f frame) statusStyle(s onetouch.Status) lipgloss.Style {
	styles := map[onetouch.Status]lipgloss.Style{
		onetouch.StatusPending: f.look.accent, onetouch.StatusApproved: f.look.good,
		onetouch.StatusDenied: f.look.bad, onetouch.StatusExpired: f.look.muted,
	}
	return styles[s]
}

func (p *requests) title(frame) (title, note string) {
	count := fmt.Sprint(len(p.pending.items))
	if !p.pending.whole && p.known {
		count += "+"
	}
	if p.search != "" {
		return tabRequests, count + " waiting " + searchNote(p.search)
	}
	return tabRequests, count + " waiting"
}
