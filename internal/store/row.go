package store

import (
	"time"

	"github.com/onetouchkit/onetouch/internal/store/engine"
)

// row is one row of a query. Each method takes the next column; what kind it is, the schema has made sure of.
type row struct {
	rows   engine.Rows
	column int
	err    error // the first column that could not be read
}

func (r *row) next() int {
	r.column++
	return r.column - 1
}

func (r *row) text() string { return r.rows.Text(r.next()) }

func (r *row) number() int64 { return r.rows.Number(r.next()) }

func (r *row) boolean() bool { return r.rows.Bool(r.next()) }

func (r *row) time() time.Time { return moment(r.number()) }

func (r *row) bytes() []byte { return r.rows.Bytes(r.next()) }

// json reads JSON text into a value, which is left as it is by null.
func (r *row) json(value any) {
	text := r.text()
	if text == "null" {
		return
	}
	if err := readJSON([]byte(text), value); err != nil && r.err == nil {
		r.err = err
	}
}

// scalar reads a query of one number.
func scalar(r *row) int64 { return r.number() }
