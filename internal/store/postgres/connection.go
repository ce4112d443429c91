package postgres

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/store/engine"
)

// connection is one connection to the database with every statement it has prepared. It implements [engine.Connection].
//
// It stands on the driver's lowest layer: statements and rows are few kinds of values, which need no conversions.
type connection struct {
	conn       *pgconn.PgConn
	location   *location
	statements map[string]*pgconn.StatementDescription
	prepared   int
	// first is what is sent before the next statement, on the same way to the server and back.
	first []string
	// broken is the first failure of a statement in the transaction; all that come after it fail too.
	broken error
	lost   bool // the connection is no more
	// topics are what the change has announced, if it has.
	topics    []string
	announced bool

	values  [][]byte // of the statement that runs
	formats []int16
}

// mostStatements bounds what is prepared: lists have a text for each combination of their filters.
const mostStatements = 200

func newConnection(l *location, conn *pgconn.PgConn) *connection {
	return &connection{location: l, conn: conn, statements: map[string]*pgconn.StatementDescription{}}
}

// hush forgets what the change before has announced.
func (c *connection) hush() { c.topics, c.announced = c.topics[:0], false }

func (c *connection) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), connectTimeout)
	defer cancel()
	if c.conn.IsClosed() {
		return nil
	}
	return c.conn.Close(ctx)
}

// usable reports whether the connection can be used for another transaction.
func (c *connection) usable() bool { return !c.lost && !c.conn.IsClosed() }

// fail remembers and explains the failure of a statement.
func (c *connection) fail(query string, err error) error {
	if c.broken != nil {
		return c.broken
	}
	if isLost(err) || c.conn.IsClosed() {
		c.lost = true
	}
	explained := c.location.explain(err)
	if onetouch.CodeOf(explained) == onetouch.CodeInternal {
		explained = fmt.Errorf("database statement %q: %w", query, err)
	}
	c.broken = explained
	return explained
}

// own runs statements of the engine's own, such as the end of a transaction, before which goes what waits.
func (c *connection) own(statement string) error {
	statement = strings.Join(append(c.first, statement), "; ")
	c.first = c.first[:0]
	if _, err := c.conn.Exec(context.Background(), statement).ReadAll(); err != nil {
		return c.fail(statement, err)
	}
	return nil
}

func (c *connection) prepare(query, ending string) (*pgconn.StatementDescription, error) {
	key := query + ending
	if s, ok := c.statements[key]; ok {
		return s, nil
	}
	if len(c.statements) >= mostStatements {
		if err := c.own("DEALLOCATE ALL"); err != nil {
			return nil, err
		}
		clear(c.statements)
	}
	c.prepared++
	s, err := c.conn.Prepare(context.Background(), "s"+strconv.Itoa(c.prepared), dialect(query)+ending, nil)
	if err != nil {
		return nil, err
	}
	c.statements[key] = s
	return s, nil
}

// run begins a statement.
func (c *connection) run(query, ending string, args []any) (*rows, error) {
	if c.broken != nil {
		return nil, c.broken
	}
	if len(c.first) > 0 {
		if err := c.own("SELECT"); err != nil {
			return nil, err
		}
	}
	s, err := c.prepare(query, ending)
	if err != nil {
		return nil, c.fail(query, err)
	}
	if err := c.bind(s.ParamOIDs, args); err != nil {
		return nil, c.fail(query, err)
	}
	return &rows{connection: c, query: query,
		result: c.conn.ExecStatement(context.Background(), s, c.values, c.formats, []int16{binaryFormat})}, nil
}

const binaryFormat = 1

// bind writes the arguments as the statement's parameters want them.
func (c *connection) bind(types []uint32, args []any) error {
	if len(types) != len(args) {
		return fmt.Errorf("%d arguments for %d parameters", len(args), len(types))
	}
	c.values, c.formats = c.values[:0], c.formats[:0]
	for i, arg := range args {
		value, err := c.encode(types[i], arg)
		if err != nil {
			return fmt.Errorf("parameter %d: %w", i+1, err)
		}
		c.values, c.formats = append(c.values, value), append(c.formats, binaryFormat)
	}
	return nil
}

func (c *connection) encode(kind uint32, arg any) ([]byte, error) {
	switch value := arg.(type) {
	case nil:
		return nil, nil
	case string:
		return []byte(escaped(value)), nil
	case []byte:
		if value == nil {
			return []byte{}, nil
		}
		return value, nil
	case bool:
		if kind == pgtype.BoolOID {
			return []byte{asByte(value)}, nil
		}
		return c.number(kind, int64(asByte(value)))
	case int:
		return c.number(kind, int64(value))
	case int64:
		return c.number(kind, value)
	default:
		return nil, fmt.Errorf("a %T, which no column takes", arg)
	}
}

func asByte(b bool) byte {
	if b {
		return 1
	}
	return 0
}

