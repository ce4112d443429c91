package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// sqliteEngine is everything that is SQLite's own; the statements in the other files are for any SQL database.
type sqliteEngine struct {
	path     string        // absolute; empty in memory
	patience time.Duration // with another process that keeps the database locked
}

// memory is the name of a database in memory.
const memory = ":memory:"

// busyStep is how long SQLite itself waits for another process, in milliseconds. It cannot be called off, and waits longer
// and longer between two looks; so it is short, and begun again until patience ends.
const (
	busyStep = 100
	patience = 10 * time.Second
)

// checkpointPages is how many pages of changes gather before they are flushed and moved into the database: 16 MB. SQLite's
// own 4 MB would wait for the disk four times as often.
const checkpointPages = 4000

func newSQLite(database string) (sqliteEngine, error) {
	if database == memory {
		return sqliteEngine{patience: patience}, nil
	}
	if scheme, _, found := strings.Cut(database, "://"); found || database == "" {
		return sqliteEngine{}, unavailable(nil, "Database %q cannot be used: it must be the path of a file, or %s.", scheme, memory)
	}
	path, err := filepath.Abs(database)
	if err != nil {
		return sqliteEngine{}, fmt.Errorf("finding the database %s: %w", database, err)
	}
	e := sqliteEngine{path: path, patience: patience}
	return e, e.ensureFile()
}

func (e sqliteEngine) inMemory() bool { return e.path == "" }

func (e sqliteEngine) name() string {
	if e.inMemory() {
		return memory
	}
	return e.path
}

// ensureFile makes an empty file, for its user only, where there is none. An existing file is looked at but not opened:
// closing it again would drop the locks that this process may hold on it (POSIX).
func (e sqliteEngine) ensureFile() error {
	info, err := os.Stat(e.path)
	switch {
	case err == nil && info.IsDir():
		return unavailable(nil, "Database %s cannot be used: it is a folder. Give the path of a file in it.", e.path)
	case err == nil && !info.Mode().IsRegular():
		return unavailable(nil, "Database %s cannot be used: it is not a file.", e.path)
	case err == nil:
		return nil
	case !errors.Is(err, fs.ErrNotExist):
		return e.notCreated(err)
	}
	if err := os.MkdirAll(filepath.Dir(e.path), 0o700); err != nil {
		return e.notCreated(err)
	}
	file, err := os.OpenFile(e.path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil // another process was faster
	}
	if err == nil {
		err = file.Close()
	}
	if err != nil {
		return e.notCreated(err)
	}
	return nil
}

func (e sqliteEngine) notCreated(err error) error {
	var reason syscall.Errno
	if !errors.As(err, &reason) {
		return fmt.Errorf("creating the database %s: %w", e.path, err)
	}
	if reason == syscall.ENOSPC || reason == syscall.EDQUOT {
		return e.full(err)
	}
	return unavailable(err, "Database %s cannot be created: %s. Choose another place, or make its folder writable.", e.path, reason)
}

// open returns a pool that makes connections; it opens none.
func (e sqliteEngine) open() (*sql.DB, error) {
	settings := url.Values{"_pragma": {
		fmt.Sprintf("busy_timeout(%d)", busyStep), "foreign_keys(1)", "synchronous(NORMAL)",
		fmt.Sprintf("wal_autocheckpoint(%d)", checkpointPages),
	}}
	name := memory
	if !e.inMemory() {
		settings.Set("mode", "rw") // never create: the file might be gone, and ours was private
		name = (&url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(e.path)}).String()
	}
	connector, err := sqlite.NewConnector(name + "?" + settings.Encode())
	if err != nil {
		return nil, fmt.Errorf("opening the database %s: %w", e.name(), err)
	}
	pool := sql.OpenDB(nestingConnector{connector})
	pool.SetMaxOpenConns(1)
	return pool, nil
}

// begin opens a transaction that may write. It waits for other processes to end theirs.
func (e sqliteEngine) begin(ctx context.Context, c *connection) error {
	var deadline time.Time
	for {
		_, err := c.exec("BEGIN IMMEDIATE")
		c.broken = nil
		if err == nil || !isBusy(err) {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if deadline.IsZero() {
			deadline = time.Now().Add(e.patience)
		}
		if time.Now().After(deadline) {
			return err
		}
	}
}

func (e sqliteEngine) foreignVersion(c *connection) (int64, error) {
	return one(c, scalar[int64], "PRAGMA data_version")
}

func resultCode(err error) int {
	var failure *sqlite.Error
	if errors.As(err, &failure) {
		return failure.Code() & 0xff // without the extension
	}
	return sqlite3.SQLITE_OK
}

func isBusy(err error) bool {
	code := resultCode(err)
	return code == sqlite3.SQLITE_BUSY || code == sqlite3.SQLITE_LOCKED
}

// explain turns a failure that lies outside the program into a refusal that says what is wrong and what to do.
func (e sqliteEngine) explain(err error) error {
	code := resultCode(err)
	if code == sqlite3.SQLITE_FULL {
		return e.full(err)
	}
	reasons := map[int]string{
		sqlite3.SQLITE_BUSY:     "another process keeps it locked. Wait for that process, or stop it",
		sqlite3.SQLITE_LOCKED:   "another process keeps it locked. Wait for that process, or stop it",
		sqlite3.SQLITE_READONLY: "it may not be written. Make the file and its folder writable",
		sqlite3.SQLITE_PERM:     "access to it is denied. Make the file and its folder writable",
		sqlite3.SQLITE_CANTOPEN: "it, or a file beside it, cannot be opened. Make the file and its folder writable",
		sqlite3.SQLITE_IOERR:    "reading or writing it failed. Check the disk and its free space",
		sqlite3.SQLITE_NOTADB:   "it is not an SQLite database. Move it away, or choose another file",
		sqlite3.SQLITE_CORRUPT:  "it is damaged. Restore a copy, or move it away to start anew",
	}
	if reason, ok := reasons[code]; ok {
		return unavailable(err, "Database %s cannot be used: %s.", e.name(), reason)
	}
	return err
}

func (e sqliteEngine) full(err error) error {
	return &onetouch.Error{Code: onetouch.CodeStorageFull, Err: err, Message: fmt.Sprintf(
		"Database %s is full: there is no space left for it. Free some space and try again.", e.name())}
}

func unavailable(cause error, format string, args ...any) error {
	return &onetouch.Error{Code: onetouch.CodeStorageUnavailable, Message: fmt.Sprintf(format, args...), Err: cause}
}
