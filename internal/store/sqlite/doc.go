// Package sqlite is the store's engine on SQLite: a file, or a database in memory.
//
// # What is durable when Update has returned
//
// SQLite runs in WAL mode with synchronous=NORMAL. A committed change has been handed to the operating system: the
// process may crash or be killed at any instant and nothing that was acknowledged is lost. When the machine itself
// loses power the file stays consistent and every change is there whole or not at all, but the latest changes, those that
// the operating system had not written yet, may be missing (at most 16 MB of them: then SQLite flushes).
//
// # Who waits for whom
//
// Views run on connections of their own, side by side, each on one snapshot; they neither wait for changes nor hold
// them up. A glance does the same while a change is under way; else it takes a turn like one. Changes take turns, within a
// process and between processes. Those that wait for their turn anyway share one transaction and one commit, each inside
// its own savepoint: see [engine.Changes].
//
// # A file of no bytes
//
// It is an empty database to SQLite, which makes new ones so itself, and is taken as a new one here: nothing tells it from
// a file that somebody has emptied.
package sqlite
