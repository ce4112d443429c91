//go:build !unix

package sqlite

// isOnReadOnly would report whether the database is on a file system to which nobody may write. There is no telling.
func (l location) isOnReadOnly() bool { return false }
