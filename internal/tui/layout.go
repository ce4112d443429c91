package tui

import "slices"

// The panes and where they stand. A window of some size shows boxes in two columns; a smaller one shows all panes below each
// other, with as little as possible between them.

// Sizes, in cells.
const (
	leastWidth, leastHeight = 44, 12
	// From this size on there are two columns.
	wideWidth, wideHeight = 76, 18
	// lowBox is the height of a box with little in it: of a wide screen that is low, and of a high one.
	lowBox, lowBoxHigh = 6, 9
	highScreen         = 34
)

// placed is a pane and where it stands.
type placed struct {
	pane   pane
	column column // of a wide screen
	// Heights with the edge. One pane of a column has none: it takes what the others leave.
	wide, small func(frame) int
	edge        edge // in a small window
}

type column int

const (
	left column = iota
	right
)

// edge is what stands around a pane.
type edge int

const (
	boxed    edge = iota
	bare          // nothing
	ruled         // a line with the title above it
	labelled      // the title before its one line
)

// panes is the table of panes, from the upper left to the lower right.
func panes(r *remote) []placed {
	list := &requests{remote: r}
	return []placed{
		{pane: list, column: left, small: list.share, edge: bare},
		{pane: &detail{remote: r}, column: right, edge: ruled},
		{pane: &callback{remote: r}, column: right, wide: low, small: aLine, edge: labelled},
	}
}

// low is the height of a [lowBox].
func low(screen frame) int {
	if screen.height >= highScreen {
		return lowBoxHigh
	}
	return lowBox
}

func aLine(frame) int { return 1 }

// at is how a pane stands on a wide screen, or in a small window.
func (p placed) at(wide bool) (height func(frame) int, edge edge) {
	if wide {
		return p.wide, boxed
	}
	return p.small, p.edge
}

// area is a pane in its frame, which includes the edge.
type area struct {
	pane  pane
	edge  edge
	frame frame
}

// arrange gives each pane its area on the screen, by column.
func arrange(panes []placed, screen frame) [][]area {
	if screen.width < wideWidth || screen.height+2 < wideHeight {
		screen.compact = true
		return [][]area{stack(panes, screen, false)}
	}
	rightWidth := max(46, min(screen.width*11/20, 70))
	widths := []int{left: screen.width - rightWidth, right: rightWidth}
	columns := make([][]area, len(widths))
	for i, width := range widths {
		others := func(p placed) bool { return p.column != column(i) }
		columns[i] = stack(slices.DeleteFunc(slices.Clone(panes), others), screen.sized(width, screen.height), true)
	}
	return columns
}

// stack puts panes below each other.
func stack(panes []placed, within frame, wide bool) []area {
	areas := make([]area, len(panes))
	rest, taker := within.height, 0
	for i, p := range panes {
		height, edge := p.at(wide)
		areas[i] = area{pane: p.pane, edge: edge, frame: within}
		if height == nil {
			taker = i
			continue
		}
		areas[i].frame.height = height(within)
		rest -= areas[i].frame.height
	}
	areas[taker].frame.height = rest
	return areas
}

// inner is the frame within the edge.
func (a area) inner() frame {
	f := a.frame
	switch a.edge {
	case boxed:
		return f.inBox()
	case ruled:
		return f.sized(f.width-2, f.height-1)
	case labelled:
		return f.sized(f.width-2-f.ruler.width(a.label()), f.height)
	case bare:
	}
	return f.sized(f.width-2, f.height)
}

func (a area) label() string {
	title, _ := a.pane.title(a.frame)
	return title + " "
}

// draw draws the pane with its edge.
func (a area) draw() []string {
	f, inner := a.frame, a.inner()
	lines := a.pane.view(inner)
	title, note := a.pane.title(inner)
	switch a.edge {
	case boxed:
		return inner.box(title, note, lines)
	case ruled:
		return append([]string{f.rule(title, note)}, f.indented(inner.fill(lines))...)
	case labelled:
		if len(lines) == 0 {
			return f.indented([]string{""})
		}
		return f.indented([]string{f.look.muted.Render(a.label()) + lines[0]})
	case bare:
	}
	return f.indented(inner.fill(lines))
}
