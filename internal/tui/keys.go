package tui

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// command is one thing a key does. The table of them is all there is: keys are looked up in it, and the line at the bottom
// and the help are drawn from it. Of two that belong together, such as up and down, the first speaks for both in the help.
type command struct {
	key.Binding
	group string
	tab   string            // where it works; "" is everywhere
	short string            // what the bottom line says; "" keeps it out of there
	offer func(*model) bool // whether the bottom line offers it now; nil is always
	asks  tea.Msg           // what is told to the screen and its parts
	// inHelp is for commands that work while the help is open; any other key closes it.
	inHelp bool
}

// Groups of commands in the help, in their order.
const (
	groupAnswer = "Answer"
	groupAct    = "Act"
	groupMove   = "Move"
	groupScreen = "Screen"
)

// groups are in the columns of the help.
func groups() [][]string { return [][]string{{groupAnswer, groupAct}, {groupMove}, {groupScreen}} }

func commands() []command {
	bind := func(shown, help string, keys ...string) key.Binding {
		return key.NewBinding(key.WithKeys(keys...), key.WithHelp(shown, help))
	}
	approve, deny := answerPressed{onetouch.StatusApproved}, answerPressed{onetouch.StatusDenied}
	table := []command{
		{bind("a", "approve", "a"), groupAnswer, tabRequests, "approve", (*model).canAnswer, approve, false},
		{bind("d", "deny", "d"), groupAnswer, tabRequests, "deny", (*model).canAnswer, deny, false},
		{bind("D", "deny with a reason", "D"), groupAnswer, tabRequests, "", nil, formPressed{reasonForm}, false},
		{bind("u", "undo", "u"), groupAnswer, "", "undo", (*model).canUndo, undoPressed{}, false},
		{bind("r", "send again", "r"), groupAct, tabDeliveries, "send again", nil, replayPressed{}, false},
		{bind("N", "new request", "N"), groupAct, tabRequests, "new", (*model).canAct, formPressed{requestForm}, false},
		{bind("N", "new user", "N"), groupAct, tabUsers, "new", (*model).canAct, formPressed{userForm}, false},
		{bind("N", "register a phone", "N"), groupAct, tabPhones, "new", (*model).canAct, formPressed{phoneForm}, false},
		{bind("P", "change the policy", "P"), groupAct, tabPhones, "policy", (*model).canAct, formPressed{policyForm}, false},
		{bind("A", "answer as this phone only", "A"), groupAct, tabPhones, "act as", nil, actAsPressed{}, false},
		{bind("T", "move the clock", "T"), groupAct, "", "", nil, formPressed{clockForm}, false},
		{bind("F", "let calls go wrong", "F"), groupAct, "", "", nil, formPressed{faultForm}, false},
		{bind("x", "show all of it", "x"), groupScreen, tabRequests, "all", (*model).hasRequest, wholePressed{}, false},
		{bind("y", "copy", "y"), groupAct, "", "", nil, copyPressed{}, false},
		{bind("n", "next waiting", "n", "tab"), groupMove, tabRequests, "next", (*model).othersWait, nextPressed{}, false},
		{bind("↑↓ j k", "up, down", "up", "k"), groupMove, "", "", nil, moved{rows: -1}, true},
		{bind("", "", "down", "j"), groupMove, "", "", nil, moved{rows: 1}, true},
		{bind("pgup pgdn", "a page", "pgup", "ctrl+b"), groupMove, "", "", nil, moved{pages: -1}, true},
		{bind("", "", "pgdown", "ctrl+f"), groupMove, "", "", nil, moved{pages: 1}, true},
		{bind("g G", "first, last", "g", "home"), groupMove, "", "", nil, movedToEnd{}, false},
		{bind("", "", "G", "end"), groupMove, "", "", nil, movedToEnd{last: true}, false},
		{bind("/", "search", "/"), groupMove, "", "search", nil, searchPressed{}, false},
		{bind("J K", "scroll text", "J", "shift+down"), groupScreen, "", "", nil, scrolled{1}, true},
		{bind("", "", "K", "shift+up"), groupScreen, "", "", nil, scrolled{-1}, true},
		{bind("←→", "other tab", "right", "l"), groupScreen, "", "", nil, tabPressed{by: 1}, false},
		{bind("", "", "left", "h"), groupScreen, "", "", nil, tabPressed{by: -1}, false},
	}
	for i := range tabNames() {
		shown := ""
		if i == 0 {
			shown = fmt.Sprintf("1 … %d", len(tabNames()))
		}
		table = append(table, command{
			Binding: bind(shown, "a tab", strconv.Itoa(i+1)), group: groupScreen, asks: tabPressed{number: i},
		})
	}
	return append(table,
		command{bind("esc", "back", "esc"), groupScreen, "", "", nil, backPressed{}, false},
		command{bind(":", "commands", ":"), groupScreen, "", "", nil, palettePressed{}, false},
		command{bind("?", "help", "?"), groupScreen, "", "help", nil, helpPressed{}, true},
		command{bind("ctrl+z", "pause", "ctrl+z"), groupScreen, "", "", nil, suspendPressed{}, true},
		command{bind("q", "quit", "q"), groupScreen, "", "quit", nil, quitPressed{}, false},
		command{bind("", "", "ctrl+c"), groupScreen, "", "", nil, quitPressed{interrupted: true}, true},
	)
}

