package tui

import "strings"

// tab is one of the screens that the number keys choose, with panes of its own. All parts hear what happens, whichever tab
// is shown; what concerns the cursor only those of the shown tab do.
type tab struct {
	name  string
	panes []placed
}

// Names of the tabs.
const (
	tabRequests   = "Requests"
	tabPhones     = "Phones"
	tabUsers      = "Users"
	tabDeliveries = "Deliveries"
	tabInbox      = "Inbox"
	tabTraffic    = "Traffic"
)

// tabNames are those of the tabs, in the order of their keys.
func tabNames() []string {
	return []string{tabRequests, tabPhones, tabUsers, tabDeliveries, tabInbox, tabTraffic}
}

// tabs is the table of tabs, in that order.
func tabs(r *remote, p *phones, base string) []tab {
	return []tab{
		{tabRequests, panes(r)},
		p.panes(),
		newUsers().panes(),
		newDeliveries(r).panes(),
		newInbox(r).panes(),
		newCalls(r, base).panes(),
	}
}

// tabPressed asks to show the tab with a number, from 0; or, where by is set, the one so many further on.
type tabPressed struct{ number, by int }

// tabShown says which tab is shown now.
type tabShown struct{ name string }

// shownTab is the tab on the screen.
func (m *model) shownTab() tab { return m.tabs[m.tab] }

// showTab changes the tab. The line in which one writes what is looked for is that of the tab before, and what was written
// goes on to be looked for there.
func (m *model) showTab(asked tabPressed) tabShown {
	if asked.by != 0 {
		asked.number = (m.tab + asked.by + len(m.tabs)) % len(m.tabs)
	}
	m.tab = asked.number
	m.search.open = false
	return tabShown{m.shownTab().name}
}

// tabGap is what stands between two tabs.
const tabGap = 2

// tabBar names the tabs with their keys. Where there is little room only the shown one has its name.
func (m *model) tabBar(f frame, room int) string {
	all := m.namesAll(f, room)
	names := make([]string, len(m.tabs))
	for i := range m.tabs {
		names[i] = m.tabName(f, i, all)
	}
	return strings.Join(names, spaces(tabGap))
}

// namesAll reports whether there is room for the names of all tabs.
func (m *model) namesAll(f frame, room int) bool {
	width := tabGap * (len(m.tabs) - 1)
	for i := range m.tabs {
		width += f.ruler.width(m.tabName(f, i, true))
	}
	return width <= room
}

// tabRoom is the room for the tabs, beside how the connection is.
func (m *model) tabRoom(f frame) int { return f.width - f.ruler.width(m.state(f)) - 3 }

func (m *model) tabName(f frame, i int, all bool) string {
	key := string(rune('1' + i))
	switch {
	case i == m.tab:
		return f.look.accent.Render(key + " " + m.tabs[i].name)
	case all:
		return f.look.strong.Render(key) + " " + f.look.muted.Render(m.tabs[i].name)
	}
	return f.look.muted.Render(key)
}
