package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/onetouchkit/onetouch/internal/store/engine"
	"github.com/onetouchkit/onetouch/internal/store/postgres"
	"github.com/onetouchkit/onetouch/internal/store/sqlite"
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
func countRows(c engine.Connection) (counts []Copied, err error) {
	for _, table := range allTables() {
		rows, err := c.Query("SELECT COUNT(*) FROM "+table, nil)
		if err != nil {
			return nil, err
		}
		count := Copied{Table: table}
		if rows.Next() {
			count.Rows = int(rows.Number(0))
		}
		if err := rows.Close(); err != nil {
			return nil, err
		}
		counts = append(counts, count)
	}
	return counts, nil
}

// Copy copies everything of one database to another, in one change; told is called as rows come. What is in the other one is
// removed first if replace says so, and else refused. Both are brought up to date. The counts are those of the rows of each
// table, which have been compared.
func Copy(ctx context.Context, from, to string, replace bool, told func(Copied)) (counts []Copied, err error) {
	if _, _, err := Schema(ctx, from); err != nil {
		return nil, err
	}
	source, target, err := openBoth(ctx, from, to)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, source.Close(), target.Close()) }()
	err = source.engine.View(ctx, func(read engine.Connection) error {
		return target.engine.Update(ctx, func(write engine.Connection) error {
			counts, err = copyAll(read, write, replace, told)
			return err
		})
	})
	return counts, err
}

func openBoth(ctx context.Context, from, to string) (source, target *DB, err error) {
	first, err := ParseLocation(from)
	if err != nil {
		return nil, nil, err
	}
	second, err := ParseLocation(to)
	if err != nil {
		return nil, nil, err
	}
	if first == second || second == (Location{}) {
		return nil, nil, engine.Unavailable(nil, "%s cannot be copied to %s: name another database.", Shown(from), Shown(to))
	}
	if source, err = Open(ctx, from); err != nil {
		return nil, nil, err
	}
	if target, err = Open(ctx, to); err != nil {
		return nil, nil, errors.Join(err, source.Close())
	}
	return source, target, nil
}

// refuseRows refuses a database that has something in it.
func refuseRows(tables []Copied) error {
	var filled []string
	for _, table := range tables {
		if table.Rows > 0 && table.Table != numbersTable {
			filled = append(filled, table.Table)
		}
	}
	if len(filled) == 0 {
		return nil
	}
	return engine.Unavailable(nil, "The database to copy to is not empty: there are rows in %s. "+
		"Name an empty one, or replace what it has (--replace).", strings.Join(filled, ", "))
}

func copyAll(from, to engine.Connection, replace bool, told func(Copied)) ([]Copied, error) {
	before, err := countRows(to)
	if err != nil {
		return nil, err
	}
	if !replace {
		if err := refuseRows(before); err != nil {
			return nil, err
		}
	}
	if err := emptyAll(to); err != nil {
		return nil, err
	}
	var copied []Copied
	err = copyRows(from, to, func(c Copied) {
		told(c)
		if last := len(copied) - 1; last >= 0 && copied[last].Table == c.Table {
			copied[last] = c
			return
		}
		copied = append(copied, c)
	})
	if err != nil {
		return nil, err
	}
	after, err := countRows(to)
	if err == nil && !slices.Equal(after, copied) {
		err = fmt.Errorf("the copy is not whole, and nothing of it is kept: it has %v, and was to have %v", after, copied)
	}
	return after, err
}

// Schema is the version of the schema that a database has, which is 0 for a new one, and the newest. It changes nothing.
func Schema(ctx context.Context, database string) (version, newest int64, err error) {
	location, err := ParseLocation(database)
	switch {
	case err != nil:
		return 0, 0, err
	case postgres.IsURL(location.URL):
		version, err = postgres.Schema(ctx, location.URL)
		return version, postgres.SchemaVersion, err
	case location.URL != "" || location.Path == "":
		return 0, 0, unknownEngine(Shown(database))
	}
	version, err = sqlite.Schema(location.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = engine.Unavailable(err, "Database %s cannot be used: there is no such file.", location.Path)
	case errors.Is(err, sqlite.ErrNoDatabase), errors.Is(err, sqlite.ErrForeignDatabase):
		err = engine.Unavailable(err, "Database %s cannot be used: %v.", location.Path, err)
	}
	return version, sqlite.SchemaVersion, err
}
