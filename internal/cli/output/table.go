package output

import (
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/lipgloss/table"
)

// columnGap is the number of spaces between two columns on a terminal.
const columnGap = 2

// Column describes one column of a [Table].
type Column struct {
	Title string
	// Whole keeps the column's cells whole when the table is wider than the terminal, as an identifier must be to
	// be of use. The other columns are shortened first.
	Whole bool
	// Colour picks the colour of a cell on a terminal. Nil, or a nil answer, leaves the terminal's own.
	Colour func(cell string) lipgloss.TerminalColor
}

// Table is a list for people on a terminal and for programs elsewhere: there a row is one line, its cells are separated
// by tabs, and there is no heading. Every cell goes through [Sanitise].
type Table struct {
	columns []Column
	rows    [][]string
}

// NewTable returns an empty table.
func NewTable(columns ...Column) *Table {
	return &Table{columns: columns}
}

// AddRow adds a row with one cell for each column.
func (t *Table) AddRow(cells ...string) {
	row := make([]string, len(cells))
	for i, cell := range cells {
		row[i] = Sanitise(cell)
	}
	t.rows = append(t.rows, row)
}

// Write writes the table to s.Out. A table without rows writes nothing.
func (t *Table) Write(s *Streams) error {
	for i, row := range t.rows {
		if len(row) != len(t.columns) {
			return fmt.Errorf("writing the table: row %d has %d cells, the table has %d columns",
				i+1, len(row), len(t.columns))
		}
	}
	if len(t.rows) == 0 {
		return nil
	}
	text := t.separated()
	if s.Terminal.Out {
		text = t.aligned(s.OutRenderer(), s.Terminal.Width)
	}
	if _, err := io.WriteString(s.Out, text); err != nil {
		return fmt.Errorf("writing the table: %w", err)
	}
	return nil
}

func (t *Table) separated() string {
	var b strings.Builder
	for _, row := range t.rows {
		b.WriteString(strings.Join(row, "\t"))
		b.WriteByte('\n')
	}
	return b.String()
}

func (t *Table) aligned(r *lipgloss.Renderer, width int) string {
	widths := t.widths()
	grid := table.New().
		Border(lipgloss.HiddenBorder()).
		BorderTop(false).BorderBottom(false).BorderLeft(false).BorderRight(false).
		BorderHeader(false).BorderColumn(false).BorderRow(false).
		Wrap(false).
		Headers(t.titles()...).
		Rows(t.rows...).
		StyleFunc(func(row, column int) lipgloss.Style { return t.style(r, row, column, widths[column]) })
	if total(widths) > width {
		grid.Width(width)
	}
	return trimLines(grid.Render())
}

func (t *Table) titles() []string {
	titles := make([]string, len(t.columns))
	for i, column := range t.columns {
		titles[i] = strings.ToUpper(column.Title)
	}
	return titles
}

// widths returns what each column needs for its widest cell, with the gap after it.
func (t *Table) widths() []int {
	widths := make([]int, len(t.columns))
	for _, row := range append([][]string{t.titles()}, t.rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], lipgloss.Width(cell)+t.gapAfter(i))
		}
	}
	return widths
}

func (t *Table) gapAfter(column int) int {
	if column == len(t.columns)-1 {
		return 0
	}
	return columnGap
}

func (t *Table) style(r *lipgloss.Renderer, row, column, width int) lipgloss.Style {
	style := r.NewStyle().PaddingRight(t.gapAfter(column))
	if t.columns[column].Whole {
		style = style.Width(width)
	}
	if row == table.HeaderRow {
		return style.Bold(true)
	}
	if pick := t.columns[column].Colour; pick != nil {
		if colour := pick(t.rows[row][column]); colour != nil {
			style = style.Foreground(colour)
		}
	}
	return style
}

func total(widths []int) int {
	sum := 0
	for _, width := range widths {
		sum += width
	}
	return sum
}

// trimLines removes the padding of the last column, which would wrap when the window is made narrower.
func trimLines(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.Join(lines, "\n") + "\n"
}
