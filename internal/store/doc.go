// Package store keeps what the domain remembers in an SQL database.
//
// The queries stand here, in files named after their nouns, and are the same for every database. What a database has for
// itself is its engine: a package that implements the port in the package engine, as sqlite does, and that passes the
// contract in storetest.
package store
