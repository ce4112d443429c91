package postgres

import "time"

// What tests look at.
var (
	Escaped   = escaped
	Unescaped = unescaped
	Dialect   = dialect
)

// HavePatience says how long changes wait for the database.
func (db *Database) HavePatience(d time.Duration) { db.location.patience = d }
