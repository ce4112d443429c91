package store

import (
	"fmt"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/store/engine"
)

// connection is an engine's connection as queries use it, with what each statement would have to make anew.
type connection struct {
	engine.Connection
	row      row
	args     []any
	claimant onetouch.Claimant // of a claim; 0: it only reads
}

// lend copies arguments to where an engine may see them: those of the call itself then stay on its stack.
func (c *connection) lend(args []any) []any {
	c.args = append(c.args[:0], args...)
	return c.args
}

// exec returns how many rows it changed.
func (c *connection) exec(query string, args ...any) (int, error) { return c.Exec(query, c.lend(args)) }

// execOne is exec of a statement that has to change one row.
func (c *connection) execOne(query string, args ...any) error {
	changed, err := c.exec(query, args...)
	if err == nil && changed == 0 {
		return onetouch.ErrNotFound
	}
	return err
}

// insert is execOne of an INSERT, and returns the number that the database gave to the row, in the column key.
func (c *connection) insert(key, query string, args ...any) (int64, error) {
	return c.Insert(key, query, c.lend(args))
}

// one returns the first row of a query, or [onetouch.ErrNotFound].
func one[T any](c *connection, read func(*row) T, query string, args ...any) (found T, err error) {
	rows, err := c.Query(query, c.lend(args))
	if err != nil {
		return found, err
	}
	defer func() { err = c.end(query, rows, err) }()
	if !rows.Next() {
		return found, onetouch.ErrNotFound
	}
	return read(c.at(rows)), nil
}

// list returns every row of a query.
func list[T any](c *connection, read func(*row) T, query string, args ...any) (found []T, err error) {
	rows, err := c.Query(query, c.lend(args))
	if err != nil {
		return nil, err
	}
	defer func() { err = c.end(query, rows, err) }()
	for rows.Next() {
		found = append(found, read(c.at(rows)))
		if c.row.err != nil {
			break
		}
	}
	return found, nil
}

// at is the row that rows have come to.
func (c *connection) at(rows engine.Rows) *row {
	c.row = row{rows: rows}
	return &c.row
}

// end closes rows. What went wrong with them counts more than what was, or was not, found by then.
func (c *connection) end(query string, rows engine.Rows, found error) error {
	err, unreadable := rows.Close(), c.row.err
	c.row = row{}
	switch {
	case err != nil:
		return err
	case unreadable != nil:
		return fmt.Errorf("database statement %q: %w", query, unreadable)
	default:
		return found
	}
}
