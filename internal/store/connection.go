package store

import (
	"errors"
	"fmt"

	"zombiezen.com/go/sqlite"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// connection is one connection to the database with every statement it has prepared. One goroutine uses it at a time.
//
// It stands on the driver itself, without database/sql: a statement of ours takes the engine a microsecond or two, and
// the pool and the conversions of database/sql would take as long again.
//
// Statements are never interrupted: a transaction that carries the changes of others too would break. Who gives up waits
// no longer for a connection; the statements themselves are short.
type connection struct {
	conn       *sqlite.Conn
	statements map[string]*sqlite.Stmt
	explain    func(error) error
	// broken is the first failure of a statement in the transaction. A database may end the whole transaction with it,
	// and further statements would run, and last, each for itself; so they all fail.
	broken error
}

// mostStatements bounds the memory of prepared statements: lists have a text for each combination of their filters.
const mostStatements = 100

func (c *connection) close() error { return errors.Join(c.forget(), c.conn.Close()) }

// forget closes all prepared statements. None is in use: rows are read to their end before the next statement.
func (c *connection) forget() error {
	var errs []error
	for _, statement := range c.statements {
		errs = append(errs, statement.Finalize()) //nolint:misspell // the driver's own spelling
	}
	clear(c.statements)
	return errors.Join(errs...)
}

func (c *connection) prepare(query string) (*sqlite.Stmt, error) {
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
	statement, _, err := c.conn.PrepareTransient(query)
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

// run runs a statement to its end.
func (c *connection) run(query string, args []any, each func(*row) error) (err error) {
	statement, err := c.prepare(query)
	if err != nil {
		return err
	}
	defer func() {
		if reset := statement.Reset(); reset != nil && err == nil {
			err = c.fail(query, reset)
		}
	}()
	if err := bind(statement, args); err != nil {
		return c.fail(query, err)
	}
	for {
		found, err := statement.Step()
		if err != nil {
			return c.fail(query, err)
		}
		if !found {
			return nil
		}
		if err := each(&row{statement: statement}); err != nil {
			return c.fail(query, err)
		}
	}
}

// bind sets the parameters of a statement.
func bind(statement *sqlite.Stmt, args []any) error {
	for i, arg := range args {
		switch value := arg.(type) {
		case nil:
			statement.BindNull(i + 1)
		case int64:
			statement.BindInt64(i+1, value)
		case int:
			statement.BindInt64(i+1, int64(value))
		case bool:
			statement.BindBool(i+1, value)
		case string:
			statement.BindText(i+1, value)
		case []byte:
			statement.BindBytes(i+1, value)
		default:
			return fmt.Errorf("parameter %d is a %T, which no column takes", i+1, arg)
		}
	}
	return nil
}

func passOver(*row) error { return nil }

// exec returns how many rows it changed.
func (c *connection) exec(query string, args ...any) (int, error) {
	if err := c.run(query, args, passOver); err != nil {
		return 0, err
	}
	return c.conn.Changes(), nil
}

// execOne is exec of a statement that has to change one row.
func (c *connection) execOne(query string, args ...any) error {
	changed, err := c.exec(query, args...)
	if err == nil && changed == 0 {
		return onetouch.ErrNotFound
	}
	return err
}

// insert is execOne of an INSERT, and returns the number that the database gave to the row. (RETURNING would say it too,
// but takes SQLite several times as long as the INSERT itself.)
func (c *connection) insert(query string, args ...any) (int64, error) {
	if err := c.execOne(query, args...); err != nil {
		return 0, err
	}
	return c.conn.LastInsertRowID(), nil
}

// one returns the first row of a query, or [onetouch.ErrNotFound].
func one[T any](c *connection, read func(*row) T, query string, args ...any) (found T, err error) {
	none := true
	err = c.run(query, args, func(r *row) error {
		if none {
			none, found = false, read(r)
		}
		return r.err
	})
	if err == nil && none {
		err = onetouch.ErrNotFound
	}
	return found, err
}

// list returns every row of a query.
func list[T any](c *connection, read func(*row) T, query string, args ...any) (found []T, err error) {
	err = c.run(query, args, func(r *row) error {
		found = append(found, read(r))
		return r.err
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}
