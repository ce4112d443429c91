package tui

import (
	"slices"
	"strings"
	"time"
)

// frame is what a pane draws with, besides its own state: its size in cells and the facts that all parts share.
type frame struct {
	facts
	width, height int
	look          *look
	ruler         ruler
	zone          *time.Location
	compact       bool // there is no room for what is only beautiful
}

func (f frame) sized(width, height int) frame {
	f.width, f.height = width, height
	return f
}

// clockTime writes a time of day.
func (f frame) clockTime(t time.Time) string { return t.In(f.zone).Format("15:04:05") }

// fill makes a picture exactly as large as the frame.
func (f frame) fill(lines []string) []string {
	filled := make([]string, f.height)
	for i := range filled {
		text := ""
		if i < len(lines) {
			text = lines[i]
		}
		filled[i] = f.ruler.fit(text, f.width)
	}
	return filled
}

// inBox is what a box of the frame's size leaves inside: without the border and one space beside it.
func (f frame) inBox() frame { return f.sized(f.width-4, f.height-2) }

// box draws a picture with a border around it, a title and a note in its upper edge.
func (f frame) box(title, note string, lines []string) []string {
	edge := f.look.border.Render
	boxed := []string{f.sized(f.width+4, 1).edge("╭─", title, note, "─╮")}
	for _, text := range f.fill(lines) {
		boxed = append(boxed, edge("│")+" "+text+" "+edge("│"))
	}
	return append(boxed, edge("╰"+strings.Repeat("─", max(0, f.width+2))+"╯"))
}

// rule draws a line with a title and a note across the frame.
func (f frame) rule(title, note string) string {
	return f.edge("──", title, note, "──")
}

// edge draws a line between two ends.
func (f frame) edge(left, title, note, right string) string {
	edge := f.look.border.Render
	title = f.ruler.cut(title, f.width-6)
	room := f.width - f.ruler.width(left+right) - f.ruler.width(title) - 2
	if note = f.ruler.cut(note, room-3); note != "" {
		room -= f.ruler.width(note) + 2
		note = " " + note + " "
	}
	return edge(left) + " " + f.look.strong.Render(title) + " " + edge(strings.Repeat("─", max(0, room))) + note + edge(right)
}

// indented moves lines one cell to the right and makes them as wide as the frame.
func (f frame) indented(lines []string) []string {
	moved := make([]string, len(lines))
	for i, text := range lines {
		moved[i] = f.ruler.fit(" "+text, f.width)
	}
	return moved
}

// beside puts pictures of the same height side by side.
func beside(pictures [][]string) []string {
	joined := slices.Clone(pictures[0])
	for _, picture := range pictures[1:] {
		for i := range joined {
			joined[i] += picture[i]
		}
	}
	return joined
}
