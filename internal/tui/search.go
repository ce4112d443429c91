package tui

import (
	"strconv"

	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"
)

// searching is the line at the bottom in which one writes what is looked for. While it is open it takes the keyboard.
type searching struct {
	open  bool
	input textinput.Model
	texts map[string]string // by tab, what is looked for there
}

// searchPressed asks to look for something in the shown tab.
type searchPressed struct{}

// searched says what is looked for in the shown tab; "" is nothing.
type searched struct{ text string }

func newSearching() searching {
	input := textinput.New()
	input.Prompt, input.CharLimit = "/", 100
	return searching{input: input, texts: map[string]string{}}
}

// start opens the line with what is looked for already.
func (s *searching) start(tab string) {
	s.open = true
	s.input.SetValue(s.texts[tab])
	s.input.CursorEnd()
	s.input.Focus()
}

// typed takes a key, and says what is looked for from now on in the shown tab.
func (s *searching) typed(msg tea.KeyMsg, tab string) searched {
	switch msg.Type {
	case tea.KeyEnter:
		s.open = false
	case tea.KeyEsc, tea.KeyCtrlC:
		s.open = false
		s.input.SetValue("")
	default:
		s.input, _ = s.input.Update(msg) // its command only makes the cursor blink
	}
	s.texts[tab] = line(s.input.Value())
	return searched{s.texts[tab]}
}

// view draws the line.
func (s *searching) view(f frame) string {
	text := " " + f.look.accent.Render("/") + f.ruler.cut(line(s.input.Value()), f.width-32) + f.look.accent.Render("▏")
	key, does := f.look.strong.Render, f.look.muted.Render
	keys := key("enter") + does(" keep  ") + key("esc") + does(" all")
	return f.ruler.fit(f.ruler.fit(text, f.width-f.ruler.width(keys)-2)+" "+keys, f.width)
}

// searchNote says in a pane's edge what is looked for.
func searchNote(text string) string { return "/" + text }

func countOf(n int, known bool) string {
	if !known {
		return ""
	}
	return strconv.Itoa(n)
}
