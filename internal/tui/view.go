package tui

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/bubbles/key"
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
func (m *model) View() string { return strings.Join(m.lines(), "\n") }

// fits reports whether the window is large enough.
func (m *model) fits() bool { return m.width >= leastWidth && m.height >= leastHeight }

func (m *model) lines() []string {
	f := m.frame(m.width, m.height)
	if !m.fits() {
		return m.tooSmall(f)
	}
	return append(append([]string{m.header(f)}, m.body(f.sized(m.width, m.height-2))...), m.footer(f))
}

func (m *model) body(f frame) []string {
	switch {
	case m.helpOpen:
		lines, note := m.help.view(m.helpFrame(), m.commands)
		return m.helpFrame().box("Help", note, lines)
	case !m.link.ever:
		return m.waiting(f)
	}
	return m.panes(f)
}

func (m *model) frame(width, height int) frame {
	return frame{
		width: width, height: height, look: m.look, ruler: m.ruler, now: m.clock.at(m.now), zone: m.zone,
		names: m.names, answers: m.answers, link: m.link,
	}
}

func (m *model) helpFrame() frame { return m.frame(m.width, m.height-2).inBox() }

func (m *model) tooSmall(f frame) []string {
	text := fmt.Sprintf("This window is %d×%d. OneTouch needs %d×%d.", m.width, m.height, leastWidth, leastHeight)
	return f.fill(f.ruler.wrap(text, m.width))
}

// header names the screen and the applications, and says how the connection is.
func (m *model) header(f frame) string {
	heading := line(m.title)
	if heading == "" {
		heading = "OneTouch"
	}
	right := m.state(f) + " "
	heading = f.ruler.cut(heading, f.width-f.ruler.width(right)-4)
	left := " " + f.look.accent.Render(heading) + "  "
	room := f.width - f.ruler.width(left) - f.ruler.width(right) - 1
	apps := m.names.applications()
	if strings.EqualFold(apps, heading) {
		apps = ""
	}
	return f.ruler.fit(left+f.look.muted.Render(f.ruler.fit(apps, room))+" "+right, f.width)
}

// footer is a notice while there is one, else the keys that help now.
func (m *model) footer(f frame) string {
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
	help.Width = f.width - 2
	return f.ruler.fit(" "+help.ShortHelpView(bindings), f.width)
}

// waiting is the screen before a server has answered for the first time.
func (m *model) waiting(f frame) []string {
	inner := f.inBox()
	headline, advice := m.link.waiting()
	lines := []string{"", f.look.strong.Render(headline)}
	if m.link.err != nil {
		for _, text := range inner.ruler.wrapAtMost(oneLine(m.link.err.Error()), inner.width, 4) {
			lines = append(lines, f.look.warn.Render(text))
		}
		lines = append(lines, "")
		for _, text := range advice {
			lines = append(lines, inner.ruler.wrap(text, inner.width)...)
		}
	}
	return inner.box("Requests", "", lines)
}

// areas are the frames of the panes, within their borders.
type areas struct {
	wide                   bool
	list, detail, callback frame
}

func (m *model) areas(f frame) areas {
	if f.width < wideWidth || f.height+2 < wideHeight {
		return m.stacked(f)
	}
	right, low := max(46, min(f.width*11/20, 70)), callbackHeight
	if f.height >= highScreen {
		low = callbackHigh
	}
	return areas{
		wide: true, list: f.sized(f.width-right, f.height).inBox(),
		detail: f.sized(right, f.height-low).inBox(), callback: f.sized(right, low).inBox(),
	}
}

// stacked is for a small window: the list takes what it needs, a rule and the request follow, the callback has one line.
func (m *model) stacked(f frame) areas {
	f.compact = true
	list := max(1, min(m.requests.rows(), f.height*2/5))
	return areas{
		list: f.sized(f.width-2, list), detail: f.sized(f.width-2, f.height-list-2),
		callback: f.sized(f.width-2-len(callbackLabel), 1),
	}
}

// layout prepares what is drawn in parts.
func (m *model) layout() {
	if m.fits() {
		m.detail.layout(m.areas(m.frame(m.width, m.height-2)).detail)
	}
}

// page is how far a page key moves.
func (m *model) page() int { return max(1, m.areas(m.frame(m.width, m.height-2)).list.height-1) }

const callbackLabel = "Callback "

func (m *model) panes(f frame) []string {
	a := m.areas(f)
	listTitle, listNote := m.requests.title()
	title, note := m.detail.title(a.detail)
	if a.wide {
		right := a.detail.box(title, note, m.detail.view(a.detail))
		right = append(right, a.callback.box("Callback", "", m.callback.view(a.callback))...)
		return beside(a.list.box(listTitle, listNote, m.requests.view(a.list)), right)
	}
	lines := f.indented(a.list.fill(m.requests.view(a.list)))
	lines = append(lines, f.rule(title, note))
	lines = append(lines, f.indented(a.detail.fill(m.detail.view(a.detail)))...)
	last := ""
	if m.detail.exists {
		last = f.look.muted.Render(callbackLabel) + m.callback.summary(a.callback)
	}
	return append(lines, f.indented([]string{last})...)
}
