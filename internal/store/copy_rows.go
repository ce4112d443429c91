package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/onetouchkit/onetouch/internal/store/engine"
)

// Copied is how many rows of a table were copied.
type Copied struct {
	Table string
	Rows  int
}

// copyRows copies all rows of one database to another, which has none by then. Both have the newest schema. told is called
// after each table, and once in a while.
func copyRows(from, to engine.Connection, told func(Copied)) error {
	for _, table := range allTables() {
		if err := copyTable(from, to, table, told); err != nil {
			return fmt.Errorf("copying the table %s: %w", table, err)
		}
	}
	return to.Continue()
}

// often is after how many rows of a table copyTable tells of them.
const often = 10_000

func copyTable(from, to engine.Connection, table string, told func(Copied)) error {
	columns, err := sameColumns(from, to, table)
	if err != nil {
		return err
	}
	var names, reads []string
	for _, column := range columns {
		names = append(names, column.Name)
		reads = append(reads, column.Name)
		if column.Nullable {
			reads[len(reads)-1] = fmt.Sprintf("COALESCE(%s, %s), CASE WHEN %s IS NULL THEN 1 ELSE 0 END", column.Name,
				map[engine.Kind]string{engine.Number: "0", engine.Text: "''"}[column.Kind], column.Name)
		}
	}
	insert := fmt.Sprintf("INSERT INTO %s (%s) VALUES (?%s)", table, strings.Join(names, ", "),
		strings.Repeat(", ?", len(names)-1))
	rows, err := from.Query("SELECT "+strings.Join(reads, ", ")+" FROM "+table+orderOf(table), nil)
	if err != nil {
		return err
	}
	copied := 0
	for rows.Next() {
		if _, err := to.Exec(insert, readValues(rows, columns)); err != nil {
			_ = rows.Close() // it is the writing that has failed
			return err
		}
		if copied++; copied%often == 0 {
			told(Copied{table, copied})
		}
	}
	if err := rows.Close(); err != nil {
		return err
	}
	told(Copied{table, copied})
	return nil
}

// orderOf has rows that refer to others of their table come after them.
func orderOf(table string) string {
	if table == "delivery_contents" {
		return " ORDER BY delivery_id"
	}
	return ""
}

// sameColumns are the columns that a table has in both databases.
func sameColumns(from, to engine.Connection, table string) ([]engine.Column, error) {
	ours, err := to.Columns(table)
	if err != nil {
		return nil, err
	}
	theirs, err := from.Columns(table)
	if err != nil {
		return nil, err
	}
	byName := func(a, b engine.Column) int { return strings.Compare(a.Name, b.Name) }
	slices.SortFunc(ours, byName)
	slices.SortFunc(theirs, byName)
	if len(ours) == 0 || !slices.Equal(ours, theirs) {
		return nil, fmt.Errorf("its columns differ: %v in the one, %v in the other", theirs, ours)
	}
	return ours, nil
}

func readValues(rows engine.Rows, columns []engine.Column) []any {
	values := make([]any, len(columns))
	at := 0
	for i, column := range columns {
		switch column.Kind {
		case engine.Number:
			values[i] = rows.Number(at)
		case engine.Text:
			values[i] = rows.Text(at)
		case engine.Bytes:
			values[i] = rows.Bytes(at)
		}
		at++
		if column.Nullable {
			if rows.Bool(at) {
				values[i] = nil
			}
			at++
		}
	}
	return values
}

// emptyAll removes every row.
func emptyAll(c engine.Connection) error {
	tables := allTables()
	slices.Reverse(tables)
	for _, table := range tables {
		if _, err := c.Exec("DELETE FROM "+table, nil); err != nil {
			return err
		}
	}
	return c.Renumber()
}

// countRows counts the rows of every table.
func countRows(ctx context.Context, e engine.Engine) (counts []Copied, err error) {
	err = e.View(ctx, func(c engine.Connection) error {
		counts = nil
		for _, table := range allTables() {
			rows, err := c.Query("SELECT COUNT(*) FROM "+table, nil)
			if err != nil {
				return err
			}
			count := Copied{Table: table}
			if rows.Next() {
				count.Rows = int(rows.Number(0))
			}
			if err := rows.Close(); err != nil {
				return err
			}
			counts = append(counts, count)
		}
		return nil
	})
	return counts, err
}
