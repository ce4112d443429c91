package tui

import (
	"slices"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// command is one thing a key does. The table of them is all there is: keys are looked up in it, and the line at the bottom
// and the help are drawn from it. Of two that belong together, such as up and down, the first speaks for both in the help.
type command struct {
	key.Binding
	group string
	short string            // what the bottom line says; "" keeps it out of there
	offer func(*model) bool // whether the bottom line offers it now; nil is always
	run   func(*model) tea.Cmd
	// inHelp is for commands that work while the help is open; any other key closes it.
	inHelp bool
}

// Groups of commands in the help, in their order.
const (
	groupAnswer = "Answer"
	groupMove   = "Move"
	groupScreen = "Screen"
)

func groups() []string { return []string{groupAnswer, groupMove, groupScreen} }

func commands() []command {
	bind := func(shown, help string, keys ...string) key.Binding {
		return key.NewBinding(key.WithKeys(keys...), key.WithHelp(shown, help))
	}
	approve := func(m *model) tea.Cmd { return m.answer(onetouch.StatusApproved) }
	deny := func(m *model) tea.Cmd { return m.answer(onetouch.StatusDenied) }
	next := func(m *model) tea.Cmd { return m.requests.nextWaiting() }
	top := func(m *model) tea.Cmd { return m.requests.moveTo(0) }
	end := func(m *model) tea.Cmd { return m.requests.last() }
	rows := func(n int) func(*model) tea.Cmd { return func(m *model) tea.Cmd { return m.move(n) } }
	pages := func(n int) func(*model) tea.Cmd { return func(m *model) tea.Cmd { return m.move(n * m.page()) } }
	scroll := func(n int) func(*model) tea.Cmd { return func(m *model) tea.Cmd { return m.scroll(n) } }
	suspend := func(*model) tea.Cmd { return tea.Suspend }
	quit := func(*model) tea.Cmd { return tea.Quit }
	return []command{
		{bind("a", "approve", "a"), groupAnswer, "approve", (*model).canAnswer, approve, false},
		{bind("d", "deny", "d"), groupAnswer, "deny", (*model).canAnswer, deny, false},
		{bind("u", "undo", "u", "esc"), groupAnswer, "undo", (*model).canUndo, (*model).undo, false},
		{bind("n", "next waiting", "n", "tab"), groupMove, "next", (*model).othersWait, next, false},
		{bind("↑↓ j k", "up, down", "up", "k"), groupMove, "", nil, rows(-1), true},
		{bind("", "", "down", "j"), groupMove, "", nil, rows(1), true},
		{bind("pgup pgdn", "a page", "pgup", "ctrl+b"), groupMove, "", nil, pages(-1), true},
		{bind("", "", "pgdown", "ctrl+f"), groupMove, "", nil, pages(1), true},
		{bind("g G", "first, last", "g", "home"), groupMove, "", nil, top, false},
		{bind("", "", "G", "end"), groupMove, "", nil, end, false},
		{bind("J K", "scroll text", "J", "shift+down"), groupScreen, "", nil, scroll(1), true},
		{bind("", "", "K", "shift+up"), groupScreen, "", nil, scroll(-1), true},
		{bind("?", "help", "?"), groupScreen, "help", nil, (*model).toggleHelp, true},
		{bind("ctrl+z", "pause", "ctrl+z"), groupScreen, "", nil, suspend, true},
		{bind("q", "quit", "q"), groupScreen, "quit", nil, quit, false},
		{bind("", "", "ctrl+c"), groupScreen, "", nil, quit, true},
	}
}

// press runs the command of a key.
func (m *model) press(msg tea.KeyPressMsg) tea.Cmd {
	m.notice = notice{}
	at := slices.IndexFunc(m.commands, func(c command) bool { return key.Matches(msg, c.Binding) })
	if m.helpOpen && (at < 0 || !m.commands[at].inHelp) {
		m.helpOpen = false
		return nil
	}
	if at < 0 {
		return nil
	}
	return m.commands[at].run(m)
}
