package tui

import "fmt"

// scroller shows as much of a text as there is room for, and moves it by lines.
type scroller struct {
	body   []string
	offset int // of the first line on the screen
	room   int // lines that the screen holds
}

// lay takes the text and how many lines of it the screen holds.
func (s *scroller) lay(body []string, room int) {
	s.body, s.room = body, max(0, room)
	s.scroll(0)
}

// scroll moves the text by lines.
func (s *scroller) scroll(lines int) {
	s.offset = max(0, min(s.offset+lines, len(s.body)-s.room))
}

// visible is the part of the text on the screen. A last line says what does not fit.
func (s *scroller) visible(f frame) []string {
	from := min(s.offset, len(s.body))
	lines := s.body[from:min(len(s.body), from+s.room)]
	hidden := len(s.body) - from - len(lines)
	if hidden == 0 || len(lines) == 0 {
		return lines
	}
	shown := append([]string{}, lines[:len(lines)-1]...)
	return append(shown, f.look.warn.Render(fmt.Sprintf("↓ %s more, J scrolls", plural(hidden+1, "line"))))
}
