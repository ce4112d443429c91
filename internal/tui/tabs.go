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

// showTab changes the tab.
func (m *model) showTab(asked tabPressed) tabShown {
	if asked.by != 0 {
		asked.number = (m.tab + asked.by + len(m.tabs)) % len(m.tabs)
	}
	m.tab = asked.number
	return tabShown{m.shownTab().name}
}

// tabBar names the tabs with their keys. Where there is little room only the shown one has its name.
func (m *model) tabBar(f frame, room int) string {
	whole := m.tabNames(f, true)
	if f.ruler.width(whole) <= room {
		return whole
	}
	return m.tabNames(f, false)
}

func (m *model) tabNames(f frame, all bool) string {
	names := make([]string, len(m.tabs))
	for i, t := range m.tabs {
		key := string(rune('1' + i))
		switch {
		case i == m.tab:
			names[i] = f.look.accent.Render(key + " " + t.name)
		case all:
			names[i] = f.look.strong.Render(key) + " " + f.look.muted.Render(t.name)
		default:
			names[i] = f.look.muted.Render(key)
		}
	}
	return strings.Join(names, "  ")
}
