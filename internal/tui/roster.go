package tui

import (
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// roster is a list of things of one kind and the sheet beside it that shows the one under the cursor as a whole: two panes
// that look at the same. The cursor is bound to a thing, not to a row.
type roster[T any] struct {
	kind[T]
	all    []T // in their order
	items  []T // of them, those that are looked for
	known  bool
	shown  bool   // its tab is
	search string // "": everything is listed
	cursor string // the identifier under it; "" while nothing is listed
	height int    // of the list
	sheet  scroller
}

// kind is what rosters of different things differ in. What is nil a kind does not have.
type kind[T any] struct {
	tab     string // "Users"
	noun    string // "User"
	nothing string // what is said while there is none
	id      func(T) string
	row     func(frame, T) row
	whole   func(frame, T) []string // the sheet
	words   func(facts, T) []string // what is searched
	live    func(facts) time.Time   // when it next looks different without having been told anything
	copy    func(T) copied          // what to copy of it; nil: its identifier
	hear    func(tea.Msg, facts, func(tea.Msg)) tea.Cmd
}

// row is one line of a list: a sign of one cell, a text, and what stands on the right.
type row struct{ sign, text, right string }

// row draws a row, with the cursor's mark or without.
func (f frame) row(marked bool, r row) string {
	mark, style, right := "  ", f.look.plain, ""
	if marked {
		mark, style = f.look.accent.Render("▌")+" ", f.look.strong
	}
	if r.right != "" {
		right = " " + r.right
	}
	return mark + r.sign + " " + style.Render(f.ruler.fit(r.text, f.width-4-f.ruler.width(right))) + right
}

// panes are the list and the sheet.
func (r *roster[T]) panes() tab {
	return tab{r.tab, []placed{
		{pane: &rosterList[T]{r}, column: left, small: r.share, edge: bare},
		{pane: &rosterSheet[T]{r}, column: right, edge: ruled},
	}}
}

// take replaces the things that are listed. The cursor stays on its own, or goes to what took its place.
func (r *roster[T]) take(all []T, known facts) {
	at := r.position()
	r.all, r.known = all, true
	r.find(r.search, known)
	if r.position() < 0 {
		r.moveTo(max(0, at))
	}
}

// find lists only the things that a text is part of.
func (r *roster[T]) find(text string, known facts) {
	r.search, r.items = text, r.all
	if text == "" {
		return
	}
	r.items = slices.DeleteFunc(slices.Clone(r.all), func(item T) bool { return !contain(r.words(known, item), text) })
}

// contain reports whether a text is part of one of the words, in whichever case.
func contain(words []string, text string) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(strings.ToLower(word), text) })
}

// position is the row of the cursor, or -1.
func (r *roster[T]) position() int {
	return slices.IndexFunc(r.items, func(item T) bool { return r.id(item) == r.cursor })
}

// current is the thing under the cursor.
func (r *roster[T]) current() (item T, exists bool) {
	if at := r.position(); at >= 0 {
		return r.items[at], true
	}
	return item, false
}

func (r *roster[T]) moveTo(row int) {
	before := r.cursor
	r.cursor = ""
	if len(r.items) > 0 {
		r.cursor = r.id(r.items[max(0, min(row, len(r.items)-1))])
	}
	if r.cursor != before {
		r.sheet.offset = 0
	}
}

// share is how high the list is in a small window.
func (r *roster[T]) share(f frame) int { return max(1, min(len(r.items), f.height*2/5)) }

// rosterList is the pane with the list.
type rosterList[T any] struct{ *roster[T] }

func (p *rosterList[T]) update(msg tea.Msg, known facts, say func(tea.Msg)) tea.Cmd {
	switch msg := msg.(type) {
	case tabShown:
		p.shown = msg.name == p.tab
	case moved:
		p.moveTo(p.position() + msg.rows + msg.pages*max(1, p.height-1))
	case movedToEnd:
		p.moveTo(0)
		if msg.last {
			p.moveTo(len(p.items))
		}
	case pointed:
		p.moveTo(slices.IndexFunc(p.items, func(item T) bool { return p.id(item) == msg.id }))
	case copyPressed:
		p.tellCopied(say)
	case searched:
		p.find(msg.text, known)
		if p.position() < 0 {
			p.moveTo(0)
		}
	}
	return p.hear(msg, known, say)
}

func (p *rosterList[T]) tellCopied(say func(tea.Msg)) {
	switch item, exists := p.current(); {
	case !exists:
	case p.copy != nil:
		say(p.copy(item))
	default:
		say(copied{what: p.noun + " ID", text: p.cursor})
	}
}

func (p *rosterList[T]) changes(known facts) time.Time {
	if p.live == nil {
		return time.Time{}
	}
	return p.live(known)
}

func (p *rosterList[T]) layout(f frame) { p.height = f.height }

func (p *rosterList[T]) title(frame) (title, note string) {
	if p.search != "" {
		return p.tab, searchNote(p.search)
	}
	return p.tab, countOf(len(p.all), p.known)
}

func (p *rosterList[T]) view(f frame) []string {
	switch {
	case !p.known:
		return []string{f.look.muted.Render("Reading…")}
	case len(p.all) == 0:
		return f.mutedLines(p.nothing)
	case len(p.items) == 0:
		return f.mutedLines("Nothing here has “" + p.search + "” in it.")
	}
	var lines []string
	from, to := window(len(p.items), f.height, p.position())
	for _, item := range p.items[from:to] {
		lines = append(lines, f.row(p.id(item) == p.cursor, p.row(f, item)))
	}
	return lines
}

// mutedLines breaks a text into lines.
func (f frame) mutedLines(text string) []string {
	lines := f.ruler.wrap(text, f.width)
	for i := range lines {
		lines[i] = f.look.muted.Render(lines[i])
	}
	return lines
}

// rosterSheet is the pane that shows the thing under the cursor as a whole.
type rosterSheet[T any] struct{ *roster[T] }

func (p *rosterSheet[T]) update(msg tea.Msg, _ facts, _ func(tea.Msg)) tea.Cmd {
	if msg, is := msg.(scrolled); is {
		p.sheet.scroll(msg.lines)
	}
	return nil
}

func (p *rosterSheet[T]) changes(facts) time.Time { return time.Time{} }

func (p *rosterSheet[T]) layout(f frame) {
	var body []string
	if item, exists := p.current(); exists {
		body = p.whole(f, item)
	}
	p.sheet.lay(body, f.height)
}

func (p *rosterSheet[T]) title(frame) (title, note string) { return p.noun, "" }

func (p *rosterSheet[T]) view(f frame) []string { return p.sheet.visible(f) }
