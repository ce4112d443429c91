// Package postgres is the store's engine on PostgreSQL, 13 or later: a database that several servers share.
//
// # Who waits for whom
//
// Views run side by side, each on one snapshot, and hold nobody up. Changes take turns, within a process and between
// processes: a transaction begins with an advisory lock that it keeps until it has committed. So changes run one after
// another, the numbers they give grow in the order in which they are seen, and none has to be run again because of another.
// Changes of a process that wait for their turn anyway share one transaction, one lock and one commit, each inside its own
// savepoint: see [engine.Changes].
//
// # What is durable when Update has returned
//
// What PostgreSQL has committed. A connection that is lost in the middle loses nothing: the changes are run again on the next
// one. When it is lost at the commit, the database is asked whether that has happened.
//
// # Texts
//
// PostgreSQL keeps no zero byte in a text, and the store's contract does; see escape.go.
package postgres
