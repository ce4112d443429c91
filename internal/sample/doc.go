// Package sample is the backend of a pretend bank that uses OneTouch: two-factor login, passwordless login, and transfers
// that one person, or two of three, approve before they are carried out. It is meant to be read and copied from:
// docs/sample.md is its guide. Of this module it uses only what any backend can: pkg/authy to ask, pkg/callback to hear.
//
// Everything is kept in memory. A bank would keep it in a database; what is a mutex here would be a transaction there.
package sample
