package sequence

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/onetouchkit/onetouch/internal/terminal"
)

// Look is how a diagram is drawn as text.
type Look struct {
	Width   int  // columns
	Unicode bool // whether lines may be other than ASCII
	// Paint colours a part of a step; nil: nothing is coloured.
	Paint func(Outcome, string) string
}

// strokes are what lines are made of.
type strokes struct{ life, line, reply, right, left string }

func (l Look) strokes() strokes {
	if l.Unicode {
		return strokes{"│", "─", "╌", "▶", "◀"}
	}
	return strokes{"|", "-", ".", ">", "<"}
}

// leastSpacing is how many columns a participant needs.
const leastSpacing, mostSpacing = 14, 36

// sheet is a drawing as it is made.
type sheet struct {
	Diagram
	Look
	strokes

	gutter  int // columns of the times
	spacing int
	lines   []string
}

// Text draws the diagram as lines of text. Where there is no room for a drawing, each step is told in words.
func (d Diagram) Text(look Look) []string {
	s := &sheet{Diagram: d, Look: look, strokes: look.strokes()}
	for _, step := range d.Steps {
		s.gutter = max(s.gutter, len(offset(step.OffsetMS)))
	}
	s.gutter++
	s.spacing = min((look.Width-s.gutter)/max(len(d.Participants), 1), mostSpacing)
	if s.spacing < leastSpacing {
		return s.told()
	}
	s.heads()
	for _, step := range d.Steps {
		s.draw(step)
	}
	return s.lines
}

// told are the steps in words, for a narrow terminal.
func (s *sheet) told() []string {
	for _, step := range s.Steps {
		text := offset(step.OffsetMS) + " " + s.nameOf(step.From)
		if to := s.nameOf(step.To); to != "" {
			text += " " + s.line + s.right + " " + to
		}
		text += ": " + step.said()
		if step.Reply != "" {
			text += " " + s.left + s.reply + " " + step.Reply
		}
		for i, line := range wrapped(text, max(s.Width-2, leastSpacing)) {
			if i > 0 {
				line = "  " + line
			}
			s.lines = append(s.lines, s.painted(step.Outcome, line))
		}
	}
	return s.lines
}

func (s *sheet) nameOf(participant string) string {
	i := s.index(participant)
	if i < 0 {
		return ""
	}
	name, _ := s.Participants[i].called()
	return terminal.Sanitise(name)
}

func (s *sheet) painted(o Outcome, text string) string {
	if s.Paint == nil || o == Neither {
		return text
	}
	return s.Paint(o, text)
}

// at is the column of a participant's line.
func (s *sheet) at(participant int) int { return s.gutter + participant*s.spacing + s.spacing/2 }

// row is one line: what stands in each column. A wide character leaves the next column empty.
type row struct {
	cells    []string
	outcomes []Outcome
}

func (s *sheet) row(lives bool) *row {
	width := s.gutter + len(s.Participants)*s.spacing
	r := &row{cells: make([]string, width), outcomes: make([]Outcome, width)}
	for i := range r.cells {
		r.cells[i] = " "
	}
	for i := range s.Participants {
		if lives {
			r.cells[s.at(i)] = s.life
		}
	}
	return r
}

// put writes a text from a column on. What does not fit is cut off.
func (r *row) put(column int, text string, o Outcome) {
	for text != "" && column < len(r.cells) {
		cluster, width := ansi.FirstGraphemeCluster(text, ansi.GraphemeWidth)
		text = text[len(cluster):]
		if width == 0 { // it belongs to what stands before it
			if column > 0 {
				r.cells[column-1] += cluster
			}
			continue
		}
		if column+width > len(r.cells) {
			return
		}
		r.cells[column], r.outcomes[column] = cluster, o
		for i := 1; i < width; i++ {
			r.cells[column+i], r.outcomes[column+i] = "", o
		}
		column += width
	}
}

// add ends a row: neighbours of one outcome are painted together.
func (s *sheet) add(r *row) {
	var b strings.Builder
	for i := 0; i < len(r.cells); {
		end := i
		for end < len(r.cells) && r.outcomes[end] == r.outcomes[i] {
			end++
		}
		b.WriteString(s.painted(r.outcomes[i], strings.Join(r.cells[i:end], "")))
		i = end
	}
	s.lines = append(s.lines, strings.TrimRight(b.String(), " "))
}

// heads writes who takes part.
func (s *sheet) heads() {
	var columns [][]string
	most := 0
	for _, p := range s.Participants {
		name, role := p.called()
		lines := wrapped(name, s.spacing-2)
		if role != "" {
			lines = append(lines, wrapped(role, s.spacing-2)...)
		}
		columns = append(columns, lines)
		most = max(most, len(lines))
	}
	for i := range most {
		r := s.row(false)
		for p, lines := range columns {
			if i < len(lines) {
				r.put(s.at(p)-ansi.StringWidth(lines[i])/2, lines[i], Neither)
			}
		}
		s.add(r)
	}
	s.add(s.row(true))
}

func (s *sheet) draw(step Step) {
	from, to := s.index(step.From), s.index(step.To)
	first := len(s.lines)
	if to < 0 || to == from {
		s.note(step, max(from, 0))
	} else {
		s.arrow(from, to, step.said(), s.line, Neither)
		if step.Reply != "" {
			s.arrow(to, from, step.Reply, s.reply, step.Outcome)
		}
	}
	when := offset(step.OffsetMS)
	s.lines[first] = when + s.lines[first][min(len(when), len(s.lines[first])):]
}

// arrow draws a message: its text in the line where it fits, and above it elsewhere.
func (s *sheet) arrow(from, to int, text, stroke string, o Outcome) {
	left, right := s.at(min(from, to)), s.at(max(from, to))
	room := right - left - 1
	lines := wrapped(text, room-2)
	last := lines[len(lines)-1]
	const shortest = 3 // of the line beside a text
	if ansi.StringWidth(last)+2+shortest > room {
		last = ""
	} else {
		lines = lines[:len(lines)-1]
	}
	for _, line := range lines {
		r := s.row(true)
		for i := range room {
			r.cells[left+1+i] = " " // lines that are crossed
		}
		r.put(left+2, line, o)
		s.add(r)
	}
	r := s.row(true)
	r.put(left+1, strings.Repeat(stroke, room), o)
	begin := left + 1
	if to < from {
		begin = right - ansi.StringWidth(last) - 2
		r.put(left+1, s.left, o)
	} else {
		r.put(right-1, s.right, o)
	}
	if last != "" {
		r.put(begin, " "+last+" ", o)
	}
	s.add(r)
}

// note writes a note on the line of a participant, and across those beside it.
func (s *sheet) note(step Step, on int) {
	room := s.spacing
	if on > 0 && on < len(s.Participants)-1 {
		room *= 2
	}
	for _, line := range wrapped(step.said(), room-4) {
		r, text := s.row(true), "["+line+"]"
		r.put(s.at(on)-ansi.StringWidth(text)/2, text, step.Outcome)
		s.add(r)
	}
}
