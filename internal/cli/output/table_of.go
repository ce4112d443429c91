package output

import "github.com/charmbracelet/lipgloss"

// ColumnOf is a column of a table with a row for each thing of one kind: Text is its cell.
type ColumnOf[T any] struct {
	Column
	Text func(T) string
}

// Whole is a column whose cells are of use only when they are whole, such as identifiers.
func Whole[T any](title string, text func(T) string) ColumnOf[T] {
	return ColumnOf[T]{Column{Title: title, Whole: true}, text}
}

// Short is a column whose cells are shortened when the table is wider than the terminal.
func Short[T any](title string, text func(T) string) ColumnOf[T] {
	return ColumnOf[T]{Column{Title: title}, text}
}

// Coloured is the column with a colour for each cell; see [Column].
func (c ColumnOf[T]) Coloured(colour func(cell string) lipgloss.TerminalColor) ColumnOf[T] {
	c.Colour = colour
	return c
}

// TableOf is a table with a row for each item.
func TableOf[T any](items []T, columns ...ColumnOf[T]) *Table {
	table := &Table{}
	for _, column := range columns {
		table.columns = append(table.columns, column.Column)
	}
	for _, item := range items {
		cells := make([]string, len(columns))
		for i, column := range columns {
			cells[i] = column.Text(item)
		}
		table.AddRow(cells...)
	}
	return table
}
