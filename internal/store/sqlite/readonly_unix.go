//go:build unix

package sqlite

import (
	"errors"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// isOnReadOnly reports whether the database is on a file system to which nobody may write.
func (l location) isOnReadOnly() bool {
	return !l.inMemory() && errors.Is(unix.Access(filepath.Dir(l.path), unix.W_OK), unix.EROFS)
}
