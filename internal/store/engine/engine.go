// Package engine is the port between the queries of internal/store, which are the same for every database, and the
// databases themselves. An engine is a package beside this one; it passes the contract in storetest. What engines have in common
// is here too: [Changes] says who writes when, and [Pool] keeps the connections of views.
//
// # What a statement may say
//
// Statements are SQL that the engines have in common: parameters are a bare "?" each, in the order of the arguments; times
// and other numbers are integers of 64 bits, and NULL reaches no reader. An engine translates the text once, when it
// prepares the statement, and keeps what it has prepared: a query has few texts.
//
// Two things are said to the planners of those that listen, and mean nothing to the others: CROSS JOIN asks for the tables
// in the order in which they are written, and a plus before a column asks that no index of it be used.
package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// Engine is a database that is open, with its schema up to date. It is safe for concurrent use. View, Glance and Update keep
// what [onetouch.Store] says of them; View, Glance and Update are not called from within one another.
type Engine interface {
	// View runs the read again if it has to, as when the connection to the database was lost; so does Glance.
	View(ctx context.Context, read func(Connection) error) error
	Glance(ctx context.Context, read func(Connection) error) error
	// Update runs the change again if it has to, as when the database finds that it cannot be put in one order with
	// others. The numbers that it gives to the rows of a table grow in the order of the commits: who has seen one sees no
	// smaller one appear.
	Update(ctx context.Context, change func(Connection) error) error

	// Watch calls changed whenever another process has changed the database, perhaps once for several changes, until ctx
	// ends or the engine is closed, with the topics that those changes were about; nil is anything. It calls begun once no
	// change is missed any more; what came before that is not told. An engine that is not told of changes looks for them once
	// each interval.
	Watch(ctx context.Context, interval time.Duration, begun func(), changed func(topics []string))
	// Lease waits until this process may send what is owed: on an engine that is not [Shared], until no other one does.
	Lease(ctx context.Context) (onetouch.Lease, error)
	// Close waits for what runs. Whatever comes later fails.
	Close() error
}

// Shared is an engine on whose databases several processes send what is owed.
type Shared interface {
	// Claim runs a claim in a transaction of its own, beside those of changes: each statement sees what was committed before it,
	// and waits for nobody where it says so. It is run again if it has to, as a view is.
	Claim(ctx context.Context, claim func(Connection) error) error
}

// File is an engine whose databases are files. Those of others are saved to, and restored from, a file of such an engine.
type File interface {
	// Save writes a copy of the database to a file that is not there yet.
	Save(ctx context.Context, path string) error
	// Replace runs a change, which can replace all rows of the database by those of a file that Save has written.
	Replace(ctx context.Context, path string, change func(c Connection, replace func() error) error) error
}

// Connection runs the statements of one transaction. One goroutine uses it at a time. Once a statement has failed, all
// others of the transaction fail too, and nothing of it is kept.
//
// Arguments are nil, bool, int, int64, string (of any UTF-8, a zero byte too) or []byte. They are the caller's again when the
// call has returned.
type Connection interface {
	// Query begins a statement that reads. Its rows are closed before the next statement begins.
	Query(query string, args []any) (Rows, error)
	// Exec runs a statement that writes, and returns how many rows it changed.
	Exec(query string, args []any) (changed int, err error)
	// Insert runs an INSERT of at most one row, and returns the number that the database gave to it, in the column key. It
	// fails with [onetouch.ErrNotFound] if the statement found nothing to insert.
	Insert(key, query string, args []any) (number int64, err error)
	// Renumber has the numbers that the world sees, those of users and devices, begin as in a new database. Neither has rows.
	Renumber() error
	// Continue has the numbers that the database gives go on above those of the rows that are there.
	Continue() error
	// Columns are those of a table, in whichever order.
	Columns(table string) ([]Column, error)
}

// Announcer is a connection that tells other processes what a change is about; no topic is nothing that they wait for. A change
// that does not say may be about anything.
type Announcer interface {
	Announce(topics []string)
}

// Column is a column of a table.
type Column struct {
	Name     string
	Kind     Kind
	Nullable bool
}

// Kind is what a column holds.
type Kind int

// What columns hold.
const (
	Number Kind = iota
	Text
	Bytes
)

// Rows are what a query found. Columns are counted from 0; what kind each is, the schema has made sure of.
type Rows interface {
	// Next goes to the next row, the first one at first. It returns false after the last one, and when reading fails.
	Next() bool
	Text(column int) string
	Number(column int) int64
	Bool(column int) bool
	Bytes(column int) []byte // a copy; never nil
	// Close ends the statement, and says what went wrong with it.
	Close() error
}

// Unavailable is the refusal when a database cannot be used: the message says what is wrong with it and what to do.
func Unavailable(cause error, format string, args ...any) error {
	return &onetouch.Error{Code: onetouch.CodeStorageUnavailable, Message: fmt.Sprintf(format, args...), Err: cause}
}
