package tui

import (
	"fmt"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// Sizes, in cells.
const (
	leastWidth, leastHeight = 44, 12
	// From this size on the list stands beside the request, in boxes; below it stands on top, with rules between.
	wideWidth, wideHeight = 76, 18
	// callbackHeight is the callback's box: of a wide screen that is low, and of a high one.
	callbackHeight, callbackHigh = 6, 9
	highScreen                   = 34
)

// View draws the screen.
func (m *Model) View() tea.View {
	view := tea.NewView(strings.Join(m.lines(), "\n"))
	view.AltScreen = true
	return view
}

// fits reports whether the window is large enough.
func (m *Model) fits() bool { return m.width >= leastWidth && m.height >= leastHeight }

func (m *Model) lines() []string {
	f := m.frame(m.width, m.height)
	if !m.fits() {
		return m.tooSmall(f)
	}
	return append(append([]string{m.header(f)}, m.body(f.sized(m.width, m.height-2))...), m.footer(f))
}

func (m *Model) body(f frame) []string {
	switch {
	case m.helpOpen:
		lines, note := m.help.view(m.helpFrame(), m.commands)
		return f.box("Help", note, lines)
	case !m.link.ever:
		return m.waiting(f)
	}
	return m.panes(f)
}

func (m *Model) frame(width, height int) frame {
	return frame{
		width: width, height: height, look: m.look, ruler: m.ruler, now: m.clock.at(m.now), zone: m.zone,
		names: m.names, answers: m.answers, online: m.link.up,
	}
}

func (m *Model) helpFrame() frame { return m.frame(m.width, m.height-2).inBox() }

func (m *Model) tooSmall(f frame) []string {
	text := fmt.Sprintf("This window is %d×%d. OneTouch needs %d×%d.", m.width, m.height, leastWidth, leastHeight)
	return f.fill(f.ruler.wrap(text, m.width))
}

func (m *Model) header(f frame) string {
	left := f.look.accent.Render(" OneTouch ")
	parts := []string{}
	for _, part := range []string{appNames(m.names.apps), line(m.title)} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	right := m.state(f) + " "
	room := f.width - f.ruler.width(left) - f.ruler.width(right) - 1
	return left + f.look.muted.Render(f.ruler.fit(strings.Join(parts, " · "), room)) + " " + right
}

// footer is a notice while there is one, else the keys that help now.
func (m *Model) footer(f frame) string {
	if text := m.noticeText(); text != "" {
		return f.ruler.fit(" "+f.look.warn.Render(f.ruler.cut(text, f.width-2)), f.width)
	}
	var bindings []key.Binding
	for _, c := range m.commands {
		if c.short != "" && (c.offer == nil || c.offer(m)) {
			bindings = append(bindings, key.NewBinding(key.WithKeys(c.Keys()...), key.WithHelp(c.Help().Key, c.short)))
		}
	}
	help := f.look.help
	help.SetWidth(f.width - 2)
	return f.ruler.fit(" "+help.ShortHelpView(bindings), f.width)
}

// waiting is the screen before a server has answered for the first time.
func (m *Model) waiting(f frame) []string {
	inner := f.inBox()
	lines := []string{"", f.look.strong.Render("Waiting for the server.")}
	if m.link.err != nil {
		for _, text := range inner.ruler.wrapAtMost(oneLine(m.link.err.Error()), inner.width, 4) {
			lines = append(lines, f.look.warn.Render(text))
		}
		lines = append(lines, "", "Start one in another window: onetouch serve", "This screen goes on as soon as it answers.")
	}
	return f.box("Requests", "", lines)
}

// areas are the frames of the panes, without their borders.
type areas struct {
	wide                                  bool
	left, right                           int // widths of the columns of a wide screen
	list, detail, callback                frame
	listHeight, detailHeight, callbackAll int // with their borders
}

func (m *Model) areas(f frame) areas {
	if f.width < wideWidth || f.height+2 < wideHeight {
		f.compact = true
		list := max(1, min(m.requests.rows(), f.height*2/5))
		return areas{
			listHeight: list, detailHeight: f.height - list - 1,
			list: f.sized(f.width-1, list), detail: f.sized(f.width-2, f.height-list-2), callback: f.sized(f.width-2, 1),
		}
	}
	right := max(46, min(f.width*11/20, 70))
	low := callbackHeight
	if f.height >= highScreen {
		low = callbackHigh
	}
	a := areas{wide: true, left: f.width - right, right: right, listHeight: f.height, detailHeight: f.height - low, callbackAll: low}
	a.list = f.sized(a.left, f.height).inBox()
	a.detail = f.sized(right, a.detailHeight).inBox()
	a.callback = f.sized(right, low).inBox()
	return a
}

// layout prepares what is drawn in parts.
func (m *Model) layout() {
	if !m.fits() {
		return
	}
	m.detail.layout(m.areas(m.frame(m.width, m.height-2)).detail)
}

// page is how far a page key moves.
func (m *Model) page() int { return max(1, m.areas(m.frame(m.width, m.height-2)).list.height-1) }

func (m *Model) panes(f frame) []string {
	a := m.areas(f)
	listTitle, listNote := m.requests.title()
	detailTitle, detailNote := m.detail.title(f)
	if a.wide {
		list := f.sized(a.left, a.listHeight).box(listTitle, listNote, m.requests.view(a.list))
		right := f.sized(a.right, a.detailHeight).box(detailTitle, detailNote, m.detail.view(a.detail))
		right = append(right, f.sized(a.right, a.callbackAll).box("Callback", "", m.callback.view(a.callback))...)
		return beside(list, right)
	}
	lines := a.list.fill(m.requests.view(a.list))
	detailTitle, detailNote = m.detail.title(a.detail)
	lines = append(lines, f.rule(detailTitle, detailNote))
	lines = append(lines, a.detail.fill(m.detail.view(a.detail))...)
	summary := ""
	if m.detail.any {
		summary = f.look.muted.Render("Callback ") + m.callback.summary(a.callback.sized(a.callback.width-9, 1))
	}
	lines = append(lines, summary)
	for i := range lines {
		if i != a.listHeight { // the rule goes from edge to edge
			lines[i] = f.ruler.fit(" "+lines[i], f.width)
		}
	}
	return lines
}