func (c *connection) number(kind uint32, number int64) ([]byte, error) {
	switch kind {
	case pgtype.Int8OID:
		return binary.BigEndian.AppendUint64(nil, uint64(number)), nil
	case pgtype.Int4OID:
		if int64(int32(number)) != number {
			return nil, fmt.Errorf("%d is too large", number)
		}
		return binary.BigEndian.AppendUint32(nil, uint32(number)), nil
	default:
		return nil, fmt.Errorf("a number for a parameter of type %d", kind)
	}
}

// Query implements [engine.Connection].
func (c *connection) Query(query string, args []any) (engine.Rows, error) {
	rows, err := c.run(query, "", args)
	if err != nil {
		return nil, err
	}
	return rows, nil
}

// Exec implements [engine.Connection].
func (c *connection) Exec(query string, args []any) (changed int, err error) {
	rows, err := c.run(query, "", args)
	if err != nil {
		return 0, err
	}
	for rows.Next() {
	}
	err = rows.Close()
	return int(rows.changed), err
}

// Insert implements [engine.Connection].
func (c *connection) Insert(key, query string, args []any) (number int64, err error) {
	rows, err := c.run(query, " RETURNING "+key, args)
	if err != nil {
		return 0, err
	}
	found := rows.Next()
	if found {
		number = rows.Number(0)
	}
	if err := rows.Close(); err != nil {
		return 0, err
	}
	if !found {
		return 0, onetouch.ErrNotFound
	}
	return number, nil
}

// Renumber implements [engine.Connection]. The numbers are those of the first migration.
func (c *connection) Renumber() error {
	for _, statement := range []string{
		"ALTER SEQUENCE users_authy_id_seq RESTART", "ALTER SEQUENCE devices_id_seq RESTART",
	} {
		if _, err := c.Exec(statement, nil); err != nil {
			return err
		}
	}
	return nil
}

// Continue implements [engine.Connection].
func (c *connection) Continue() error {
	rows, err := c.Query(`SELECT table_name, column_name FROM information_schema.columns
		WHERE table_schema = current_schema() AND is_identity = 'YES' AND table_name <> '`+versions+`'`, nil)
	if err != nil {
		return err
	}
	var keys [][2]string
	for rows.Next() {
		keys = append(keys, [2]string{rows.Text(0), rows.Text(1)})
	}
	if err := rows.Close(); err != nil {
		return err
	}
	for _, key := range keys {
		if err := c.continueAbove(key[0], key[1]); err != nil {
			return err
		}
	}
	return nil
}

// continueAbove has the numbers of a table go on above those of its rows. Unlike setval it is part of the transaction.
func (c *connection) continueAbove(table, column string) error {
	rows, err := c.Query(fmt.Sprintf("SELECT COALESCE(MAX(%s), 0) FROM %s", column, table), nil)
	if err != nil {
		return err
	}
	var last int64
	if rows.Next() {
		last = rows.Number(0)
	}
	if err := rows.Close(); err != nil || last == 0 {
		return err
	}
	err = c.own(fmt.Sprintf("ALTER TABLE %s ALTER COLUMN %s RESTART WITH %d", table, column, last+1))
	return err
}

// Columns implements [engine.Connection].
func (c *connection) Columns(table string) (columns []engine.Column, err error) {
	rows, err := c.Query(`SELECT column_name, data_type, is_nullable = 'YES' FROM information_schema.columns
		WHERE table_schema = current_schema() AND table_name = ?`, []any{table})
	if err != nil {
		return nil, err
	}
	kinds := map[string]engine.Kind{"bigint": engine.Number, "text": engine.Text, "bytea": engine.Bytes}
	for rows.Next() {
		columns = append(columns, engine.Column{Name: rows.Text(0), Kind: kinds[rows.Text(1)], Nullable: rows.Bool(2)})
	}
	return columns, rows.Close()
}

// rows are what a statement finds. It implements [engine.Rows].
type rows struct {
	connection *connection
	query      string
	result     *pgconn.ResultReader
	row        [][]byte
	changed    int64
	err        error // a value that is none of ours
}

// Next implements [engine.Rows].
func (r *rows) Next() bool {
	if !r.result.NextRow() {
		return false
	}
	r.row = r.result.Values()
	return true
}

// Text implements [engine.Rows].
func (r *rows) Text(column int) string { return unescaped(string(r.row[column])) }

// Number implements [engine.Rows].
func (r *rows) Number(column int) int64 {
	switch value := r.row[column]; len(value) {
	case 8:
		return int64(binary.BigEndian.Uint64(value))
	case 4:
		return int64(int32(binary.BigEndian.Uint32(value)))
	case 1: // a boolean
		return int64(value[0])
	default:
		r.err = errors.Join(r.err, fmt.Errorf("column %d is no number", column))
		return 0
	}
}

// Bool implements [engine.Rows].
func (r *rows) Bool(column int) bool { return r.Number(column) != 0 }

// Bytes implements [engine.Rows].
func (r *rows) Bytes(column int) []byte { return append([]byte{}, r.row[column]...) }

// Close implements [engine.Rows].
func (r *rows) Close() error {
	tag, err := r.result.Close()
	if err == nil {
		err = r.err
	}
	if err != nil {
		return r.connection.fail(r.query, err)
	}
	r.changed = tag.RowsAffected()
	return nil
}
