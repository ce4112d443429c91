package sqlite

import (
	"errors"
	"fmt"
	"strings"

	"zombiezen.com/go/sqlite"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/store/engine"
)

// connection is one connection to the database with every statement it has prepared. It implements [engine.Connection].
//
// It stands on the driver itself, without database/sql: a statement of ours takes SQLite a microsecond or two, and
// the pool and the conversions of database/sql would take as long again.
//
// Statements are never interrupted: a transaction that carries the changes of others too would break. Who gives up waits
// no longer for a connection; the statements themselves are short.
type connection struct {
	conn       *sqlite.Conn
	statements map[string]*statement
	explain    func(error) error
	// broken is the first failure of a statement in the transaction. SQLite may end the whole transaction with it,
	// and further statements would run, and last, each for itself; so they all fail.
	broken error
}

// mostStatements bounds the memory of prepared statements: lists have a text for each combination of their filters.
const mostStatements = 100

func (c *connection) close() error { return errors.Join(c.forget(), c.conn.Close()) }

// forget closes all prepared statements. None is in use: rows are closed before the next statement.
func (c *connection) forget() error {
	var errs []error
	for _, s := range c.statements {
		errs = append(errs, s.stmt.Finalize()) //nolint:misspell // the driver's own spelling
	}
	clear(c.statements)
	return errors.Join(errs...)
}

// dialect is a statement as SQLite gets it. SQLite looks into a bare parameter of LIMIT to guess how many rows come, and so
// plans the statement anew whenever it has another value; it does not look into an expression.
func dialect(query string) string { return strings.ReplaceAll(query, "LIMIT ?", "LIMIT +?") }

func (c *connection) prepare(query string) (*statement, error) {
	if c.broken != nil {
		return nil, c.broken
	}
	if s, ok := c.statements[query]; ok {
		return s, nil
	}
	if len(c.statements) >= mostStatements {
		if err := c.forget(); err != nil {
			return nil, c.fail(query, err)
		}
	}
	stmt, _, err := c.conn.PrepareTransient(dialect(query))
	if err != nil {
		return nil, c.fail(query, err)
	}
	s := &statement{connection: c, query: query, stmt: stmt}
	c.statements[query] = s
	return s, nil
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

// Query implements [engine.Connection].
func (c *connection) Query(query string, args []any) (engine.Rows, error) {
	return c.start(query, args)
}

func (c *connection) start(query string, args []any) (*statement, error) {
	s, err := c.prepare(query)
	if err != nil {
		return nil, err
	}
	if err := s.bind(args); err != nil {
		return nil, c.fail(query, err)
	}
	return s, nil
}

// Exec implements [engine.Connection].
func (c *connection) Exec(query string, args []any) (changed int, err error) {
	s, err := c.start(query, args)
	if err != nil {
		return 0, err
	}
	for s.Next() {
	}
	if err := s.Close(); err != nil {
		return 0, err
	}
	return c.conn.Changes(), nil
}

// Insert implements [engine.Connection]. RETURNING would say the number too, but takes SQLite several times as long as the
// INSERT itself.
func (c *connection) Insert(_, query string, args []any) (number int64, err error) {
	changed, err := c.Exec(query, args)
	if err == nil && changed == 0 {
		err = onetouch.ErrNotFound
	}
	if err != nil {
		return 0, err
	}
	return c.conn.LastInsertRowID(), nil
}

// Renumber implements [engine.Connection]. The numbers are those of the first migration.
func (c *connection) Renumber() error {
	_, err := c.Exec(`UPDATE sqlite_sequence SET seq = CASE name WHEN 'users' THEN 999 ELSE 1999999 END
		WHERE name IN ('users', 'devices')`, nil)
	return err
}

// Continue implements [engine.Connection]. Numbers always go on above those that are there.
func (c *connection) Continue() error { return nil }

// Columns implements [engine.Connection].
func (c *connection) Columns(table string) (columns []engine.Column, err error) {
	rows, err := c.Query(`SELECT name, type, "notnull", pk FROM pragma_table_info(?)`, []any{table})
	if err != nil {
		return nil, err
	}
	kinds := map[string]engine.Kind{"INTEGER": engine.Number, "TEXT": engine.Text, "BLOB": engine.Bytes}
	for rows.Next() {
		columns = append(columns, engine.Column{
			Name: rows.Text(0), Kind: kinds[rows.Text(1)], Nullable: !rows.Bool(2) && rows.Number(3) == 0,
		})
	}
	return columns, rows.Close()
}

// exec runs a statement of SQLite's own, such as the end of a transaction.
func (c *connection) exec(query string) error {
	_, err := c.Exec(query, nil)
	return err
}

// number runs a statement of SQLite's own that answers with a number.
func (c *connection) number(query string) (number int64, err error) {
	rows, err := c.Query(query, nil)
	if err != nil {
		return 0, err
	}
	if rows.Next() {
		number = rows.Number(0)
	}
	return number, rows.Close()
}
