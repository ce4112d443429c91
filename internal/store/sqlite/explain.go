package sqlite

import (
	"errors"
	"fmt"
	"syscall"

	modernc "modernc.org/sqlite"
	"zombiezen.com/go/sqlite"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/store/engine"
)

// extendedCode is the result as SQLite tells it, with what it adds for some kinds.
func extendedCode(err error) sqlite.ResultCode {
	var migrating *modernc.Error
	if errors.As(err, &migrating) {
		return sqlite.ResultCode(migrating.Code())
	}
	return sqlite.ErrCode(err)
}

func resultCode(err error) sqlite.ResultCode { return extendedCode(err).ToPrimary() }

func isBusy(err error) bool {
	code := resultCode(err)
	return code == sqlite.ResultBusy || code == sqlite.ResultLocked
}

// explain turns a failure that lies outside the program into a refusal that says what is wrong and what to do.
func (l location) explain(err error) error {
	code := resultCode(err)
	// No space for the index of the log is a failure to read or write, to SQLite.
	if code == sqlite.ResultFull || extendedCode(err) == sqlite.ResultIOErrSHMSize {
		return l.full(err)
	}
	reasons := map[sqlite.ResultCode]string{
		sqlite.ResultBusy:     "another process keeps it locked. Wait for that process, or stop it",
		sqlite.ResultLocked:   "another process keeps it locked. Wait for that process, or stop it",
		sqlite.ResultReadOnly: "it may not be written. Make the file and its folder writable",
		sqlite.ResultPerm:     "access to it is denied. Make the file and its folder writable",
		sqlite.ResultCantOpen: "it, or a file beside it, cannot be opened. Make the file and its folder writable",
		sqlite.ResultIOErr:    "reading or writing it failed. Check the disk and its free space",
		sqlite.ResultNotADB:   "it is not an SQLite database. Move it away, or choose another file",
		sqlite.ResultCorrupt:  "it is damaged. Restore a copy, or move it away to start anew",
	}
	reason, known := reasons[code]
	switch code {
	case sqlite.ResultReadOnly, sqlite.ResultCantOpen, sqlite.ResultIOErr:
		if l.isOnReadOnly() {
			reason = onReadOnly
		}
	}
	if known {
		return engine.Unavailable(err, "Database %s cannot be used: %s.", l.name(), reason)
	}
	return err
}

// onReadOnly is a reason why a database cannot be used.
const onReadOnly = "it is on a file system that is read-only. Have that mounted for writing, or choose another place"

func (l location) full(err error) error {
	return &onetouch.Error{Code: onetouch.CodeStorageFull, Err: err, Message: fmt.Sprintf(
		"Database %s is full: there is no space left for it. Free some space and try again.", l.name())}
}

// gone is the refusal of changes that would go into a file which nobody finds any more, if there is such a one.
func (db *Database) gone() error {
	switch moved := *db.moved.Load(); moved {
	case "":
		return nil
	case db.location.path:
		return engine.Unavailable(nil, "Database %s cannot be used: its file was moved, removed or replaced while it was open. "+
			"Put it back, or start again.", db.location.name())
	default:
		return engine.Unavailable(nil, "Database %s cannot be used: its log %s was moved, removed or replaced while it was open. "+
			"Put it back, or stop the server, which keeps what was in it, and start again.", db.location.name(), moved)
	}
}

func (l location) notCreated(err error) error {
	var reason syscall.Errno
	if !errors.As(err, &reason) {
		return fmt.Errorf("creating the database %s: %w", l.path, err)
	}
	if reason == syscall.ENOSPC || reason == syscall.EDQUOT {
		return l.full(err)
	}
	return engine.Unavailable(err, "Database %s cannot be created: %s. Choose another place, or make its folder writable.",
		l.path, reason)
}
