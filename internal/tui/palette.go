package tui

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"
)

// commandPalette is the screen of : where one finds a command by its name. While it is open it takes the keyboard.
type commandPalette struct {
	open  bool
	input textinput.Model
	at    int
}

// palettePressed asks to open the palette.
type palettePressed struct{}

func newPalette() commandPalette {
	input := textinput.New()
	input.CharLimit = 100
	return commandPalette{input: input}
}

func (p *commandPalette) start() {
	p.open, p.at = true, 0
	p.input.SetValue("")
	p.input.Focus()
}

// found are the commands that the palette offers: those with a name that work in the tab and have what was written in it.
func (p *commandPalette) found(m *model) []command {
	var found []command
	for _, c := range m.commands {
		_, isPalette := c.asks.(palettePressed)
		if c.Help().Desc == "" || isPalette || !c.in(m.shownTab().name) || !contain([]string{c.name()}, p.input.Value()) {
			continue
		}
		found = append(found, c)
	}
	return found
}

// name is what a command is called where its key is not beside it.
func (c command) name() string {
	if asked, is := c.asks.(tabPressed); is && asked.by == 0 {
		return "tab: " + strings.ToLower(tabNames()[asked.number])
	}
	return strings.ToLower(c.group) + ": " + c.Help().Desc
}

// shownKey is the key beside the name.
func (c command) shownKey() string {
	if asked, is := c.asks.(tabPressed); is && asked.by == 0 {
		return c.Keys()[0]
	}
	return c.Help().Key
}

// typed takes a key, and says what the chosen command asks.
func (p *commandPalette) typed(msg tea.KeyMsg, m *model) (asked tea.Msg) {
	found := p.found(m)
	switch msg.Type {
	case tea.KeyEsc:
		p.open = false
	case tea.KeyDown, tea.KeyTab:
		p.at = min(p.at+1, max(0, len(found)-1))
	case tea.KeyUp, tea.KeyShiftTab:
		p.at = max(0, p.at-1)
	case tea.KeyEnter:
		p.open = false
		if p.at < len(found) {
			return found[p.at].asks
		}
	default:
		p.at = 0
		p.input, _ = p.input.Update(msg) // its command only makes the cursor blink
	}
	return nil
}

// keysOfPalette is what the line at the bottom says while the palette is open.
func keysOfPalette() []key.Binding {
	bind := func(shown, help string) key.Binding {
		return key.NewBinding(key.WithKeys(shown), key.WithHelp(shown, help))
	}
	return []key.Binding{bind("↑↓", "choose"), bind("enter", "do"), bind("esc", "leave")}
}

// view draws the palette.
func (p *commandPalette) view(f frame, m *model) []string {
	lines := []string{f.look.accent.Render(":") + f.ruler.cut(line(p.input.Value()), f.width-2) + f.look.accent.Render("▏"), ""}
	found := p.found(m)
	if len(found) == 0 {
		return append(lines, f.mutedLines("No command is called that.")...)
	}
	from, to := window(len(found), f.height-len(lines), p.at)
	for i, c := range found[from:to] {
		lines = append(lines, f.row(from+i == p.at, row{" ", c.name(), f.look.muted.Render(c.shownKey())}))
	}
	return lines
}
