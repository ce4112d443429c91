package tui

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/bubbles/key"
)

// View draws the screen.
func (m *model) View() string { return m.ruler.unjoined(strings.Join(m.lines(), "\n")) }

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
		lines, note := m.help.view(m.helpFrame(), m.commandsHere())
		return m.helpFrame().box("Help", note, lines)
	case !m.link.ever:
		return m.waiting(f)
	case m.form != nil:
		inner := f.inBox()
		return inner.box(m.form.title, "", m.form.view(inner))
	case m.palette.open:
		inner := f.inBox()
		return inner.box("Commands", "", m.palette.view(inner, m))
	}
	return m.drawPanes()
}

func (m *model) frame(width, height int) frame {
	return frame{facts: m.facts(), width: width, height: height, look: &m.look, ruler: m.ruler, zone: m.zone}
}

func (m *model) helpFrame() frame { return m.frame(m.width, m.height-2).inBox() }

func (m *model) tooSmall(f frame) []string {
	text := fmt.Sprintf("This window is %d×%d. OneTouch needs %d×%d.", m.width, m.height, leastWidth, leastHeight)
	return f.fill(f.ruler.wrap(text, m.width))
}

// header names the tabs, the server and the applications, and says how the connection is.
func (m *model) header(f frame) string {
	right := m.state(f) + " "
	left := " " + m.tabBar(f, m.tabRoom(f))
	room := f.width - f.ruler.width(left) - f.ruler.width(right) - 4
	left += "   " + f.look.muted.Render(m.heading(f, room))
	return f.ruler.fit(left, f.width-f.ruler.width(right)) + right
}

// leastHeading is the room below which a heading that does not fit is left out.
const leastHeading = 24

// heading is as much of the server and its applications as there is room for.
func (m *model) heading(f frame, room int) string {
	heading := line(m.title)
	if heading == "" {
		heading = "OneTouch"
	}
	apps := m.names.applications()
	if whole := heading + " · " + apps; apps != "" && !strings.EqualFold(apps, heading) && f.ruler.width(whole) <= room {
		return whole
	}
	if f.ruler.width(heading) > room && room < leastHeading {
		return ""
	}
	return f.ruler.cut(heading, room)
}

// footer is a notice while there is one, else the keys that help now.
func (m *model) footer(f frame) string {
	if m.search.open {
		return m.search.view(f)
	}
	if text := m.noticeText(); text != "" {
		return f.ruler.fit(" "+f.look.warn.Render(f.ruler.cut(text, f.width-2)), f.width)
	}
	bindings := m.keysThatHelp()
	help := f.look.help
	help.Width = f.width - 2
	return f.ruler.fit(" "+help.ShortHelpView(bindings), f.width)
}

// keysThatHelp are those that the line at the bottom offers.
func (m *model) keysThatHelp() (bindings []key.Binding) {
	switch {
	case m.form != nil:
		return nil // it says its own
	case m.palette.open:
		return keysOfPalette()
	}
	for _, c := range m.commands {
		if c.short != "" && c.in(m.shownTab().name) && (c.offer == nil || c.offer(m)) {
			bindings = append(bindings, key.NewBinding(key.WithKeys(c.Keys()...), key.WithHelp(c.Help().Key, c.short)))
		}
	}
	return bindings
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

// areas are those of the panes on a screen of this size.
func (m *model) areas() [][]area { return arrange(m.shownTab().panes, m.frame(m.width, m.height-2)) }

// layout prepares what is drawn.
func (m *model) layout() {
	if !m.fits() {
		return
	}
	for _, column := range m.areas() {
		for _, a := range column {
			a.pane.layout(a.inner())
		}
	}
}

func (m *model) drawPanes() []string {
	var columns [][]string
	for _, column := range m.areas() {
		var lines []string
		for _, a := range column {
			lines = append(lines, a.draw()...)
		}
		columns = append(columns, lines)
	}
	return beside(columns)
}
