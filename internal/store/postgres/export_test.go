package postgres

import (
	"net"
	"time"
)

// What tests look at.
var (
	Escaped   = escaped
	Unescaped = unescaped
	Dialect   = dialect
)

// HavePatience says how long changes wait for the database.
func (db *Database) HavePatience(d time.Duration) { db.location.patience = d }

// Conn is the connection that changes run on.
func (db *Database) Conn() net.Conn { return db.writer.connection.conn.Conn() }
