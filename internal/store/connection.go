package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// connection is one connection to the database with every statement it has prepared. One goroutine uses it at a time.
//
// Statements run under a context that never ends: the driver would start a goroutine for each to watch one that can, and
// an interrupted statement would break a transaction that carries the changes of others too. Who gives up waits no
// longer for a connection; the statements themselves are short.
type connection struct {
	conn       *sql.Conn
	statements map[string]*sql.Stmt
	explain    func(error) error
	// broken is the first failure of a statement in the transaction. A database may end the whole transaction with it,
	// and further statements would run, and last, each for itself; so they all fail.
	broken error
}

func newConnection(ctx context.Context, db *sql.DB, explain func(error) error) (*connection, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, explain(err)
	}
	return &connection{conn: conn, statements: map[string]*sql.Stmt{}, explain: explain}, nil
}

// mostStatements bounds the memory of prepared statements: lists have a text for each combination of their filters.
const mostStatements = 100

func (c *connection) close() error { return errors.Join(c.forget(), c.conn.Close()) }

// forget closes all prepared statements. None is in use: rows are read to their end before the next statement.
func (c *connection) forget() error {
	var errs []error
	for _, statement := range c.statements {
		errs = append(errs, statement.Close())
	}
	clear(c.statements)
	return errors.Join(errs...)
}

func (c *connection) prepare(query string) (*sql.Stmt, error) {
	if c.broken != nil {
		return nil, c.broken
	}
	if statement, ok := c.statements[query]; ok {
		return statement, nil
	}
	if len(c.statements) >= mostStatements {
		if err := c.forget(); err != nil {
			return nil, c.fail(query, err)
		}
	}
	statement, err := c.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, c.fail(query, err)
	}
	c.statements[query] = statement
	return statement, nil
}

// fail remembers and explains the failure of a statement.
func (c *connection) fail(query string, err error) error {
	explained := c.explain(err)
	if onetouch.CodeOf(explained) == onetouch.CodeInternal {
		explained = fmt.Errorf("database statement %q: %w", query, err)
	}
	c.broken = explained
	return explained
}

// exec returns how many rows it changed.
func (c *connection) exec(query string, args ...any) (int64, error) {
	statement, err := c.prepare(query)
	if err != nil {
		return 0, err
	}
	result, err := statement.ExecContext(context.Background(), args...)
	if err != nil {
		return 0, c.fail(query, err)
	}
	return result.RowsAffected()
}

// execOne is exec of a statement that has to change one row.
func (c *connection) execOne(query string, args ...any) error {
	changed, err := c.exec(query, args...)
	if err == nil && changed == 0 {
		return onetouch.ErrNotFound
	}
	return err
}

// row is what a reading function takes a record from.
type row interface{ Scan(columns ...any) error }

// one returns the first row of a query, or [onetouch.ErrNotFound].
func one[T any](c *connection, read func(row) (T, error), query string, args ...any) (T, error) {
	found, err := list(c, read, query, args...)
	if err != nil || len(found) == 0 {
		var none T
		if err == nil {
			err = onetouch.ErrNotFound
		}
		return none, err
	}
	return found[0], nil
}

// list returns every row of a query.
func list[T any](c *connection, read func(row) (T, error), query string, args ...any) (_ []T, err error) {
	statement, err := c.prepare(query)
	if err != nil {
		return nil, err
	}
	rows, err := statement.QueryContext(context.Background(), args...)
	if err != nil {
		return nil, c.fail(query, err)
	}
	defer func() {
		if closing := rows.Close(); closing != nil && err == nil {
			err = c.fail(query, closing)
		}
	}()
	var found []T
	for rows.Next() {
		record, err := read(rows)
		if err != nil {
			return nil, c.fail(query, err)
		}
		found = append(found, record)
	}
	if err := rows.Err(); err != nil {
		return nil, c.fail(query, err)
	}
	return found, nil
}

// scalar reads a query of one column.
func scalar[T any](r row) (T, error) {
	var value T
	err := r.Scan(&value)
	return value, err
}
