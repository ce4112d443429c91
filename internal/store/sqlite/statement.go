package sqlite

import (
	"fmt"

	"zombiezen.com/go/sqlite"
)

// statement is a prepared statement, and the rows that it finds. It implements [engine.Rows].
type statement struct {
	connection *connection
	query      string
	stmt       *sqlite.Stmt
	err        error // what went wrong since it began
}

// bind sets the parameters.
func (s *statement) bind(args []any) error {
	for i, arg := range args {
		switch value := arg.(type) {
		case nil:
			s.stmt.BindNull(i + 1)
		case int64:
			s.stmt.BindInt64(i+1, value)
		case int:
			s.stmt.BindInt64(i+1, int64(value))
		case bool:
			s.stmt.BindBool(i+1, value)
		case string:
			s.stmt.BindText(i+1, value)
		case []byte:
			s.stmt.BindBytes(i+1, value)
		default:
			return fmt.Errorf("parameter %d is a %T, which no column takes", i+1, arg)
		}
	}
	return nil
}

// Next implements [engine.Rows].
func (s *statement) Next() bool {
	if s.err != nil {
		return false
	}
	found, err := s.stmt.Step()
	if err != nil {
		s.err = s.connection.fail(s.query, err)
	}
	return found
}

// Text implements [engine.Rows].
func (s *statement) Text(column int) string { return s.stmt.ColumnText(column) }

// Number implements [engine.Rows].
func (s *statement) Number(column int) int64 { return s.stmt.ColumnInt64(column) }

// Bool implements [engine.Rows].
func (s *statement) Bool(column int) bool { return s.stmt.ColumnInt64(column) != 0 }

// Bytes implements [engine.Rows].
func (s *statement) Bytes(column int) []byte {
	value := make([]byte, s.stmt.ColumnLen(column))
	s.stmt.ColumnBytes(column, value)
	return value
}

// Close implements [engine.Rows].
func (s *statement) Close() error {
	err := s.err
	s.err = nil
	if reset := s.stmt.Reset(); reset != nil && err == nil {
		err = s.connection.fail(s.query, reset)
	}
	return err
}
