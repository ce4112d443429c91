package tui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
)

// helpScreen is the whole screen while ? is open: the key table, and what keeps a slip of the finger harmless.
type helpScreen struct{ offset int }

// lines draws the help as high as it is; view shows a part of it.
func (h helpScreen) lines(f frame, commands []command) []string {
	var lines []string
	for _, text := range helpText() {
		lines = append(lines, f.ruler.wrap(text, f.width)...)
	}
	return append(append(h.keys(f, commands), ""), lines...)
}

// keys draws the groups in columns where there is room, else below each other.
func (h helpScreen) keys(f frame, commands []command) []string {
	var columns [][]key.Binding
	for _, groups := range groups() {
		var column []key.Binding
		for _, group := range groups {
			bindings := ofGroup(commands, group)
			if len(column) > 0 && len(bindings) > 0 {
				column = append(column, key.NewBinding(key.WithKeys(""), key.WithHelp(" ", ""))) // an empty line
			}
			column = append(column, bindings...)
		}
		columns = append(columns, column)
	}
	drawn := f.look.help.FullHelpView(columns)
	if lipgloss.Width(drawn) <= f.width {
		return strings.Split(drawn, "\n")
	}
	var lines []string
	for _, group := range slices.Concat(groups()...) {
		bindings := ofGroup(commands, group)
		if len(bindings) == 0 {
			continue
		}
		if len(lines) > 0 {
			lines = append(lines, "")
		}
		lines = append(lines, f.look.strong.Render(group))
		lines = append(lines, strings.Split(f.look.help.FullHelpView([][]key.Binding{bindings}), "\n")...)
	}
	return lines
}

// ofGroup are the keys of a group, as the help shows them.
func ofGroup(commands []command, group string) (bindings []key.Binding) {
	for _, c := range commands {
		if c.group == group && c.Help().Key != "" {
			bindings = append(bindings, c.Binding)
		}
	}
	return bindings
}

func helpText() []string {
	return []string{
		fmt.Sprintf("An answer cannot be taken back, so it is held for %.1f s before it is sent: u undoes it, the same key "+
			"sends it at once, the other key changes it. Holding a key down sends nothing, nor does quitting.",
			holdTime.Seconds()),
		"",
		fmt.Sprintf("The cursor stays on its request when others arrive. Only from one that is decided it goes to the next "+
			"arrival, unless you went into the history; keys that answer then rest for %.1f s.", armTime.Seconds()),
	}
}

// heard reports whether the help minds what a key asks for: moving the cursor and scrolling move its text.
func (h *helpScreen) heard(asked tea.Msg, f frame, commands []command) bool {
	var lines int
	switch asked := asked.(type) {
	case moved:
		lines = asked.rows + asked.pages*max(1, f.height-1)
	case scrolled:
		lines = asked.lines
	default:
		return false
	}
	h.offset = max(0, min(h.offset+lines, len(h.lines(f, commands))-f.height))
	return true
}

// view is the part of the help that the frame holds, and a note when there is more.
func (h helpScreen) view(f frame, commands []command) (lines []string, note string) {
	lines = h.lines(f, commands)
	if len(lines) > f.height {
		note = "↑↓ scroll"
	}
	return lines[min(h.offset, max(0, len(lines)-f.height)):], note
}