// in reports whether a command works in a tab.
func (c command) in(tab string) bool { return c.tab == "" || c.tab == tab }

// canAnswer, hasRequest, canAct, canUndo and othersWait say what the line of keys offers.
func (m *model) canAnswer() bool {
	s := m.selected
	return s.exists && !s.request.Status.Decided() && m.link.up && len(m.names.answering(s.request)) > 0
}

func (m *model) hasRequest() bool { return m.selected.exists }

func (m *model) canAct() bool { return m.acts != nil }

func (m *model) canUndo() bool { return len(m.answers.held) > 0 }

func (m *model) othersWait() bool { return m.selected.others > 0 }

// commandsHere are those that work in the shown tab.
func (m *model) commandsHere() []command {
	tab := m.shownTab().name
	return slices.DeleteFunc(slices.Clone(m.commands), func(c command) bool { return !c.in(tab) })
}

// typed takes what the keyboard sent. Keys that were pressed one right after the other may come as one message; then all
// of them have to be keys of the screen. Otherwise it was none of them: it is text that was pasted on a terminal that does
// not tell, or the rest of an escape code that came in two pieces.
func (m *model) typed(msg tea.KeyMsg) tea.Cmd {
	switch {
	case m.form != nil && msg.Type != tea.KeyCtrlC:
		return m.fill(msg)
	case m.palette.open && msg.Type != tea.KeyCtrlC:
		if asked := m.palette.typed(msg, m); asked != nil {
			return m.dispatch(asked)
		}
		return nil
	case m.search.open && msg.Type != tea.KeyCtrlC:
		return m.dispatch(m.search.typed(msg, m.shownTab().name))
	case msg.Paste:
		return nil
	case len(msg.Runes) < 2:
		return m.press(msg)
	}
	keys := make([]tea.KeyMsg, len(msg.Runes))
	for i, r := range msg.Runes {
		keys[i] = tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}, Alt: msg.Alt}
		if m.commandOf(keys[i]) < 0 {
			return nil
		}
	}
	var cmds []tea.Cmd
	for _, k := range keys {
		cmds = append(cmds, m.press(k))
	}
	return tea.Batch(cmds...)
}

// fill hands a key to the open form.
func (m *model) fill(msg tea.KeyMsg) tea.Cmd {
	m.notice = notice{}
	closed, cmd := m.form.typed(msg, m.remote)
	if cmd != nil && m.form.answers != nil {
		m.answers.begin(*m.form.answers)
	}
	if closed {
		m.form = nil
	}
	return cmd
}

// commandOf is the place of a key's command in the table, or -1.
func (m *model) commandOf(msg tea.KeyMsg) int {
	tab := m.shownTab().name
	return slices.IndexFunc(m.commands, func(c command) bool { return c.in(tab) && key.Matches(msg, c.Binding) })
}

// press tells what a key asks for. While the help is open it moves and scrolls in the panes' place.
func (m *model) press(msg tea.KeyMsg) tea.Cmd {
	m.notice = notice{}
	at := m.commandOf(msg)
	if m.helpOpen && (at < 0 || !m.commands[at].inHelp) {
		m.helpOpen = false
		return nil
	}
	if at < 0 {
		return nil
	}
	asked := m.commands[at].asks
	if m.helpOpen && m.help.heard(asked, m.helpFrame(), m.commandsHere()) {
		return nil
	}
	return m.dispatch(asked)
}
