package tui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// pointed puts the cursor of the shown tab on what was clicked.
type pointed struct{ id string }

func (pointed) forCursor() {}

// pointable is a pane whose lines are things that can be clicked.
type pointable interface {
	// thingAt is the identifier of what a line of the frame shows; "" for none.
	thingAt(f frame, line int) string
}

// pressable is a pane with buttons that can be clicked.
type pressable interface {
	// buttonAt is what a button asks for that covers a cell of the frame; nil: there is none.
	buttonAt(f frame, column, line int) tea.Msg
}

// moused takes what the mouse does: the wheel moves what is under it, a click chooses a tab or a row, or presses a button.
// Whatever covers the
// panes is for the keyboard.
func (m *model) moused(msg tea.MouseMsg) tea.Cmd {
	covered := m.helpOpen || m.form != nil || m.palette.open || !m.link.ever || !m.fits()
	clicked := msg.Button == tea.MouseButtonLeft && msg.Action == tea.MouseActionPress
	wheel := map[tea.MouseButton]int{tea.MouseButtonWheelUp: -1, tea.MouseButtonWheelDown: 1}[msg.Button]
	switch {
	case covered:
		return nil
	case clicked && msg.Y == 0:
		if at := m.tabAt(msg.X); at >= 0 {
			return m.dispatch(tabPressed{number: at})
		}
		return nil
	case clicked || wheel != 0:
		return m.pointAt(msg.X, msg.Y-1, wheel)
	}
	return nil
}

// pointAt moves what is under a cell of the panes, or chooses it.
func (m *model) pointAt(x, y, wheel int) tea.Cmd {
	a, column, line, found := m.areaAt(x, y)
	if !found {
		return nil
	}
	if buttons, has := a.pane.(pressable); has && wheel == 0 {
		m.notice = notice{}
		if asked := buttons.buttonAt(a.inner(), column, line); asked != nil {
			return m.dispatch(asked)
		}
	}
	list, isList := a.pane.(pointable)
	switch {
	case wheel != 0 && isList:
		return m.dispatch(moved{rows: wheel})
	case wheel != 0:
		return m.dispatch(scrolled{wheel})
	case !isList:
		return nil
	}
	if id := list.thingAt(a.inner(), line); id != "" {
		return m.dispatch(pointed{id})
	}
	return nil
}

// areaAt is the area with a cell of the panes, and where that is within its edge.
func (m *model) areaAt(x, y int) (a area, atColumn, atLine int, found bool) {
	left := 0
	for _, column := range m.areas() {
		top := 0
		for _, a := range column {
			if x >= left && x < left+a.frame.width && y >= top && y < top+a.frame.height {
				return a, x - left - a.before(), y - top - a.above(), true
			}
			top += a.frame.height
		}
		left += column[0].frame.width
	}
	return area{}, 0, 0, false
}

// above is how many lines of the edge stand above the pane.
func (a area) above() int {
	if a.edge == boxed || a.edge == ruled {
		return 1
	}
	return 0
}

// before is how many cells of the edge stand before the pane.
func (a area) before() int {
	switch a.edge {
	case boxed:
		return 2
	case labelled:
		return 1 + a.frame.ruler.width(a.label())
	case bare, ruled:
	}
	return 1
}

// buttonAt is what a button of the request asks for: the same as its key.
func (p *detail) buttonAt(f frame, column, line int) tea.Msg {
	if !p.exists || line != f.height-1 || !strings.HasPrefix(ansi.Strip(p.view(f)[line]), approveButton+" "+denyButton) {
		return nil
	}
	from := len(approveButton) + 1
	switch {
	case column >= 0 && column < len(approveButton):
		return answerPressed{onetouch.StatusApproved}
	case column >= from && column < from+len(denyButton):
		return answerPressed{onetouch.StatusDenied}
	}
	return nil
}

// tabAt is the tab whose name a cell of the first line is part of, or -1.
func (m *model) tabAt(x int) int {
	f := m.frame(m.width, m.height)
	all := m.namesAll(f, m.tabRoom(f))
	left := 1
	for i := range m.tabs {
		width := f.ruler.width(m.tabName(f, i, all))
		if x >= left && x < left+width {
			return i
		}
		left += width + tabGap
	}
	return -1
}

// thingAt is what a row of the list shows.
func (p *rosterList[T]) thingAt(f frame, line int) string {
	from, to := window(len(p.items), f.height, p.position())
	if line < 0 || from+line >= to {
		return ""
	}
	return p.id(p.items[from+line])
}

// thingAt is the request that a line of the list shows.
func (p *requests) thingAt(f frame, line int) string {
	lines := p.lines(f)
	if line < 0 || line >= len(lines) {
		return ""
	}
	return lines[line].uuid
}
